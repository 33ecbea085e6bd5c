/// At most `capacity` bytes, without a heap.
public struct BoundedBytes<let capacity: Int>: Sendable {
  private var storage: [capacity of UInt8]

  /// The number of bytes kept.
  public private(set) var count: Int

  /// No bytes.
  public init() {
    storage = [capacity of UInt8](repeating: 0)
    count = 0
  }

  /// A copy of the bytes; nil if there are more than `capacity`.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.count <= capacity else { return nil }
    self.init()
    append(bytes)
  }

  /// The bytes kept.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.bytes(from: 0, count: count) }
  }

  /// Adds a byte; one for which there is no room is left out.
  public mutating func append(_ byte: UInt8) {
    guard count < capacity else { return }
    var span = storage.mutableSpan
    span.set(byte, at: count)
    count &+= 1
  }

  /// Adds bytes; those for which there is no room are left out.
  ///
  /// Never inlined: it stands behind every clause of every log line.
  @inline(never)
  public mutating func append(_ bytes: Span<UInt8>) {
    var position = 0
    while let byte = bytes.byte(at: position) {
      append(byte)
      position &+= 1
    }
  }

  /// Adds a text; what there is no room for is left out.
  @inlinable
  @inline(__always)
  public mutating func append(_ text: StaticString) { append(text.bytes) }

  /// Adds bytes from outside so that they can stand in a log line, between quotation marks.
  ///
  /// All but printable ASCII, and `"` and `\\`, is written as `\\x` and two hexadecimal digits.
  public mutating func append(escaping bytes: Span<UInt8>) {
    var position = 0
    while let byte = bytes.byte(at: position) {
      switch byte {
      case 0x22, 0x5C, 0...0x1F, 0x7F...0xFF:
        append("\\x")
        append(hexadecimal: byte &>> 4)
        append(hexadecimal: byte & 15)
      default: append(byte)
      }
      position &+= 1
    }
  }

  private mutating func append(hexadecimal digit: UInt8) {
    append(digit &+ (digit < 10 ? 0x30 : 0x57))
  }

  /// Adds a number in decimal digits; what there is no room for is left out.
  public mutating func append(decimal number: UInt32) {
    var unit: UInt32 = 1_000_000_000
    while unit > 1, number < unit { unit /= 10 }
    while unit > 0 {
      append(UInt8(truncatingIfNeeded: number / unit % 10) &+ 0x30)
      unit /= 10
    }
  }
}
