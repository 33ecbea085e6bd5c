/// Cuts a stream of bytes into lines.
public struct LineBuffer: Sendable {
  /// A line, or the mark for one that is too long.
  public enum Line: Equatable, Sendable {
    /// The range of the line in ``LineBuffer/bytes``, without its newline.
    case complete(Range<Int>)
    /// The line is longer than the limit; its content is not kept.
    case tooLong
  }

  /// The longest line that is kept, in bytes.
  public let limit: Int
  /// The bytes that were added and not used yet.
  public private(set) var bytes: [UInt8] = []

  private var start = 0
  private var searched = 0
  private var skipping = false

  /// A buffer for lines of at most `limit` bytes.
  public init(limit: Int) {
    self.limit = limit
  }

  /// Adds bytes; ranges that were returned before are no longer valid.
  public mutating func append(_ new: ArraySlice<UInt8>) {
    bytes.removeSubrange(..<start)
    searched -= start
    start = 0
    bytes += new
  }

  /// The next whole line; nil if more bytes have to come first.
  public mutating func next() -> Line? {
    while let newline = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = start..<newline
      start = newline + 1
      searched = start
      let isRest = skipping
      skipping = false
      if isRest { continue }
      return line.count <= limit ? .complete(line) : .tooLong
    }
    searched = bytes.count
    guard bytes.count - start > limit else { return nil }
    start = bytes.count
    defer { skipping = true }
    return skipping ? nil : .tooLong
  }

  /// The last line if the stream ended without a newline, else nil.
  public mutating func last() -> Line? {
    let line = start..<bytes.count
    start = bytes.count
    searched = start
    return line.isEmpty || skipping ? nil : .complete(line)
  }
}
