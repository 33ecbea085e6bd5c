import GatehousePolicy
import GatehouseWire

/// A word of a line's second field.
enum UserWord: Equatable {
  case everyone
  /// A user, whatever the case of the letters.
  case user(Name)
  /// The members of a group.
  case group(Name)
  /// The user with this name and the members of the group with this name.
  case userOrGroup(Name)
  /// A word that matches no user.
  case nobody
  case unsupported(UnsupportedWord)

  /// Reads a word as pam_access's `user_match` does, with or without its option `nodefgroup`.
  init(_ word: ArraySlice<UInt8>, groupsInParenthesesOnly: Bool) {
    let name = word.drop { $0 == at }
    if word.first == UInt8(ascii: "("), word.last == UInt8(ascii: ")") {
      guard word.count >= 3 else {
        self = .nobody
        return
      }
      self = Self.named(word.dropFirst().dropLast(), UserWord.group)
    } else if let separator = name.firstIndex(of: at) {
      // `user@host` compares with the machine's own host name; only ALL matches on every machine.
      if word[(separator + 1)...].equalsIgnoringCase("ALL") {
        self.init(word[..<separator], groupsInParenthesesOnly: groupsInParenthesesOnly)
      } else {
        self = .unsupported(.ownHost)
      }
    } else if name.startIndex != word.startIndex {
      self = .unsupported(.userNetgroup)
    } else if word.equalsIgnoringCase("ALL") {
      self = .everyone
    } else {
      self = Self.named(word, groupsInParenthesesOnly ? UserWord.user : UserWord.userOrGroup)
    }
  }

  /// The longest name that is imported, in bytes: LOGIN_NAME_MAX of Linux, without its NUL.
  ///
  /// With all of it escaped it is still a key of YAML.
  private static let longestName = 255

  /// A policy is UTF-8 text, so it cannot contain a name that is not UTF-8.
  private static func named(_ bytes: ArraySlice<UInt8>, _ word: (Name) -> UserWord) -> UserWord {
    guard bytes.count <= longestName else { return .unsupported(.tooLong) }
    return String(validating: bytes, as: UTF8.self) == nil
      ? .unsupported(.notText) : word(Name(bytes: bytes))
  }
}

/// A word of a line's third field.
enum OriginWord: Equatable {
  /// Every address and every terminal.
  case everywhere
  /// These addresses. The surprise, if there is one, is a text to put after the word, such as
  /// "matches nothing: …".
  case addresses(AddressSet, surprise: String?)
  /// Logins on the console, at these terminals or displays.
  case console(Terminals)
  /// Logins by a program that serves only this machine (`cron`), or on a pseudo terminal (`pts/0`).
  case program
  case unsupported(UnsupportedWord)

  /// Reads a word as pam_access's `from_match` does if the remote host is an address as sshd writes
  /// it: by inet_ntop(3), an IPv4-mapped address as IPv4.
  init(_ word: ArraySlice<UInt8>) {
    if word.first == at {
      self = .unsupported(.hostNetgroup)
    } else if word.equalsIgnoringCase("ALL") {
      self = .everywhere
    } else if word.first == dot {
      self = .unsupported(word.allSatisfy { $0 == dot || isDigit($0) } ? .addressEnding : .domain)
    } else if word.equalsIgnoringCase("LOCAL") {
      self = .console(.all)
    } else if word.last == dot {
      self = Self.octets(word)
    } else if let slash = word.firstIndex(of: UInt8(ascii: "/")) {
      self = Self.network(word, address: word[..<slash], mask: word[(slash + 1)...])
    } else if let address = WrittenAddress(word) {
      self = .addresses(
        address.alone,
        surprise: address.isMapped
          ? "matches nothing: sshd writes an IPv4-mapped address as IPv4" : nil)
    } else {
      self = Self.nonAddress(word)
    }
  }

  private static let nothing = AddressSet.nothing

  /// `10.1.`: the beginning of an IPv4 address as text.
  private static func octets(_ word: ArraySlice<UInt8>) -> OriginWord {
    if let (address, length) = WrittenAddress.beginning(with: word) {
      return .addresses(address.prefix(length), surprise: nil)
    }
    return word.contains { !isDigit($0) && $0 != dot }
      ? .unsupported(.hostName)
      : .addresses(nothing, surprise: "matches nothing: no IPv4 address begins like that")
  }

