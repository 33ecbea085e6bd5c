import TestKit

/// Makes random sshd_config files, about the users and groups of `TestAccounts`.
struct RandomSSHConfig {
  private var random: SeededRandom
  private let kind: Difficulty

  init(_ kind: Difficulty, seed: UInt64) {
    self.kind = kind
    random = SeededRandom(seed: seed)
  }

  static let users = ["root", "alice", "bob", "carol"]
  static let groups = ["wheel", "staff", "contractors"]
  static let addresses = [
    "10.0.0.1", "10.0.0.19", "10.1.2.3", "10.1.20.3", "10.200.0.1", "110.0.0.1", "192.168.1.5",
    "192.168.17.5", "192.168.177.250", "192.0.2.1", "203.0.113.70", "255.255.255.255",
    "2001:db8::1", "2001:db8:1::5", "2001:db9::1", "fe80::1%lo", "a00:1::",
  ]
  private static let networks = [
    "10.0.0.1", "10.0.0.0/8", "10.1.0.0/16", "10.0.0.*", "10.1.*", "192.168.0.0/16",
    "192.168.1?.*", "203.0.113.64/26", "2001:db8::/32", "2001:db8:1::/48", "2001:db8::1",
  ]
  private static let oddNetworks = [
    "*", "0.0.0.0/0", "::/0", "10.1", "10.0.0.0/08", "10.*.*.1", "10.0.0.1?", "192.168.1*",
    "2001:db8:*", "2001:DB8:*", "2001:DB8::/32", "::ffff:10.0.0.0/104", "fe80::/10", "10.0.0.0/",
    "10.0.0.0/255.0.0.0", "10.0.0.0/200", "010.0.0.1", "0xa000001", "fe80:*", "host.example.org",
    "10.0.0.1,!10.0.0.1", "10.*.?.3",
  ]
  private static let unsayable = ["*1", "*:*", "fe80::%lo/64", "*.*", "2001:*:1", "1?.0.0.1"]

  /// The next file; `DIR` stands for the folder with `included.conf`.
  mutating func next() -> String {
    var lines: [String] = kind == .wild && random.once(in: 6) ? ["UsePAM yes"] : []
    if !random.once(in: 4) {
      for _ in 0..<random.number(1...3) { lines.append(list()) }
    }
    for _ in 0..<random.number(0...(kind == .tidy ? 2 : 3)) {
      lines.append("Match \(criteria())")
      for _ in 0..<random.number(1...2) { lines.append("  \(list())") }
      if kind == .wild && random.once(in: 8) { lines.append("Include DIR/included.conf") }
    }
    if kind == .wild && random.once(in: 8) { lines.insert("include \"DIR/incl*.conf\"", at: 0) }
    if lines.allSatisfy({ $0 == "UsePAM yes" }) { lines.append(list()) }
    return lines.map { "\($0)\n" }.joined()
  }

  private mutating func list() -> String {
    let keyword = random.pick(["AllowUsers", "DenyUsers", "AllowGroups", "DenyGroups"])
    let isForGroups = keyword.hasSuffix("Groups")
    let words = (0..<random.number(1...3)).map { _ in
      isForGroups ? group() : userAndHost()
    }
    guard kind == .wild else { return "\(keyword) \(words.joined(separator: " "))" }
    switch random.number(0...20) {
    case 0: return "\(keyword)=\(words.joined(separator: "\t "))"
    case 1: return "\(keyword.lowercased()) = \"\(words[0])\" # \(words[0])"
    case 2: return "\t\(keyword) '\(words[0])' \(words.joined(separator: " "))\r"
    case 3: return "\(keyword) \(words[0])#x \(words[0]),bob !\(words[0])"
    default: return "\(keyword) \(words.joined(separator: " "))"
    }
  }

  private mutating func userAndHost() -> String {
    var text = random.pick(Self.users)
    if kind != .tidy && random.once(in: 5) { text = "*" }
    if kind == .wild && random.once(in: 6) { text = random.pick(["al*", "?ob", "user[0]", "*o*"]) }
    return random.once(in: 2) ? text : "\(text)@\(hosts())"
  }

  private mutating func group() -> String {
    if kind != .tidy && random.once(in: 12) { return "*" }
    if kind == .wild && random.once(in: 10) { return random.pick(["st*", "w?eel", "*x"]) }
    return random.pick(Self.groups)
  }

  private mutating func hosts() -> String {
    guard kind != .tidy else { return random.pick(Self.networks) }
    return (0..<random.number(1...3)).map { _ in
      var text = random.pick(random.once(in: 3) ? Self.oddNetworks : Self.networks)
      if kind == .wild && random.once(in: 12) { text = random.pick(Self.unsayable) }
      return random.once(in: 4) ? "!\(text)" : text
    }.joined(separator: ",")
  }

  private mutating func criteria() -> String {
    if random.once(in: 10) { return "all" }
    var result: [String] = []
    for _ in 0..<(random.once(in: kind == .tidy ? 4 : 2) ? 2 : 1) {
      switch random.number(0...9) {
      case 0...3: result.append("Address \(hosts())")
      case 4...5: result.append("User \(names(Self.users))")
      case 6...8: result.append("Group \(names(Self.groups))")
      default:
        if kind == .wild && random.once(in: 3) {
          result.append(random.pick(["LocalPort 22", "LocalPort 2222", "LocalAddress 10.9.9.9"]))
        } else if kind == .tidy {
          result.append("address \(hosts())")
        } else {
          result.append("Host \(hosts())")
        }
      }
    }
    return result.joined(separator: " ")
  }

  private mutating func names(_ names: [String]) -> String {
    let picked = (0..<random.number(1...2)).map { _ in random.pick(names) }
    guard kind != .tidy else { return picked.joined(separator: ",") }
    var parts = picked.map { random.once(in: 4) ? "!\($0)" : $0 }
    if random.once(in: 3) { parts.append("*") }
    if kind == .wild && random.once(in: 6) { parts.append(random.pick(["a*", "!*l", "st?ff"])) }
    return parts.joined(separator: ",")
  }
}
