import TestKit

/// Makes random pairs of hosts.allow and hosts.deny.
struct RandomHostsFiles {
  private var random: SeededRandom
  private let kind: Difficulty

  init(_ kind: Difficulty, seed: UInt64) {
    self.kind = kind
    random = SeededRandom(seed: seed)
  }

  /// Those that a policy has, whether the files name them or not, and those that it has if they do.
  static let daemons = (
    always: ["sshd", "vsftpd", "in.telnetd"], ifNamed: ["myd", "imap", "pop3"]
  )
  static let addresses = [
    "10.0.0.1", "10.1.2.3", "10.1.20.3", "10.200.0.1", "110.0.0.1", "8.0.0.1", "192.0.2.1",
    "192.0.2.77", "192.0.20.1", "203.0.113.70", "127.0.0.1", "::1", "2001:db8::1",
    "2001:db8:1::5", "2001:db9::1", "fe80::1%lo", "a00:1::", "::5",
  ]
  private static let networks = [
    "10.0.0.1", "10.", "10.1.", "10.1.2.", "192.0.2.0/24", "192.0.2.0/255.255.255.0",
    "10.1.0.0/255.255.0.0", "203.0.113.64/26", "[2001:db8::]/32", "[2001:db8:1::]/48",
    "[2001:db8::1]", "ALL", "192.0.2.1/32", "127.", "127.0.0.1", "[::1]",
  ]
  private static let oddNetworks = [
    "0.0.0.0/0", "0.0.0.0/0.0.0.0", "[::]/0", "[::]/", "192.0.2.1/24", "10.0.0.1/255.255.255.255",
    "010.0.0.0/8", "0xa.0.0.0/8", "10.0.0.0/8x", "10.0.0.0/33", "10.0.0.0/08", "10/8", "10.0.0",
    "010.", "10.1.2.3.", "1..", "[10.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:10.0.0.0]/104",
    "[::ffff:10.0.0.0]/80", "[::ffff:0.0.0.0]/0", "all", "*", "[2001:DB8::]/32", "[2001:db8::]/129",
    "ALL@10.", "all@[2001:db8::]/32", "[fe80::]/10", "[fe80::1]", "ALL/8", ".", "10.0.0.0/-8",
    "192.0.2.0/24.5", "192.0.2.0/+24", "[::5]", "[2001:db8::]/1000",
  ]
  private static let unsayable = [
    "LOCAL", "KNOWN", "UNKNOWN", "PARANOID", ".example.org", "host.example.org", "@netgroup",
    "/etc/nonexistent", "bob@10.", "UNKNOWN@ALL", ".1", "10.1.*", "10.?.2.3", "*.1", "2001?db8*",
    "*.example.org", "10.0.0.0/255.0.255.0", "[fe80::1%lo]", "[fe80::%lo]/64", "1*",
  ]
  private static let goodOptions = [
    "allow", "DENY", "spawn (echo %a) &", "severity local0.info : allow", "severity=notice",
    "banners /etc/banners", "umask 022 : nice : keepalive", "nice 5: linger 3 :deny",
    "spawn echo a\\:b : allow", "setenv A b", "rfc931 5",
  ]
  private static let oddOptions = [
    "", " ", "frob", "allow now", "deny : allow", "severity frob", "severity mail.frob", "umask 9",
    "twist /bin/false", "aclexec /bin/true", "user nobody", "linger", "linger -1", "nice x",
    "allow:", "Allow", "rfc931 0", "umask 1777", "severity info.mail", "spawn", "keepalive 1",
  ]

  /// The next pair.
  mutating func next() -> (allow: String, deny: String) {
    let deny =
      random.once(in: 3)
      ? file(0...1) : random.once(in: 3) ? "sshd vsftpd: ALL\n" + file(0...1) : "ALL: ALL\n"
    return (file(0...4), deny)
  }

  private mutating func file(_ count: ClosedRange<Int>) -> String {
    var text = ""
    for _ in 0..<random.number(count) { text += line() }
    guard kind == .wild else { return text }
    if random.once(in: 12) { text = "# comment \\\n" + text }
    if random.once(in: 12) { text += "sshd: ALL" }
    return text
  }

  private mutating func line() -> String {
    var text = "\(list { $0.daemon() }): \(list { $0.client() })"
    if kind != .tidy, random.once(in: 4) { text += " : \(random.pick(Self.goodOptions))" }
    guard kind == .wild else { return text + "\n" }
    if random.once(in: 6) { text += ":\(random.pick(Self.oddOptions))" }
    switch random.number(0...24) {
    case 0: text = text.replacing(" ", with: " \\\n")
    case 1: text = "\t\(text) # comment"
    case 2: text = "#\(text)"
    case 3: text = " #\(text)"
    case 4: text += "\r"
    case 5: text = text.replacing("]", with: "")
    case 6: text = text.replacing(":", with: " ")
    case 7: text = text.replacing(" ", with: ",")
    default: break
    }
    return text + "\n"
  }

  private mutating func list(_ word: (inout RandomHostsFiles) -> String) -> String {
    var words = [word(&self)]
    for _ in 0..<random.number(0...2) { words.append(word(&self)) }
    if random.once(in: kind == .tidy ? 6 : 3) {
      words += [random.once(in: 4) ? "except" : "EXCEPT", word(&self)]
      if kind != .tidy, random.once(in: 3) { words += ["EXCEPT", word(&self)] }
    }
    return words.joined(separator: random.once(in: 3) ? ", " : " ")
  }

  private mutating func daemon() -> String {
    if random.once(in: 4) { return random.once(in: 4) ? "all" : "ALL" }
    if kind == .wild, random.once(in: 6) {
      return random.pick([
        "sshd@10.9.9.9", "myd@ALL", "in.*", "in.", ".telnetd", "?sh*", "KNOWN", "#",
      ])
    }
    let names = Self.daemons.always + ["myd"] + (kind == .wild ? Self.daemons.ifNamed : [])
    let name = random.pick(names)
    return kind != .tidy && random.once(in: 6) ? name.uppercased() : name
  }

  private mutating func client() -> String {
    if kind == .wild, random.once(in: 8) { return random.pick(Self.unsayable) }
    let isOdd = kind != .tidy && random.once(in: 3)
    return random.pick(isOdd ? Self.oddNetworks : Self.networks)
  }
}
