import TestKit

/// Makes random access.conf files, about the users and groups of `TestAccounts`.
struct RandomAccessFile {
  private var random: SeededRandom
  private let kind: Difficulty

  init(_ kind: Difficulty, seed: UInt64) {
    self.kind = kind
    random = SeededRandom(seed: seed)
  }

  static let users = ["root", "alice", "bob", "carol"]
  static let groups = ["(wheel)", "(staff)", "(contractors)"]
  static let origins = [
    "10.0.0.1", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.201.", "10.1.",
    "172.16.0.0/12",
    "203.0.113.64/255.255.255.192", "0.0.0.0/0.0.0.0", "2001:db8::/32", "2001:db8:1::/48",
    "2001:db8::1", "::/::", "255.255.255.255", "0.0.0.0/1", "8000::/1",
  ]
  private static let odd = [
    "0.0.0.0/0", "10.0.0.0/0", "::/0", "10.0.0.0/010", "10.0.0.0/0x10", "10.1.2.3/08",
    "10.0.0.0/33", "10.0.0.0/+9", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0/8",
    "10.0.0.256",
    "010.0.0.1", "10.0.0.*", "::ffff:10.0.0.1", "::ffff:0:0/96", "::/80", "fe80::/10",
    "10.1.2.3/ffff::",
    "2001:db8::1/255.255.0.0", "2001:DB8:0:0::1", "10.", "010.", "256.", "10..", "1.2.3.4.",
    "1.2.3.4.5.",
    "2001:db8::/ffff:ffff::", "2001:db8::/129", "2001:db8::/128", "::1", "::", "all", "AlL",
    "10.1.2.3/255.255.255.255", "10.0.0.0/4294967304", "10.0.0.0/99999999999999999999",
  ]
  private static let unknown = [
    "LOCAL", "local", "tty1", ":0", "pts/0", "cron", "host.example.org", ".example.org", "@hosts",
    ".1", ".0.1", "10.0.0.0/255.0.255.0", "0.0.0.1/0.0.0.255", "fe80::1%lo", "x.", "a/b",
  ]
  private static let oddUsers = [
    "ROOT", "Alice", "all", "alice@ALL", "(wheel)@all", "wheel", "staff", "bob", "()", "(",
    "(domain",
    "nosuchuser", "(nosuchgroup)", "NONE",
  ]
  private static let unknownUsers = ["@admins", "@@admins", "alice@host", "bob@", "@@", "@a@b"]

  /// The next file.
  mutating func next() -> String {
    kind == .tidy ? tidy() : lines()
  }

  /// Permissions and then a last line that refuses everyone else; or refusals only.
  private mutating func tidy() -> String {
    var text = ""
    if random.once(in: 2) {
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        text += "+:\(words(Self.users + Self.groups, upTo: 3)):\(words(Self.origins, upTo: 3))\n"
      }
      let excepted = random.once(in: 2) ? " EXCEPT \(words(Self.users + Self.groups, upTo: 2))" : ""
      text += "-:ALL\(excepted):ALL\n"
    } else {
      for who in Self.users.shuffled(using: &random).prefix(2) {
        if random.once(in: 2) { text += "+:\(who):\(words(Self.origins, upTo: 3))\n" }
        text += "-:\(who):ALL\n"
      }
      for who in Self.groups.shuffled(using: &random).prefix(2) {
        text += "-:\(who):ALL EXCEPT \(words(Self.origins, upTo: 3))\n"
      }
    }
    return text
  }

  private mutating func lines() -> String {
    let count = Int.random(in: 1...6, using: &random)
    var text = (0..<count).map { _ in line() }.joined()
    if random.once(in: 2) { text += "-:ALL:ALL\n" }
    if kind == .wild && random.once(in: 12) { text.removeLast() }
    return text
  }

  private mutating func line() -> String {
    let sign = random.once(in: 2) ? "+" : "-"
    let users = list(Self.users + Self.groups, Self.oddUsers, Self.unknownUsers)
    let origins = list(Self.origins, Self.odd, Self.unknown)
    guard kind == .wild else { return "\(sign):\(users):\(origins)\n" }
    switch Int.random(in: 0..<40, using: &random) {
    case 0: return " \(sign):\(users):\(origins)\n"
    case 1: return "\(sign):\(users)\n"
    case 2: return "\(sign)\n"
    case 3: return ":\(sign):\(users):\(origins)\n"
    case 4: return "\(sign)::\(users):\(origins)\n"
    case 5: return "\(sign) : \(users) : \(origins)\r\n"
    case 6: return "#\(sign):\(users):\(origins)\n\n   \n"
    case 7: return "permit:\(users):\(origins)\n"
    case 8: return "\(sign)x:\(users):\(origins) \t\n"
    case 9: return "\(sign):\(users): \n"
    case 10: return "\(sign): :\(origins)\n"
    case 11: return "\(sign):\(users),,\(users):\(origins),\t \(origins)\n"
    case 12: return "\(sign):\(users):\(origins)\0\n"
    case 13: return "# \(String(repeating: "x", count: 8189))\(sign):\(users):\(origins)\n"
    default: return "\(sign):\(users):\(origins)\n"
    }
  }

  private mutating func list(_ usual: [String], _ odd: [String], _ unknown: [String]) -> String {
    var text = random.once(in: 4) ? "ALL" : some(usual, odd, unknown)
    while random.once(in: 4) {
      text += " EXCEPT \(random.once(in: 8) ? "" : some(usual, odd, unknown))"
    }
    return text
  }

  private mutating func some(_ usual: [String], _ odd: [String], _ unknown: [String]) -> String {
    if kind == .wild && random.once(in: 3) { return words(odd, upTo: 2) }
    if kind == .wild && random.once(in: 16) { return words(unknown + usual, upTo: 2) }
    return words(usual, upTo: 3)
  }

  private mutating func words(_ choice: [String], upTo count: Int) -> String {
    (0..<Int.random(in: 1...count, using: &random)).map { _ in random.pick(choice) }
      .joined(separator: random.once(in: 6) ? "," : " ")
  }
}
