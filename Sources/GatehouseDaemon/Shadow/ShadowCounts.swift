import GatehousePolicy
import GatehouseReport

/// What came out differently by one policy since a time, as it is kept over a restart of the daemon:
/// lines of words.
struct ShadowCounts: Sendable {
  /// The policy's SHA-256 in hexadecimal.
  let digest: String
  /// Since when logins are counted.
  let since: Instant
  var changes: LoginChanges

  /// The most places that are counted apart.
  static let mostPlaces = 1000

  private static let firstLine = "gatehouse changes, format 1"

  init(digest: String, since: Instant) {
    self.digest = digest
    self.since = since
    changes = LoginChanges(bound: Self.mostPlaces)
  }

  var bytes: [UInt8] {
    var lines = [
      Self.firstLine, "policy \(digest) \(since.microseconds)",
      "logins \(changes.judged) \(changes.unjudged) \(changes.unlisted)",
    ]
    for (place, count) in changes.places {
      let words: [String] = [
        "place", place.change.rawValue, place.reason.rawValue, "\(count.logins)",
        "\(count.first.microseconds)", "\(count.last.microseconds)", place.origin.description,
        word(place.user.bytes), word(place.service.bytes),
        word(place.role?.bytes), word(place.rule.map { Array($0.utf8) }),
      ]
      lines.append(words.joined(separator: " "))
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Reads what `bytes` gives; nil for anything else.
  init?(decoding bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var lines = text.split(separator: "\n").map { line in
      line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }[...]
    guard lines.popFirst()?.joined(separator: " ") == Self.firstLine,
      let policy = lines.popFirst(), policy.count == 3, policy[0] == "policy",
      let since = Instant(policy[2]),
      let logins = lines.popFirst(), logins.count == 4, logins[0] == "logins",
      let judged = count(logins[1]), let unjudged = count(logins[2]),
      let unlisted = count(logins[3])
    else { return nil }
    var places: [LoginChanges.Place: LoginChanges.Count] = [:]
    for words in lines {
      guard let (place, count) = Self.place(words) else { return nil }
      places[place] = count
    }
    digest = policy[1]
    self.since = since
    changes = LoginChanges(
      places: places, judged: judged, unjudged: unjudged, unlisted: unlisted,
      bound: Self.mostPlaces)
  }

  private static func place(
    _ words: [String]
  ) -> (LoginChanges.Place, LoginChanges.Count)? {
    guard words.count == 11, words[0] == "place", let change = AccessChange(rawValue: words[1]),
      let reason = Reason(rawValue: words[2]), let logins = count(words[3]),
      let first = Instant(words[4]), let last = Instant(words[5]),
      let origin = origin(words[6]), let user = bytes(words[7]), let service = bytes(words[8])
    else { return nil }
    var role: Name?
    var rule: String?
    if words[9] != "-" {
      guard let bytes = bytes(words[9]) else { return nil }
      role = Name(bytes: bytes)
    }
    if words[10] != "-" {
      guard let bytes = bytes(words[10]) else { return nil }
      rule = String(decoding: bytes, as: UTF8.self)
    }
    let place = LoginChanges.Place(
      user: Name(bytes: user), service: Name(bytes: service), role: role, origin: origin,
      change: change, reason: reason, rule: rule)
    return (place, LoginChanges.Count(logins: logins, first: first, last: last))
  }

  private static func origin(_ word: String) -> Origin? {
    switch word {
    case "local": .local
    case "unknown": .unknown
    default: IPAddress(word).map { .address($0) }
    }
  }

  /// What `word` has written.
  private static func bytes(_ word: String) -> [UInt8]? {
    guard word.utf8.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    var rest = word[...]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16), rest.first != "+" else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  /// Two digits a byte, so that no name holds a space; a dash for none.
  private func word(_ bytes: [UInt8]?) -> String {
    bytes.map { $0.map(hexadecimal).joined() } ?? "-"
  }
}

/// A number of logins; nil for one that could overflow by counting on.
private func count(_ word: String) -> Int? {
  Int(word).flatMap { (0...1 << 48).contains($0) ? $0 : nil }
}

extension Instant {
  /// Microseconds since the epoch.
  fileprivate init?(_ word: String) {
    guard let microseconds = Int64(word) else { return nil }
    self.init(microsecondsSinceEpoch: microseconds)
  }
}
