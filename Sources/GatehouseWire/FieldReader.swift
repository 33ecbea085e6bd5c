/// Where a field's value lies in the frame it was decoded from.
///
/// `Span.bytes(of:)` gives the bytes.
public struct Field: Hashable, Sendable {
  /// The position of the first byte in the frame.
  public let offset: UInt16
  /// The number of bytes.
  public let count: UInt16

  /// Nothing: what a field is before it was read.
  static let none = Field(offset: 0, count: 0)
}

/// The first four bytes of every frame.
enum Header {
  /// The bytes `GH`.
  static let magic: (UInt8, UInt8) = (0x47, 0x48)
  static let version: UInt8 = 1

  /// The kind of a frame, once its header has been checked.
  static func kind(of frame: Span<UInt8>) throws(WireError) -> Kind {
    guard frame.count <= WireLimit.frame else { throw .tooLong }
    guard frame.byte(at: 0) == magic.0, frame.byte(at: 1) == magic.1 else { throw .notAFrame }
    guard let found = frame.byte(at: 2), let code = frame.byte(at: 3) else { throw .notAFrame }
    guard found == version else { throw .version }
    guard let kind = Kind(rawValue: code) else { throw .kind }
    return kind
  }
}

/// Goes through the fields of a frame: finds their bounds, and what stands twice.
struct FieldReader {
  private var position = WireLimit.header
  private var seen: UInt64 = 0

  /// The next field that this reader knows, or nil at the frame's end.
  mutating func next(in frame: Span<UInt8>) throws(WireError) -> (tag: Tag, field: Field)? {
    while position < frame.count {
      guard let code = frame.byte(at: position),
        let high = frame.byte(at: position &+ 1),
        let low = frame.byte(at: position &+ 2)
      else { throw .truncated }
      let length = Int(high) &<< 8 | Int(low)
      let start = position &+ WireLimit.fieldHeader
      guard length <= frame.count &- start else { throw .truncated }
      position = start &+ length
      guard let tag = Tag(rawValue: code) else {
        if code >= FieldReader.firstSkippable { continue }
        throw .unknownField
      }
      try note(tag)
      return (
        tag,
        Field(
          offset: UInt16(truncatingIfNeeded: start), count: UInt16(truncatingIfNeeded: length))
      )
    }
    return nil
  }

  private static let firstSkippable: UInt8 = 128

  /// Refuses a field that stands twice, but for the groups, which stand once each.
  private mutating func note(_ tag: Tag) throws(WireError) {
    guard tag != .group else { return }
    let bit = UInt64(1) &<< UInt64(tag.rawValue)
    guard seen & bit == 0 else { throw .repeatedField }
    seen |= bit
  }
}

extension Span<UInt8> {
  /// The value of a field of `bytes` bytes, most significant first.
  func number(_ field: Field, bytes length: Int) throws(WireError) -> UInt64 {
    guard Int(field.count) == length else { throw .badValue }
    var value: UInt64 = 0
    var position = 0
    let digits = bytes(of: field)
    while let byte = digits.byte(at: position) {
      value = value &<< 8 | UInt64(byte)
      position &+= 1
    }
    return value
  }

  func byte(_ field: Field) throws(WireError) -> UInt8 {
    UInt8(truncatingIfNeeded: try number(field, bytes: 1))
  }

  func word(_ field: Field) throws(WireError) -> UInt32 {
    UInt32(truncatingIfNeeded: try number(field, bytes: 4))
  }

  /// A text of bounded length without NUL, so that it can be a C string on either side.
  func text(_ field: Field, _ lengths: ClosedRange<Int>) throws(WireError) -> Field {
    guard Int(field.count) >= lengths.lowerBound, Int(field.count) <= lengths.upperBound else {
      throw .badValue
    }
    let text = bytes(of: field)
    var position = 0
    while let byte = text.byte(at: position) {
      guard byte != 0 else { throw .badValue }
      position &+= 1
    }
    return field
  }

  /// A text that is made of letters, digits, `_` and `-`, and `also`.
  func name(_ field: Field, _ lengths: ClosedRange<Int>, also: UInt8? = nil)
    throws(WireError) -> Field
  {
    let checked = try text(field, lengths)
    let text = bytes(of: checked)
    var position = 0
    while let byte = text.byte(at: position) {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: break
      default: guard byte == also else { throw .badValue }
      }
      position &+= 1
    }
    return checked
  }
}
