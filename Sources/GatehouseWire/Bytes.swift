// The accesses that everything in this module is built on. They are total: whatever the numbers
// are, they neither trap nor read outside the span.

extension Span<UInt8> {
  /// The byte at a position, or nil outside the span.
  @inlinable
  public func byte(at position: Int) -> UInt8? {
    guard position >= 0, position < count else { return nil }
    // SAFETY: the guard above is the bounds check.
    return unsafe self[unchecked: position]
  }

  /// `count` bytes from `offset` on, cut off at the span's end.
  @inlinable
  @_lifetime(copy self)
  public func bytes(from offset: Int, count length: Int) -> Span<UInt8> {
    extracting(droppingFirst: Swift.max(offset, 0)).extracting(first: Swift.max(length, 0))
  }

  /// The bytes of a field that was decoded from this frame.
  ///
  /// A field of another frame gives other bytes, or fewer; never any from outside the span.
  @inlinable
  @_lifetime(copy self)
  public func bytes(of field: Field) -> Span<UInt8> {
    bytes(from: Int(field.offset), count: Int(field.count))
  }

  /// The bytes of a field that may be absent; an absent one has none.
  @inlinable
  @_lifetime(copy self)
  public func bytes(of field: Field?) -> Span<UInt8> {
    guard let field else { return bytes(from: 0, count: 0) }
    return bytes(of: field)
  }

  /// The bytes up to the first space.
  public var firstWord: Span<UInt8> {
    @_lifetime(copy self)
    get {
      var length = 0
      while let byte = byte(at: length), byte != 0x20 { length &+= 1 }
      return bytes(from: 0, count: length)
    }
  }

  /// Whether both hold the same bytes.
  @inlinable
  public func hasSameBytes(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var position = 0
    while let byte = byte(at: position) {
      if byte != other.byte(at: position) { return false }
      position &+= 1
    }
    return true
  }

  /// Whether the bytes are those of `text`.
  @inlinable
  @inline(__always)
  public func hasSameBytes(as text: StaticString) -> Bool { hasSameBytes(as: text.bytes) }
}

extension StaticString {
  /// The text's bytes.
  ///
  /// Always inlined: for a literal nothing of the checks is left, nor of what they would trap on.
  @inlinable
  public var bytes: Span<UInt8> {
    @inline(__always)
    @_lifetime(immortal)
    get {
      guard hasPointerRepresentation else { return Span() }
      // SAFETY: the text lives as long as the program, and its count is its own.
      let span = unsafe Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
      return unsafe _overrideLifetime(span, copying: ())
    }
  }
}

extension MutableSpan<UInt8> {
  /// Stores a byte; outside the span nothing happens.
  @inlinable
  @_lifetime(self: copy self)
  mutating func set(_ byte: UInt8, at position: Int) {
    guard position >= 0, position < count else { return }
    // SAFETY: the guard above is the bounds check.
    unsafe self[unchecked: position] = byte
  }
}
