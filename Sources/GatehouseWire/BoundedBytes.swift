/// Some bytes that are kept without a heap.
public struct BoundedBytes<let capacity: Int>: Sendable {
  private var storage: [capacity of UInt8]

  /// The number of bytes kept.
  public private(set) var count: Int

  /// No bytes.
  public init() {
    storage = [capacity of UInt8](repeating: 0)
    count = 0
  }

  /// A copy of the bytes, nil where there are more than `capacity`.
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
  public mutating func append(_ bytes: Span<UInt8>) {
    var position = 0
    while let byte = bytes.byte(at: position) {
      append(byte)
      position &+= 1
    }
  }

  /// Adds a text; what there is no room for is left out.
  public mutating func append(_ text: StaticString) {
    var position = 0
    while let byte = text.byte(at: position) {
      append(byte)
      position &+= 1
    }
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