  /// `address/mask`, where the mask is a number or is written as an address.
  private static func network(
    _ word: ArraySlice<UInt8>, address: ArraySlice<UInt8>, mask: ArraySlice<UInt8>
  ) -> OriginWord {
    guard let address = WrittenAddress(address) else { return nonAddress(word) }
    guard !address.isMapped else {
      return .addresses(
        nothing, surprise: "matches nothing: sshd writes an IPv4-mapped address as IPv4")
    }
    if let written = WrittenAddress(mask) {
      // pam_access ignores a mask of the other family and compares the whole address.
      guard written.isIPv4 == address.isIPv4 else {
        return .addresses(
          address.alone,
          surprise: "matches only that address: the mask is of the other family and is ignored")
      }
      guard let length = written.maskLength else { return .unsupported(.scatteredMask) }
      return .addresses(address.prefix(length), surprise: nil)
    }
    guard let number = cInteger(mask), (0...address.width).contains(number) else {
      return .addresses(nothing, surprise: "matches nothing: the mask is not valid")
    }
    guard number > 0 else {
      return .addresses(
        address.alone, surprise: "matches only that address: pam_access treats /0 as no mask")
    }
    let isPlain = mask.first != UInt8(ascii: "0") && mask.allSatisfy(isDigit)
    return .addresses(
      address.prefix(number), surprise: isPlain ? nil : "means /\(number) to pam_access")
  }

  /// A word that is not a valid address.
  private static func nonAddress(_ word: ArraySlice<UInt8>) -> OriginWord {
    if word.contains(UInt8(ascii: "%")) && word.contains(colon) { return .unsupported(.zone) }
    if isTerminal(word) {
      return .console(.named(Name(bytes: word.lowercased())))
    }
    if isProgram(word) { return .program }
    // A word made only of the characters of an address is a mistyped address, not a host name.
    let digits = word.count { isHexadecimal($0) }
    let colons = word.count { $0 == colon }
    let isLikeIPv4 = word.allSatisfy { isDigit($0) || ".*/-".utf8.contains($0) }
    let isLikeIPv6 =
      colons >= 2 && word.allSatisfy { isHexadecimal($0) || ":.*/-".utf8.contains($0) }
    return digits > 0 && (isLikeIPv4 || isLikeIPv6)
      ? .addresses(nothing, surprise: "matches nothing: it is not a valid address")
      : .unsupported(.hostName)
  }

  /// Whether a word can only mean logins that are local and not on the console.
  private static func isProgram(_ word: ArraySlice<UInt8>) -> Bool {
    let name = word.lowercased()
    return name.starts(with: "pts/".utf8) || LocalService.of(name.span) != nil
  }

  /// Whether a word can only mean a terminal of the machine (`tty1`, `console`) or an X display (`:0`).
  private static func isTerminal(_ word: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: word.lowercased(), as: UTF8.self)
    if text == "console" { return true }
    if text.hasPrefix("tty") {
      return word.count == 3 || word.dropFirst(3).contains(where: isDigit)
    }
    return word.first == colon && word.count { $0 == colon } == 1
      && word.dropFirst().allSatisfy { isDigit($0) || $0 == dot }
  }
}

private let at = UInt8(ascii: "@")
private let colon = UInt8(ascii: ":")
private let dot = UInt8(ascii: ".")

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}

/// strtol(3) with base 0, for a text that is a number and nothing else: white space, a sign, then
/// digits, hexadecimal after 0x, octal after 0, else decimal.
///
/// Returns nil for any other text. A number beyond 32 bits is returned as 2^32, which is no valid
/// mask either.
func cInteger(_ text: ArraySlice<UInt8>) -> Int? {
  var digits = text.drop(while: isSpace)
  let isNegative = digits.first == UInt8(ascii: "-")
  if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
  var base = 10
  if digits.first == UInt8(ascii: "0") && digits.count > 1 {
    let isHexadecimal = (digits.dropFirst().first ?? 0) | 0x20 == UInt8(ascii: "x")
    digits = digits.dropFirst(isHexadecimal ? 2 : 1)
    base = isHexadecimal ? 16 : 8
  }
  guard !digits.isEmpty else { return nil }
  var value = 0
  for digit in digits {
    guard let number = Int(String(decoding: [digit], as: UTF8.self), radix: base) else {
      return nil
    }
    value = min(value * base + number, 1 << 32)
  }
  return isNegative ? -value : value
}

/// An address written in access.conf.
///
/// Its family is the one it is written in: pam_access does not compare an IPv4-mapped address with
/// IPv4 addresses.
struct WrittenAddress {
  private let address: IPAddress
  /// Whether it is an IPv4-mapped address, written with colons.
  let isMapped: Bool

