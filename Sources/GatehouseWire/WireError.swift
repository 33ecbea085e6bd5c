/// Why a frame was not understood.
///
/// Each one closes the connection it came by, and nothing else.
public enum WireError: Error, Hashable, Sendable {
  /// It does not begin with the two bytes `GH`, or is shorter than a header.
  case notAFrame
  /// It is longer than a frame may be.
  case tooLong
  /// It is of another version of the protocol.
  case version
  /// It is of a kind that does not exist, or that was not asked for here.
  case kind
  /// A field begins and the frame ends before it does.
  case truncated
  /// A field that must be understood and is not, or does not belong to this kind of frame.
  case unknownField
  /// A field stands twice that may stand once.
  case repeatedField
  /// A field is missing that must be there.
  case missingField
  /// A field has a length or a value that it cannot have.
  case badValue

  /// What is wrong, as a phrase for a log line.
  ///
  /// Always inlined, as what makes bytes of a text has checks that only a literal leaves out.
  @inlinable
  public var phrase: StaticString {
    @inline(__always)
    get {
      switch self {
      case .notAFrame: "it is not a Gatehouse frame"
      case .tooLong: "it is longer than 4096 bytes"
      case .version: "it is of another protocol version"
      case .kind: "it is of a kind that is not expected here"
      case .truncated: "it ends in the middle of a field"
      case .unknownField: "it holds a field that is not known here"
      case .repeatedField: "it holds a field twice"
      case .missingField: "a field is missing"
      case .badValue: "a field has a value that it cannot have"
      }
    }
  }
}
