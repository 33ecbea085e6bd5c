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

  /// Adds a text that is written in the code.
  mutating func append(_ text: StaticString) { bytes.append(text.bytes) }

  /// Adds a value.
  mutating func append(_ value: some LogValue) { value.write(to: &bytes) }

  /// Adds names, with commas between them.
  mutating func append(joining names: [Name]) {
    var isFirst = true
    for name in names {
      if !isFirst { append(",") }
      isFirst = false
      append(name)
    }
  }
}

/// What a text of the log can say of something.
protocol LogValue {
  /// Adds it to the bytes of a text, made safe to show.
  func write(to bytes: inout [UInt8])
}

extension String: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(displaying: self) }
}

extension Name: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(displaying: self.bytes) }
}

extension Int: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(decimal: self) }
}

extension Origin: LogValue {}

extension SourceLocation: LogValue {
  func write(to bytes: inout [UInt8]) {
    bytes.append(displaying: file)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(decimal: line)
  }
}
