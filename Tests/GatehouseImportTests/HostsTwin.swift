import GatehousePolicy

/// What TCP wrappers do with tidy files, for one daemon and one address: hosts_access.c once more, word
/// by word as it stands there.
struct HostsTwin {
  let allow: String
  let deny: String

  func allows(_ daemon: String, _ address: String) -> Bool {
    for (file, verdict) in [(allow, true), (deny, false)] {
      for line in file.split(separator: "\n") {
        let fields = Self.fields(String(line))
        var daemons = Self.words(fields[0])[...]
        var clients = Self.words(fields[1])[...]
        if Self.listMatches(&daemons, { Self.isName($0, daemon) }),
          Self.listMatches(&clients, { Self.isClient($0, address) })
        {
          return fields.count > 2 ? fields[2].hasSuffix("allow") : verdict
        }
      }
    }
    return true
  }

  private static func fields(_ line: String) -> [String] {
    var fields = [""]
    var depth = 0
    for character in line {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if character == ":" && depth == 0 {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  private static func words(_ list: String) -> [String] {
    list.split(whereSeparator: { " ,".contains($0) }).map(String.init)
  }

  /// As `list_match`, which calls itself for what follows an EXCEPT.
  private static func listMatches(
    _ words: inout ArraySlice<String>, _ matches: (String) -> Bool
  ) -> Bool {
    while let word = words.popFirst() {
      if word == "EXCEPT" || word == "except" { return false }
      guard matches(word) else { continue }
      while let next = words.popFirst() {
        if next == "EXCEPT" || next == "except" { return !listMatches(&words, matches) }
      }
      return true
    }
    return false
  }

  private static func isName(_ word: String, _ name: String) -> Bool {
    word.lowercased() == "all" || word.lowercased() == name
  }

  private static func isClient(_ word: String, _ address: String) -> Bool {
    if word == "ALL" { return true }
    if word.hasSuffix(".") { return address.hasPrefix(word) }
    let parts = word.split(separator: "/").map(String.init)
    guard let own = bits(address), let network = bits(parts[0]), own.count == network.count else {
      return false
    }
    guard parts.count == 2 else { return own == network }
    if let length = Int(parts[1]) { return own.prefix(length) == network.prefix(length) }
    guard let mask = bits(parts[1]) else { return false }
    return zip(own, mask).map { $0 && $1 } == network
  }

  /// The bits of an address, IPv6 with or without brackets.
  private static func bits(_ text: String) -> [Bool]? {
    let plain = text.filter { !"[]".contains($0) }.split(separator: "%")[0]
    guard let address = IPAddress(String(plain)) else { return nil }
    return (0..<(address.family == .ipv4 ? 32 : 128)).reversed()
      .map { address.bits >> UInt128($0) & 1 == 1 }
  }
}
