import GatehousePlatform
import GatehousePolicy

/// The codes that are open, and who has caused how many.
///
/// Of a code only a salted hash is here. Whoever calls gives the time by both clocks: a code ends by
/// the one that is first.
struct Codes: Sendable {
  /// The characters of a code: none of them looks or sounds like another one.
  private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTUVWXYZ".utf8)
  /// How many characters a code has.
  private static let length = 10
  /// How long a code counts.
  static let lifetime = Duration.seconds(600)
  /// How many wrong codes end the right one.
  static let mostTries = 3
  /// The most codes that are open at once.
  static let mostOpen = 256
  /// For how long a code counts among those that a user has caused.
  static let day = Duration.seconds(86_400)
  /// The most codes that all users together can cause in that time.
  static let mostCaused = 2048

  /// A code that is open: for one user, one address, and the service and role of one denial.
  struct Code: Hashable, Sendable {
    /// The id of the denial.
    let denial: String
    /// As the directory spells the name.
    let user: Name
    let address: IPAddress
    let service: Name
    let role: Name?
    let salt: [UInt8]
    let hash: [UInt8]
    let made: Instant
    let until: Instant
    /// How many wrong ones were entered.
    var tries = 0
    /// Whether its letter was taken.
    var isSent = false

    /// Whether a text is the code.
    func matches(_ text: [UInt8]) -> Bool { Codes.hash(of: text, salt) == hash }
  }

  /// A code that a user has caused.
  struct Cause: Hashable, Sendable {
    let user: Name
    let time: Instant
  }

  /// What is kept over a restart.
  struct Kept: Hashable, Sendable {
    var open: [Code] = []
    var causes: [Cause] = []
  }

  /// Whether a user may have a code.
  enum Standing: Hashable, Sendable {
    case mayHave
    /// They have one for this place.
    case has
    /// They have one for this address, but for another service or role.
    case hasAnother
    /// They have caused as many as they may, or all users together have.
    case overLimit
  }

  /// What came of a code that was entered.
  enum Outcome: Hashable, Sendable {
    /// None is open.
    case none
    /// It was right, and does not count any more.
    case right(Code)
    /// It was wrong.
    case wrong(Code)
    /// It was wrong, and the right one does not count any more.
    case ended(Code)
  }

  private(set) var kept = Kept()
  /// The latest end of each code, by its denial.
  private var deadlines: [String: Uptime] = [:]

  /// Takes up what was kept; a code whose letter was not taken is gone with the letter.
  mutating func takeUp(_ kept: Kept, _ now: Instant, _ uptime: Uptime) {
    self.kept = kept
    self.kept.open.removeAll { !$0.isSent }
    for code in self.kept.open {
      let left = min(code.until - now, Self.lifetime)
      deadlines[code.denial] = uptime + max(.zero, left)
    }
    endOver(now, uptime)
  }

  /// Whether a user may have a code for a place, of so many in 24 hours.
  mutating func standing(
    of user: Name, from address: IPAddress, by service: Name, role: Name?, perDay: Int,
    _ now: Instant, _ uptime: Uptime
  ) -> Standing {
    endOver(now, uptime)
    if let code = kept.open.first(where: { $0.user == user && $0.address == address }) {
      return code.service == service && code.role == role ? .has : .hasAnother
    }
    let isOver =
      kept.open.count >= Self.mostOpen || kept.causes.count >= Self.mostCaused
      || kept.causes.count { $0.user == user } >= perDay
    return isOver ? .overLimit : .mayHave
  }

  /// Adds a code that is made of random bytes, and gives it in the clear.
  mutating func add(
    for user: Name, from address: IPAddress, by service: Name, role: Name?, denial: String,
    _ now: Instant, _ uptime: Uptime
  ) throws(SystemError) -> (code: Code, text: String) {
    let text = try Self.text()
    let salt = try Machine.randomBytes(16)
    let code = Code(
      denial: denial, user: user, address: address, service: service, role: role, salt: salt,
      hash: Self.hash(of: text, salt), made: now, until: now + Self.lifetime)
    kept.open.append(code)
    kept.causes.append(Cause(user: user, time: now))
    deadlines[denial] = uptime + Self.lifetime
    return (code, String(decoding: text, as: UTF8.self))
  }

  /// The open code of a user for one of some places; nil if there is none.
  mutating func open(
    for user: Name, from addresses: [IPAddress], by service: Name, _ now: Instant, _ uptime: Uptime
  ) -> Code? {
    endOver(now, uptime)
    return kept.open.first {
      $0.user == user && $0.service == service && addresses.contains($0.address)
    }
  }

  /// Whether anybody has an open code for one of some places.
  func mayBeOpen(from addresses: [IPAddress], by service: Name) -> Bool {
    kept.open.contains { $0.service == service && addresses.contains($0.address) }
  }

  /// Tries a text on the open code of a user for one of some places.
  mutating func enter(
    _ text: [UInt8], for user: Name, from addresses: [IPAddress], by service: Name,
    _ now: Instant, _ uptime: Uptime
  ) -> Outcome {
    guard var code = open(for: user, from: addresses, by: service, now, uptime),
      let index = kept.open.firstIndex(where: { $0.denial == code.denial })
    else { return .none }
    if code.matches(text) {
      end(code)
      return .right(code)
    }
    code.tries += 1
    if code.tries >= Self.mostTries {
      end(code)
      return .ended(code)
    }
    kept.open[index] = code
    return .wrong(code)
  }

  /// The letters of these codes were taken; false if none of them is open and was not known to be.
  mutating func note(sent denials: Set<String>) -> Bool {
    var isChanged = false
    for index in kept.open.indices
    where !kept.open[index].isSent && denials.contains(kept.open[index].denial) {
      kept.open[index].isSent = true
      isChanged = true
    }
    return isChanged
  }

  /// Whether the code of this denial is open.
  func isOpen(_ denial: String) -> Bool { kept.open.contains { $0.denial == denial } }

  /// Forgets what is over.
  mutating func endOver(_ now: Instant, _ uptime: Uptime) {
    kept.open.removeAll { code in
      code.until <= now || deadlines[code.denial].map { $0 <= uptime } ?? true
    }
    let ids = Set(kept.open.map(\.denial))
    deadlines = deadlines.filter { ids.contains($0.key) }
    // After the clock was set back they count from now on, and not for longer.
    if kept.causes.contains(where: { $0.time > now }) {
      kept.causes = kept.causes.map { Cause(user: $0.user, time: min($0.time, now)) }
    }
    kept.causes.removeAll { now - $0.time >= Self.day }
  }

  private mutating func end(_ code: Code) {
    kept.open.removeAll { $0.denial == code.denial }
    deadlines[code.denial] = nil
  }

  /// Ten characters, each as likely as the others.
  private static func text() throws(SystemError) -> [UInt8] {
    var text: [UInt8] = []
    while text.count < length {
      let random = try Machine.randomBytes(64)
      // Five bits give 32 numbers, and there is one character fewer.
      let letters = random.map { Int($0 & 31) }.filter { $0 < alphabet.count }
      text += letters.prefix(length - text.count).map { alphabet[$0] }
    }
    return text
  }

  private static func hash(of text: [UInt8], _ salt: [UInt8]) -> [UInt8] {
    SHA256.digest(of: salt + text)
  }
}
