import GatehousePolicy
import GatehouseSSHConfig

/// A word of the first field, which means daemons by the names of their programs.
enum DaemonWord {
  case all
  case name(Name)
  /// All that have such a name: `in.*`, `in.` and `.telnetd`.
  case pattern(SSHPattern)
  /// No program has such a name.
  case nobody
  /// A policy cannot express it, whatever daemon it names.
  case unsupported(UnsupportedWord, daemon: Name?)

  /// Reads a word as `server_match` of TCP wrappers does.
  init(_ word: ArraySlice<UInt8>) {
    if let (daemon, host) = word.userAndHost {
      self.init(daemon)
      // Only ALL is true of each address of this machine.
      if !host.equalsIgnoringCase("ALL") { self = .unsupported(.serverAddress, daemon: name) }
      return
    }
    let text = word.lowercased()
    if text.contains(where: { "*?".utf8.contains($0) }) {
      self = .pattern(SSHPattern(text))
    } else if word.first == dot {
      self = .pattern(SSHPattern(Array("?*".utf8) + text))
    } else if word.equalsIgnoringCase("ALL") || word.equalsIgnoringCase("KNOWN") {
      self = .all
    } else if word.last == dot {
      self = .pattern(SSHPattern(text + Array("*".utf8)))
    } else if text.count <= 64, text.allSatisfy({ Self.nameBytes.contains($0) }) {
      self = .name(Name(bytes: text))
    } else {
      self = .nobody
    }
  }

  private static let nameBytes = Set("abcdefghijklmnopqrstuvwxyz0123456789._+-".utf8)

  /// The daemon that it names in full; nil if it names none.
  var name: Name? {
    switch self {
    case .name(let name): name
    case .unsupported(_, let daemon): daemon
    case .all, .pattern, .nobody: nil
    }
  }

  /// Whether it means a daemon, whose name is in lower case.
  func means(_ daemon: Name) -> Bool {
    switch self {
    case .all: true
    case .name(let name): name == daemon
    case .pattern(let pattern): pattern.matches(daemon.bytes)
    case .nobody, .unsupported: false
    }
  }
}

/// A word of the second field, which means clients.
struct ClientWord {
  private(set) var addresses = AddressSet.nothing
  /// What of it cannot be said in a policy; nil if all of it can.
  private(set) var unsupported: UnsupportedWord?
  /// What may surprise, to put after the word.
  private(set) var surprise: String?

  /// Reads a word as `client_match` of TCP wrappers does, if the client's address is known, and is
  /// written as IPv4 if it is IPv4-mapped.
  init(_ word: ArraySlice<UInt8>) {
    if let (user, host) = word.userAndHost {
      self.init(host: host)
      if !user.equalsIgnoringCase("ALL") {
        // What somebody says by ident is never taken for true.
        (addresses, unsupported, surprise) = (.nothing, .ident, nil)
      }
    } else {
      self.init(host: word)
    }
  }

  private init(host word: ArraySlice<UInt8>) {
    if word.first == UInt8(ascii: "@") {
      unsupported = .hostNetgroup
    } else if word.first == UInt8(ascii: "/") {
      unsupported = .patternFile
    } else if ["KNOWN", "UNKNOWN", "LOCAL", "PARANOID"].contains(where: word.equalsIgnoringCase) {
      unsupported = .nameLookup
    } else if let (network, mask) = word.halves(at: UInt8(ascii: "/")) {
      read(network, mask: mask)
    } else if word.contains(where: { "*?".utf8.contains($0) }) {
      readPattern(word)
    } else if word.equalsIgnoringCase("ALL") {
      addresses = .everything
    } else if word.first == UInt8(ascii: "["), word.last == UInt8(ascii: "]") {
      readBrackets(word.dropFirst().dropLast())
    } else if word.first == UInt8(ascii: "#") {
      surprise = "matches nothing: a comment begins at the beginning of a line"
    } else if word.contains(where: { $0 != dot && !isDigit($0) }) {
      unsupported = word.first == dot ? .domain : .hostsName
    } else if word.first == dot, word.count > 1 {
      unsupported = .addressEnding
    } else {
      readNumbers(word)
    }
  }

  /// `10.1.2.3`, and `10.1.` for all that begin so.
  private mutating func readNumbers(_ word: ArraySlice<UInt8>) {
    if let address = WrittenAddress(word) {
      addresses = address.alone
      return
    }
    if word.last == dot, let (address, length) = WrittenAddress.beginning(with: word), length < 32 {
      addresses = address.prefix(length)
    } else {
      surprise = "matches nothing: it is not an IP address"
    }
  }

  /// `[2001:db8::1]`.
  private mutating func readBrackets(_ text: ArraySlice<UInt8>) {
    if text.contains(UInt8(ascii: "%")) {
      unsupported = .zone
    } else if let address = WrittenAddress(text), !address.isIPv4, !address.isMapped {
      addresses = address.alone
    } else {
      surprise = "matches nothing: only an IPv6 address stands in brackets"
    }
  }

