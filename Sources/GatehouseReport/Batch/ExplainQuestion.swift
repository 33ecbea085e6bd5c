public import GatehouseJSON
public import GatehousePolicy

/// A question of `gatehouse explain`, from its arguments or a line of a batch.
///
/// A line is one JSON object with the members `user` and `from` or `origin`, and optionally `service`,
/// `groups`, `at` and `role`. An unknown member, or one that is given twice, is an error.
public struct ExplainQuestion: Equatable, Sendable {
  /// The user who logs in.
  public let user: Name
  /// What PAM_RHOST would hold, or the word `self` or `local`; nil if the origin itself was named.
  public let from: String?
  /// Where the login comes from.
  public let origin: Origin
  /// The PAM service.
  public let service: Name
  /// The user's groups; nil if NSS is to be asked.
  public let groups: Set<Name>?
  /// The time of the login; nil for now.
  public let time: Instant?
  /// The role that is asked for.
  public let role: Name?
  /// The origin if it was named itself: by `origin`, or by `from` as `self` or `local`.
  public let named: OriginWord?

  /// A question with all its parts.
  public init(
    user: Name, from: String, service: Name? = nil, groups: Set<Name>? = nil,
    time: Instant? = nil, role: Name? = nil
  ) {
    self.init(
      user: user, from: from, origin: nil, service: service, groups: groups, time: time, role: role)
  }

  /// The question of a login that was, by where it came from.
  public init(user: Name, origin: Origin, service: Name, time: Instant?, role: Name?) {
    let word: OriginWord? =
      switch origin {
      case .address, .unknown(.noAddress): nil
      case .machine: .machine
      case .local: .local
      case .unknown(.notAnAddress): .unknown
      case .unknown(.session): .session
      }
    let from: String? =
      switch origin {
      case .address(let address): address.description
      case .unknown(.noAddress): ""
      default: nil
      }
    self.init(
      user: user, from: from, origin: word, service: service, groups: nil, time: time, role: role)
  }

  private init(
    user: Name, from: String?, origin word: OriginWord?, service: Name?, groups: Set<Name>?,
    time: Instant?, role: Name?
  ) {
    self.user = user
    self.from = from
    named = word ?? (from == "self" ? .machine : from == "local" ? .local : nil)
    let service = service ?? .assumedService(from: named?.origin ?? .machine)
    self.service = service
    let remoteHost = Array((from ?? "").utf8)
    origin = named?.origin ?? Origin(remoteHost: remoteHost.span, service: service)
    self.groups = groups
    self.time = time
    self.role = role
  }

  /// Reads the line in that range of the bytes, which does not include its end.
  public init(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) {
    var user: Name?
    var from: String?
    var origin: OriginWord?
    var service: Name?
    var groups: Set<Name>?
    var time: Instant?
    var role: Name?
    var seen: UInt8 = 0

    var reader = JSONReader(bytes, in: range)
    try reader.object { (reader, key) throws(JSONError) in
      guard let member = Member(rawValue: key) else {
        throw reader.error("unknown key \"\(key)\" (\(Member.list) are known)")
      }
      guard seen & member.bit == 0 else { throw reader.error("\"\(key)\" is given twice") }
      seen |= member.bit
      switch member {
      case .user: user = try Self.name(&reader)
      case .from: from = try Self.text(&reader)
      case .origin:
        let text = try Self.text(&reader)
        origin = OriginWord(rawValue: text)
        if origin == nil {
          let words = OriginWord.allCases.map(\.rawValue).joined(separator: ", ")
          throw reader.error("\"\(text)\" is not an origin (\(words))")
        }
      case .service: service = try Self.name(&reader)
      case .role: role = try Self.name(&reader)
      case .at:
        let text = try reader.string(expecting: "a string")
        time = Instant(rfc3339: text)
        if time == nil {
          throw reader.error(
            "\"\(text)\" is not an RFC 3339 time, such as 2026-11-21T12:00:00Z")
        }
      case .groups:
        var names: Set<Name> = []
        try reader.array(expecting: "a list of strings in […]") { (reader) throws(JSONError) in
          names.insert(try Self.name(&reader))
        }
        groups = names
      }
    }
    try reader.finish()
    guard let user else { throw reader.error("\"user\" is missing") }
    guard from != nil || origin != nil else { throw reader.error("\"from\" is missing") }
    guard from == nil || origin == nil else {
      throw reader.error("\"from\" and \"origin\" are both given")
    }
    self.init(
      user: user, from: from, origin: origin, service: service, groups: groups, time: time,
      role: role)
  }

  private enum Member: String, CaseIterable {
    case user, from, origin, service, groups, at, role

    /// The member's bit in a set.
    var bit: UInt8 {
      switch self {
      case .user: 1
      case .from: 2
      case .service: 4
      case .groups: 8
      case .at: 16
      case .role: 32
      case .origin: 64
      }
    }

    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
  }

  private static func name(_ reader: inout JSONReader) throws(JSONError) -> Name {
    let text = try text(&reader)
    guard !text.isEmpty else { throw reader.error("an empty name") }
    return Name(text)
  }

  /// A text without NUL, which PAM cannot hold.
  private static func text(_ reader: inout JSONReader) throws(JSONError) -> String {
    let text = try reader.string(expecting: "a string")
    guard !text.utf8.contains(0) else { throw reader.error("a text with a NUL character") }
    return text
  }
}
