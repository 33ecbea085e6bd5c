import GatehouseControl
import GatehousePolicy
import GatehouseWire
import Testing

// Every sample comes from the requests' own description.

/// One field as it travels.
struct SampleField: Sendable {
  let tag: UInt8
  let value: [UInt8]

  var bytes: [UInt8] {
    [tag, UInt8(value.count >> 8 & 0xFF), UInt8(value.count & 0xFF)] + value
  }
}

/// A request as the samples see it: what its description says, without its type.
struct DescribedRequest: CustomTestStringConvertible, Sendable {
  let kind: RequestKind
  let fields: [Described]
  var testDescription: String { "\(kind)" }

  struct Described: Sendable {
    let tag: RequestTag
    let format: FieldFormat
    let isRequired: Bool
  }

  static let all = RequestKind.allCases.map { kind in
    func described<Asked: Request>(_: Asked.Type) -> [Described] {
      Asked.fields.map { Described(tag: $0.tag, format: $0.format, isRequired: $0.isRequired) }
    }
    return DescribedRequest(kind: kind, fields: described(kind.request))
  }

  /// A frame of this kind.
  func frame(_ fields: [SampleField]) -> [UInt8] {
    [Header.magic.0, Header.magic.1, RequestKind.version, kind.rawValue]
      + fields.flatMap(\.bytes)
  }

  /// Every field, each with its first valid value.
  var whole: [SampleField] {
    fields.map { SampleField(tag: $0.tag.rawValue, value: $0.format.valid[0]) }
  }

  /// What reading a frame of this kind gives: the frame that the request is written as, or an error.
  func read(_ frame: [UInt8]) -> Result<[UInt8], WireError> {
    func read<Asked: Request>(_: Asked.Type) -> Result<[UInt8], WireError> {
      do throws(WireError) {
        let request = try Asked(decoding: frame.span)
        return .success((try? request.frame()) ?? [])
      } catch { return .failure(error) }
    }
    return read(kind.request)
  }

  /// The error of reading a frame; nil if it could be read.
  func error(_ frame: [UInt8]) -> WireError? {
    if case .failure(let error) = read(frame) { error } else { nil }
  }
}

extension FieldFormat {
  /// Values at the bounds, the first one an ordinary one.
  var valid: [[UInt8]] {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "a"), count: count) }
    return switch self {
    case .text(let lengths), .name(let lengths):
      [
        bytes(min(max(lengths.lowerBound, 5), lengths.upperBound)), bytes(lengths.lowerBound),
        bytes(lengths.upperBound),
      ]
    case .texts(let lengths):
      [
        bytes(lengths.lowerBound) + [0] + bytes(lengths.upperBound) + [0], [],
        bytes(lengths.upperBound) + [0],
      ]
    case .seconds(let bounds):
      [min(max(bounds.lowerBound, 60), bounds.upperBound), bounds.lowerBound, bounds.upperBound]
        .map { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - $0 * 8)) } }
    case .time:
      [
        [0, 1, 2, 3, 4, 5, 6, 7], [0x80, 0, 0, 0, 0, 0, 0, 0],
        [0x7F] + [UInt8](repeating: 0xFF, count: 7),
      ]
    case .number(let bounds):
      [min(max(bounds.lowerBound, 60), bounds.upperBound), bounds.lowerBound, bounds.upperBound]
        .map { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - $0 * 8)) } }
    }
  }

  /// Values that it cannot have: too short, too long, of the wrong kind.
  var invalid: [[UInt8]] {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "a"), count: count) }
    func outside(_ lengths: ClosedRange<Int>) -> [[UInt8]] {
      (lengths.lowerBound > 0 ? [bytes(lengths.lowerBound - 1)] : [])
        + [bytes(lengths.upperBound + 1)]
    }
    return switch self {
    case .text(let lengths):
      outside(lengths) + [bytes(max(lengths.lowerBound, 1) - 1) + [0]]
    case .name(let lengths):
      outside(lengths)
        + [0, 0x0A, 0x20, 0x2C, 0x2E, 0xC3].map { bytes(lengths.lowerBound - 1) + [$0] }
    case .texts(let lengths):
      [
        bytes(1), bytes(1) + [0] + bytes(1), [0], bytes(1) + [0, 0],
        bytes(lengths.upperBound + 1) + [0],
      ]
    case .seconds(let bounds):
      [[], bytes(3), bytes(5), bytes(8)]
        + (bounds.lowerBound > 0 ? [[0, 0, 0, 0]] : [])
        + (bounds.upperBound < .max ? [[0xFF, 0xFF, 0xFF, 0xFF]] : [])
    case .time: [[], bytes(4), bytes(7), bytes(9)]
    case .number: [[], bytes(4), bytes(7), bytes(9), [UInt8](repeating: 0xFF, count: 8)]
    }
  }
}