  /// `10.1.*`, which is compared with the address and with the name of the client.
  private mutating func readPattern(_ word: ArraySlice<UInt8>) {
    let text = word.lowercased()
    let pattern = SSHPattern(text)
    if pattern.isEverything {
      addresses = .everything
    } else if text.contains(where: { !"0123456789abcdef:.*?".utf8.contains($0) }) {
      unsupported = .hostsName
    } else if let set = ClientText.addresses(matching: text) {
      (addresses, unsupported) = (set, .namePattern)
    } else {
      unsupported = .addressText
    }
  }

  private mutating func read(_ network: ArraySlice<UInt8>, mask: ArraySlice<UInt8>) {
    if network.first == UInt8(ascii: "["), network.last == UInt8(ascii: "]") {
      readIPv6(network.dropFirst().dropLast(), length: leadingNumber(mask))
      return
    }
    guard let bits = dottedQuad(network), bits != .max else {
      surprise = "matches nothing: what stands before the / is not an IP address"
      return
    }
    let length = leadingNumber(mask)
    let maskBits: UInt32
    if let quad = dottedQuad(mask), quad != .max {
      maskBits = quad
    } else if mask.elementsEqual("255.255.255.255".utf8) {
      surprise = "matches nothing: TCP wrappers do not take that mask; write the address alone"
      return
    } else if (1...32).contains(length) {
      maskBits = .max << UInt32(32 - length)
    } else {
      surprise = "matches nothing: the mask is not valid"
      return
    }
    guard bits & maskBits == bits else {
      surprise = "matches nothing: the address has bits outside of the mask"
      return
    }
    let ones = (~maskBits).leadingZeroBitCount
    guard maskBits == (ones == 0 ? 0 : .max << UInt32(32 - ones)) else {
      unsupported = .scatteredMask
      return
    }
    let address = IPAddress(ipv4: bits)
    addresses = WrittenAddress(address).prefix(ones)
    if !network.elementsEqual(address.description.utf8) {
      surprise = "means \(address)/\(ones) to TCP wrappers"
    }
  }

  private mutating func readIPv6(_ text: ArraySlice<UInt8>, length: Int) {
    guard !text.contains(UInt8(ascii: "%")) else {
      unsupported = .zone
      return
    }
    guard let address = WrittenAddress(text), !address.isIPv4, (0...128).contains(length) else {
      surprise = "matches nothing: it is not an IPv6 network"
      return
    }
    if !address.isMapped {
      addresses = address.prefix(length)
    } else if length <= 80 {
      addresses = WrittenAddress(IPAddress(ipv6: 0)).prefix(length)
    } else {
      surprise = "matches nothing: an IPv4-mapped address is written as IPv4 here"
    }
  }
}

private let dot = UInt8(ascii: ".")

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// What atoi(3) makes of a text; at most 2^31.
private func leadingNumber(_ text: ArraySlice<UInt8>) -> Int {
  let sign = text.first.map { "+-".utf8.contains($0) } ?? false
  let value = text.dropFirst(sign ? 1 : 0).prefix(while: isDigit)
    .reduce(0) { min($0 * 10 + Int($1 - 0x30), 1 << 31) }
  return text.first == UInt8(ascii: "-") ? -value : value
}

/// Four numbers as inet_addr(3) takes them, also octal and hexadecimal; nil if it is no such text.
private func dottedQuad(_ text: ArraySlice<UInt8>) -> UInt32? {
  let parts = text.split(separator: dot, omittingEmptySubsequences: false)
  guard parts.count == 4 else { return nil }
  var bits: UInt32 = 0
  for part in parts {
    guard let first = part.first, isDigit(first), let number = cInteger(part), number <= 255
    else { return nil }
    bits = bits << 8 | UInt32(number)
  }
  return bits
}

extension ArraySlice<UInt8> {
  /// What is before and after the `@` that is not the first byte; nil if there is none.
  fileprivate var userAndHost: (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    guard let (user, host) = dropFirst().halves(at: UInt8(ascii: "@")) else { return nil }
    return (self[startIndex..<user.endIndex], host)
  }
}

extension UnsupportedWord {
  static let serverAddress = UnsupportedWord(
    name: "server_address",
    reason: "depends on the address of this machine that is called, which a policy does not know")
  static let ident = UnsupportedWord(
    name: "ident",
    reason: "asks the client's machine for a user's name (ident), which may answer anything")
  static let patternFile = UnsupportedWord(
    name: "pattern_file", reason: "is a file of further patterns, which is not read; put them here")
  static let nameLookup = UnsupportedWord(
    name: "host_name", reason: "depends on the name of the client, and names are never looked up")
  static let hostsName = UnsupportedWord(
    name: "host_name", reason: "is a host name, and names are never looked up")
  static let namePattern = UnsupportedWord(
    name: "host_name",
    reason: "also means host names, which are never looked up (`10.1.` or a network does not)")
}
