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

/// The first four bytes of every frame: magic, version and kind.
public struct Header: Hashable, Sendable {
  /// The bytes `GH`.
  public static let magic: (UInt8, UInt8) = (0x47, 0x48)
  /// The version of a question and an answer.
  static let version: UInt8 = 1

  /// The version of the protocol that the frame was written by.
  public let version: UInt8
  /// The code of the frame's kind.
  public let kind: UInt8

  /// Reads the header of a frame; any bytes give one or an error.
  public init(of frame: Span<UInt8>) throws(WireError) {
    guard frame.count <= WireLimit.frame else { throw .tooLong }
    guard frame.byte(at: 0) == Header.magic.0, frame.byte(at: 1) == Header.magic.1 else {
      throw .notAFrame
    }
    guard let version = frame.byte(at: 2), let kind = frame.byte(at: 3) else { throw .notAFrame }
    self.version = version
    self.kind = kind
  }

  /// Checks that a frame is a question or an answer.
  static func check(_ frame: Span<UInt8>, is kind: Kind) throws(WireError) {
    let header = try Header(of: frame)
    guard header.version == version else { throw .version }
    guard header.kind == kind.rawValue else { throw .kind }
  }
}

/// Goes through the fields of a frame, checks their bounds, and refuses one that stands twice.
public struct FieldReader {
  private let skippable: Tag?
  private var position = WireLimit.header
  private var seen: (UInt64, UInt64) = (0, 0)
  private var sawSkippable = false

  /// A reader that stands before a frame's first field.
  ///
  /// - Parameter skippable: The field with a tag of 128 or higher that this reader knows. It passes
  ///   over every other one.
  public init(knowing skippable: Tag? = nil) { self.skippable = skippable }

  /// Reads the next field; one with a tag of 128 or higher is passed over unless this reader knows it.
  ///
  /// - Parameter frame: The frame, the same at each call.
  /// - Returns: The field's tag and place; nil at the frame's end.
  /// - Throws: That the field is cut off, or stands twice.
  public mutating func next(
    in frame: Span<UInt8>
  ) throws(WireError) -> (tag: UInt8, field: Field)? {
    while position < frame.count {
      guard let tag = frame.byte(at: position),
        let high = frame.byte(at: position &+ 1),
        let low = frame.byte(at: position &+ 2)
      else { throw .truncated }
      let length = Int(high) &<< 8 | Int(low)
      let start = position &+ WireLimit.fieldHeader
      guard length <= frame.count &- start else { throw .truncated }
      position = start &+ length
      if tag >= FieldReader.firstSkippable {
        guard tag == skippable?.rawValue else { continue }
        guard !sawSkippable else { throw .repeatedField }
        sawSkippable = true
      } else {
        try note(tag)
      }
      return (
        tag,
        Field(
          offset: UInt16(truncatingIfNeeded: start), count: UInt16(truncatingIfNeeded: length))
      )
    }
    return nil
  }

  private static let firstSkippable: UInt8 = 128

  private mutating func note(_ tag: UInt8) throws(WireError) {
    let bit = UInt64(1) &<< UInt64(tag & 63)
    if tag < 64 {
      guard seen.0 & bit == 0 else { throw .repeatedField }
      seen.0 |= bit
    } else {
      guard seen.1 & bit == 0 else { throw .repeatedField }
      seen.1 |= bit
    }
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

  /// A text of printable ASCII without spaces.
  func printable(_ field: Field, _ lengths: ClosedRange<Int>) throws(WireError) -> Field {
    let checked = try text(field, lengths)
    let text = bytes(of: checked)
    var position = 0
    while let byte = text.byte(at: position) {
      guard 0x21...0x7E ~= byte else { throw .badValue }
      position &+= 1
    }
    return checked
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
