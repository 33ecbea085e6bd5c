import GatehousePolicy
import GatehouseWire

/// A text of the log, as UTF-8.
///
/// What is written here stays as it is; whatever is interpolated is made safe to show, so that no
/// user name, remote host or text of a broken policy can end its line or command a terminal.
///
/// There may be thousands of entries a second, and each takes a processor from whoever asks: so it
/// is bytes, and no `String`, whose parts take many times as long to put together.
struct LogText: ExpressibleByStringInterpolation, Sendable {
  private(set) var bytes: [UInt8] = []

  /// A text from outside.
  init(_ text: String) { bytes.append(displaying: text) }

  /// Names, with commas between them.
  init(joining names: [Name]) {
    for name in names {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      bytes.append(displaying: name.bytes)
    }
  }

  init(stringLiteral text: StaticString) { bytes.append(text) }

  init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

  static func += (text: inout LogText, more: LogText) { text.bytes += more.bytes }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    init(literalCapacity: Int, interpolationCount: Int) {
      bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    mutating func appendLiteral(_ text: StaticString) { bytes.append(text) }
    mutating func appendInterpolation(_ text: LogText) { bytes += text.bytes }
    mutating func appendInterpolation(_ text: String) { bytes.append(displaying: text) }
    mutating func appendInterpolation(_ name: Name) { bytes.append(displaying: name.bytes) }
    mutating func appendInterpolation(_ number: Int) { bytes.append(decimal: number) }
    mutating func appendInterpolation(_ origin: Origin) { origin.write(to: &bytes) }
    mutating func appendInterpolation(_ rule: SourceLocation) {
      bytes.append(displaying: rule.file)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(decimal: rule.line)
    }
  }
}

extension [UInt8] {
  /// Adds the bytes of a text that is written in the code.
  mutating func append(_ text: StaticString) { append(text.bytes) }

  /// Adds the bytes of a span.
  mutating func append(_ more: Span<UInt8>) {
    // SAFETY: the buffer is valid for the length of the call.
    unsafe more.withUnsafeBufferPointer { buffer in unsafe append(contentsOf: buffer) }
  }
}
