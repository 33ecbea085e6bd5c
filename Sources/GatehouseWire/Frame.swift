/// Room for the longest frame, to write or receive one without a heap.
public typealias FrameStorage = [4096 of UInt8]

/// A frame being written.
///
/// It lies where it is declared and never touches the heap.
///
/// A field that does not fit makes the frame `overflowed`; such a frame must not be sent.
public struct Frame: ~Copyable {
  private var storage: FrameStorage
  private var count: Int
  /// Where the field timeLeft begins; nil until it is set.
  private var timeLeftStart: Int?

  /// True once a field did not fit.
  ///
  /// The frame then lacks that field and all after it.
  public private(set) var overflowed: Bool

  /// A frame of this kind without fields.
  public init(_ kind: Kind) {
    storage = FrameStorage(repeating: 0)
    count = 0
    overflowed = false
    begin(kind)
  }

  /// Begins anew with a frame of this kind, without fields.
  ///
  /// For a server that writes many: clearing the room for each would cost more than writing it.
  public mutating func begin(_ kind: Kind) {
    count = 0
    timeLeftStart = nil
    overflowed = false
    put(Header.magic.0)
    put(Header.magic.1)
    put(Header.version)
    put(kind.rawValue)
  }

  /// The frame as it travels.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.bytes(from: 0, count: count) }
  }

  /// Adds a field.
  public mutating func append(_ tag: Tag, _ value: Span<UInt8>) {
    guard begin(tag, length: value.count) else { return }
    var position = 0
    while let byte = value.byte(at: position) {
      put(byte)
      position &+= 1
    }
  }

  /// Adds a field that is recorded only, or whose rest says nothing: cut to `limit` bytes.
  public mutating func append(_ tag: Tag, _ value: Span<UInt8>, cutAt limit: Int) {
    append(tag, value.bytes(from: 0, count: limit))
  }

  /// Adds a field of one byte.
  public mutating func append(_ tag: Tag, byte value: UInt8) {
    guard begin(tag, length: 1) else { return }
    put(value)
  }

  /// Adds a field of four bytes.
  public mutating func append(_ tag: Tag, word value: UInt32) {
    guard begin(tag, length: 4) else { return }
    put(bigEndian: UInt64(value), bytes: 4)
  }

  /// Sets the field that says how long the asker still waits.
  ///
  /// It is the last one: setting it again replaces it, for another attempt with the same question.
  public mutating func setTimeLeft(milliseconds: UInt32) {
    if let timeLeftStart { count = timeLeftStart }
    timeLeftStart = count
    append(.timeLeft, word: milliseconds)
  }

  /// Writes tag and length if the whole field fits.
  private mutating func begin(_ tag: Tag, length: Int) -> Bool {
    let room = WireLimit.frame &- count &- WireLimit.fieldHeader
    guard !overflowed, length <= room else {
      overflowed = true
      return false
    }
    put(tag.rawValue)
    put(bigEndian: UInt64(truncatingIfNeeded: length), bytes: 2)
    return true
  }

  private mutating func put(bigEndian value: UInt64, bytes: Int) {
    var left = bytes
    while left > 0 {
      left &-= 1
      put(UInt8(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: left &* 8)))
    }
  }

  private mutating func put(_ byte: UInt8) {
    var span = storage.mutableSpan
    span.set(byte, at: count)
    count &+= 1
  }
}