  /// Returns nil if the text is not a valid address.
  init?(_ text: ArraySlice<UInt8>) {
    guard let address = IPAddress(bytes: Array(text)) else { return nil }
    self.address = address
    isMapped = address.family == .ipv4 && text.contains(UInt8(ascii: ":"))
  }

  /// An address, as it is most often written.
  init(_ address: IPAddress) {
    self.address = address
    isMapped = false
  }

  /// The IPv4 address and prefix length that a text means which ends in a dot, such as `10.1.`; nil if
  /// no address begins like that.
  static func beginning(
    with text: ArraySlice<UInt8>
  ) -> (address: WrittenAddress, length: Int)? {
    let octets = text.dropLast().split(separator: dot, omittingEmptySubsequences: false)
    let missing = [String](repeating: "0", count: max(0, 4 - octets.count))
    let whole = (octets.map { String(decoding: $0, as: UTF8.self) } + missing)
      .joined(separator: ".")
    guard octets.count <= 4, let address = WrittenAddress(Array(whole.utf8)[...]) else {
      return nil
    }
    return (address, 8 * octets.count)
  }

  var isIPv4: Bool { address.family == .ipv4 && !isMapped }

  /// The length of the address in bits.
  var width: Int { isIPv4 ? 32 : 128 }

  /// The set of this address; empty if it is IPv4-mapped, because sshd never writes one.
  var alone: AddressSet { isMapped ? .nothing : prefix(width) }

  /// The addresses with the same leading bits.
  ///
  /// The length is 0 to `width`; the address must not be IPv4-mapped.
  func prefix(_ length: Int) -> AddressSet {
    AddressSet([AddressRange(around: address, prefixLength: length)])
  }

  /// The prefix length if this address is taken as a mask; nil if the mask has gaps.
  var maskLength: Int? {
    guard !isMapped else { return nil }
    let bits = address.bits << UInt128(128 - width)
    let length = (~bits).leadingZeroBitCount
    return length == 128 || bits << UInt128(length) == 0 ? min(length, width) : nil
  }
}

extension AddressRange {
  /// The addresses that share this many leading bits with an address.
  fileprivate init(around address: IPAddress, prefixLength length: Int) {
    let width = address.family.bitWidth
    let hostMask: UInt128 = width == length ? 0 : .max >> UInt128(128 - width + length)
    self.init(
      family: address.family, first: address.bits & ~hostMask, last: address.bits | hostMask)
  }
}

/// Why a policy cannot express a word.
struct UnsupportedWord: Equatable {
  /// The stable name of the diagnostic.
  let name: String
  /// A text to put after the word, such as "is a netgroup of users, …".
  let reason: String

  static let ownHost = UnsupportedWord(
    name: "own_host_name",
    reason: "applies only on machines with that host name, which a policy does not know")
  static let userNetgroup = UnsupportedWord(
    name: "user_netgroup",
    reason:
      "is a netgroup of users, and a policy has only Unix groups; if the group of that name is"
      + " meant, write it in parentheses, such as (wheel)")
  static let hostNetgroup = UnsupportedWord(
    name: "host_netgroup", reason: "is a netgroup of hosts; a policy supports only IP addresses")
  static let notText = UnsupportedWord(
    name: "not_text", reason: "is not valid UTF-8, and a policy is UTF-8 text")
  static let tooLong = UnsupportedWord(
    name: "name_too_long", reason: "has more than 255 bytes, which no user's or group's name has")
  static let program = UnsupportedWord(
    name: "local_login",
    reason: "means programs of this machine, such as cron and su, which the policy does not judge"
      + " (see local= in pam_gatehouse(8))")
  static let hostName = UnsupportedWord(
    name: "host_name",
    reason: "is not an IP address: it is a host name, or a terminal or service of a login without a"
      + " remote host; names are never looked up")
  static let domain = UnsupportedWord(
    name: "host_name", reason: "is a domain of host names, and names are never looked up")
  static let addressEnding = UnsupportedWord(
    name: "address_ending",
    reason: "matches every address that ends in this text; there are too many to list")
  static let scatteredMask = UnsupportedWord(
    name: "scattered_mask",
    reason: "has a mask with gaps; the addresses it matches are too scattered to list")
  static let zone = UnsupportedWord(
    name: "zone", reason: "names a network interface; a policy supports only IP addresses")
}
