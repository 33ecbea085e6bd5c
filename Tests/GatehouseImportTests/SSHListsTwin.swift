import GatehousePolicy

/// The lists that `sshd -T -C` prints for one connection, and what sshd does with them: auth.c and
/// match.c of OpenSSH once more, as plainly as can be.
struct SSHListsTwin: Equatable {
  /// The entries by the keyword in small letters.
  private(set) var lists: [String: [String]] = [:]

  static let keywords = ["denyusers", "allowusers", "denygroups", "allowgroups"]

  /// The lists in the output of `sshd -T`.
  init(printed text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      if parts.count == 2, Self.keywords.contains(parts[0]) {
        lists[parts[0], default: []].append(parts[1])
      }
    }
  }

  /// The lists of a file without quotes and Includes, for one connection.
  init(file: String, user: String, groups: Set<String>, address: String) {
    var isInBlock = false
    var matches = true
    var replaced: Set<String> = []
    for line in file.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let keyword = words[0].lowercased()
      if keyword == "match" {
        isInBlock = true
        matches = words[1] == "all" || Self.criteria(words, user, groups, address)
      } else if matches {
        if isInBlock && replaced.insert(keyword).inserted { lists[keyword] = nil }
        lists[keyword, default: []] += words.dropFirst()
      }
    }
  }

  private static func criteria(
    _ words: [String], _ user: String, _ groups: Set<String>, _ address: String
  ) -> Bool {
    stride(from: 1, to: words.count, by: 2).allSatisfy { index in
      let list = words[index + 1]
      switch words[index].lowercased() {
      case "user": return matchList(user, list) == 1
      case "group":
        let results = groups.map { matchList($0, list) }
        return results.contains(1) && !results.contains(-1)
      case "host": return matchList(address, list.lowercased()) == 1
      default: return matchAddresses(address, list) == 1
      }
    }
  }

  /// Whether sshd lets the user in.
  func allows(user: String, groups: Set<String>, address: String) -> Bool {
    func names(_ entry: String) -> Bool {
      guard let at = entry.firstIndex(of: "@") else { return Self.match(user, entry) }
      guard Self.match(user, String(entry[..<at])) else { return false }
      let hosts = String(entry[entry.index(after: at)...])
      let byAddress = Self.matchAddresses(address, hosts)
      let byText = Self.matchList(address, hosts.lowercased())
      return byAddress >= 0 && byText >= 0 && byAddress + byText > 0
    }
    func holds(_ entry: String) -> Bool { groups.contains { Self.match($0, entry) } }
    if lists["denyusers"]?.contains(where: names) == true { return false }
    if let allowed = lists["allowusers"], !allowed.contains(where: names) { return false }
    if lists["denygroups"]?.contains(where: holds) == true { return false }
    if let allowed = lists["allowgroups"], !allowed.contains(where: holds) { return false }
    return true
  }

  private static func match(_ text: String, _ pattern: String) -> Bool {
    match(Array(text.utf8)[...], Array(pattern.utf8)[...])
  }

  private static func match(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      return match(text, pattern.dropFirst()) || !text.isEmpty && match(text.dropFirst(), pattern)
    }
    guard let byte = text.first else { return false }
    return (first == UInt8(ascii: "?") || first == byte)
      && match(text.dropFirst(), pattern.dropFirst())
  }

  /// 1 if a list matches, -1 if one of its exceptions does, else 0.
  private static func matchList(_ text: String, _ list: String) -> Int {
    result(list) { match(text, $0) }
  }

  private static func matchAddresses(_ address: String, _ list: String) -> Int {
    result(list) { part in isIn(address, network: part) ?? match(address, part) }
  }

  private static func result(_ list: String, _ matches: (String) -> Bool) -> Int {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if parts.contains(where: { $0.hasPrefix("!") && matches(String($0.dropFirst())) }) { return -1 }
    return parts.contains { !$0.hasPrefix("!") && matches($0) } ? 1 : 0
  }

  /// Whether an address is in a network; nil if the text is no network.
  private static func isIn(_ address: String, network text: String) -> Bool? {
    // The only short forms in the random files.
    let forms = ["10.1": "10.0.0.1", "010.0.0.1": "8.0.0.1", "0xa000001": "10.0.0.1"]
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let network = bits(forms[parts[0]] ?? parts[0]), parts.count <= 2 else { return nil }
    var length = network.count
    if parts.count == 2 {
      guard let number = Int(parts[1]), number <= 128 else { return nil }
      length = number
    }
    guard !address.contains("%"), let own = bits(address) else { return false }
    return own.count == network.count && own.prefix(length) == network.prefix(length)
  }

  /// The bits of an address in the family in which it is written.
  private static func bits(_ text: String) -> [Bool]? {
    guard let address = IPAddress(text) else { return nil }
    let isIPv4 = !text.contains(":")
    let number = address.bits | (address.family == .ipv4 && !isIPv4 ? 0xFFFF << 32 : 0)
    return (0..<(isIPv4 ? 32 : 128)).reversed().map { number >> UInt128($0) & 1 == 1 }
  }
}
