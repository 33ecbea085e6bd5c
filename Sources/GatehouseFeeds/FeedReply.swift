public import GatehousePolicy

/// What gatehouse-fetch says on its standard output.
///
/// The first line says which of these it is, and the last one is `end`: a reply without it was cut.
public enum FeedReply: Hashable, Sendable {
  /// The content is the one that the marks of the request are of.
  case unchanged
  /// The addresses of a file or database, with marks to ask for the next ones.
  case found(AddressSet, marks: [String: String])
  /// What came of each name, in the order of the request.
  case names([FoundName])
  /// Why there is nothing: one line without control characters, with place and problem.
  case failed(String)

  /// A name, and what the resolver said of it.
  public struct FoundName: Hashable, Sendable {
    /// What it has.
    public enum Outcome: Hashable, Sendable {
      /// Its addresses, already widened; at least one.
      case found(AddressSet)
      /// Why it has none: one line without control characters.
      case failed(String)
    }

    /// The name as the request has it.
    public let name: String
    /// What it has.
    public let outcome: Outcome

    /// What came of a name.
    public init(_ name: String, _ outcome: Outcome) {
      self.name = name
      self.outcome = outcome
    }
  }

  /// The most bytes of a reply, and of the addresses in it.
  public static let mostBytes = 64 << 20
  /// The most bytes of a reason; the rest is left out.
  public static let longestReason = 1000

  /// A failure for a reason from wherever: control characters are escaped, and it is shortened.
  public static func failure(_ reason: String) -> FeedReply { .failed(oneLine(reason)) }

  /// A text as one line that is fit to be a reason.
  public static func oneLine(_ reason: String) -> String {
    let line = displayText(of: reason)
    guard line.utf8.count > longestReason else { return line }
    var short = ""
    for character in line {
      guard short.utf8.count + character.utf8.count <= longestReason - 3 else { break }
      short.append(character)
    }
    return short + "…"
  }
}

// MARK: - The lines

extension FeedReply {
  private static let end = "end"

  /// The reply in lines.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .unchanged: bytes += "unchanged\n".utf8
    case .failed(let reason): bytes += "failed: \(reason)\n".utf8
    case .found(let addresses, let marks):
      bytes += "found\n".utf8
      for mark in marks.sorted(by: { $0.key < $1.key }) {
        bytes += "mark: \(mark.key) \(mark.value)\n".utf8
      }
      bytes += "\n".utf8
      bytes += addresses.lines
    case .names(let names):
      bytes += "names\n".utf8
      for name in names {
        bytes += "name: \(name.name)\n".utf8
        switch name.outcome {
        case .found(let addresses): bytes += addresses.lines
        case .failed(let problem): bytes += "problem: \(problem)\n".utf8
        }
      }
    }
    return bytes + "\(Self.end)\n".utf8
  }

  /// Reads the lines of a reply.
  public init(decoding bytes: [UInt8]) throws(FeedMessageError) {
    var lines = try FeedLines.lines(of: bytes, atMost: Self.mostBytes)[...]
    guard lines.count >= 2, lines.popLast() == Self.end[...], let first = lines.popFirst() else {
      throw FeedMessageError("it is cut: its last line is missing")
    }
    switch first {
    case "found": self = try Self.found(lines)
    case "names": self = .names(try Self.names(lines))
    case "unchanged":
      guard lines.isEmpty else { throw FeedMessageError("it goes on after `unchanged`") }
      self = .unchanged
    default:
      let (name, reason) = try FeedLines.parts(of: first)
      guard name == "failed", lines.isEmpty else {
        throw FeedMessageError("it begins with `\(displayText(of: String(first)))`")
      }
      self = .failed(try Self.checked(reason))
    }
  }

  private static func found(_ lines: ArraySlice<Substring>) throws(FeedMessageError) -> FeedReply {
    var lines = lines
    var marks: [String: String] = [:]
    while let line = lines.popFirst() {
      guard !line.isEmpty else {
        return .found(try addresses(lines), marks: marks)
      }
      let (key, text) = try FeedLines.parts(of: line)
      let (name, value) = try FeedLines.mark(text)
      guard key == "mark", marks.updateValue(value, forKey: name) == nil else {
        throw FeedMessageError("`\(displayText(of: String(line)))` is no mark of it")
      }
    }
    throw FeedMessageError("it has no addresses")
  }

  private static func names(
    _ lines: ArraySlice<Substring>
  ) throws(FeedMessageError) -> [FoundName] {
    var lines = lines
    var names: [FoundName] = []
    while let line = lines.popFirst() {
      let (key, name) = try FeedLines.parts(of: line)
      guard key == "name", names.count < NetworkSource.mostItems else {
        throw FeedMessageError("`\(displayText(of: String(line)))` stands where a name should")
      }
      if let next = lines.first, next.hasPrefix("problem: ") {
        lines = lines.dropFirst()
        names.append(
          FoundName(name, .failed(try checked(String(next.dropFirst("problem: ".count))))))
      } else {
        let own = lines.prefix { !$0.hasPrefix("name: ") }
        lines = lines.dropFirst(own.count)
        names.append(FoundName(name, .found(try addresses(own))))
      }
    }
    return names
  }

  private static func addresses(
    _ lines: ArraySlice<Substring>
  ) throws(FeedMessageError) -> AddressSet {
    var builder = AddressSetBuilder(capacity: lines.count)
    for line in lines {
      guard let range = try? AddressRange(reading: line.utf8.span) else {
        throw FeedMessageError("the line `\(displayText(of: String(line)))` is no address")
      }
      builder.insert(range)
    }
    let addresses = builder.finish()
    guard !addresses.isEmpty else { throw FeedMessageError("it has no addresses") }
    return addresses
  }

  private static func checked(_ reason: String) throws(FeedMessageError) -> String {
    guard !reason.isEmpty, oneLine(reason) == reason else {
      throw FeedMessageError("its reason is no line of text")
    }
    return reason
  }
}
