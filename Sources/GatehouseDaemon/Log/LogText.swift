import GatehousePolicy
import GatehouseWire

/// A text of the log, as UTF-8.
///
/// What is written in the code stays as it is; whatever else comes in is made safe to show, so that
/// no user name, remote host or text of a broken policy can end its line or command a terminal.
///
/// There may be thousands of entries a second, and each takes a processor from whoever asks: so it
/// is bytes, and no `String`, whose parts take many times as long to put together.
struct LogText: Sendable {
  private(set) var bytes: [UInt8] = []

  /// An empty text with room for so many bytes.
  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// A text from outside.
  init(_ text: String) { append(text) }

  /// Adds a text that is written in the code.
  mutating func append(_ text: StaticString) { bytes.append(text.bytes) }

  /// Adds a value.
  mutating func append(_ value: some LogValue) { value.write(to: &self) }

  /// Adds names, with commas between them.
  mutating func append(joining names: [Name]) {
    var isFirst = true
    for name in names {
      if !isFirst { append(",") }
      isFirst = false
      append(name)
    }
  }

  fileprivate mutating func append(displaying text: String) { bytes.append(displaying: text) }
  fileprivate mutating func append(displaying text: [UInt8]) { bytes.append(displaying: text) }
  fileprivate mutating func append(decimal number: Int) { bytes.append(decimal: number) }
  fileprivate mutating func append(origin: Origin) { origin.write(to: &bytes) }
}

/// What a text of the log can say of something.
protocol LogValue {
  /// Adds it to a text, made safe to show.
  func write(to text: inout LogText)
}

extension String: LogValue {
  func write(to text: inout LogText) { text.append(displaying: self) }
}

extension Name: LogValue {
  func write(to text: inout LogText) { text.append(displaying: bytes) }
}

extension Int: LogValue {
  func write(to text: inout LogText) { text.append(decimal: self) }
}

extension Origin: LogValue {
  func write(to text: inout LogText) { text.append(origin: self) }
}

extension SourceLocation: LogValue {
  func write(to text: inout LogText) {
    text.append(displaying: file)
    text.append(":")
    text.append(decimal: line)
  }
}
