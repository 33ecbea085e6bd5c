import GatehousePolicy

/// A word of a line's third field.
enum OriginWord: Equatable {
  /// These addresses; the comment says what is surprising about that, to follow the word.
  case addresses(AddressSet, comment: String?)
  /// Something that the importer cannot know.
  case unknown(Omission)

  /// Reads a word as pam_access's `from_match` does where the remote host is an address, written as
  /// sshd writes it: inet_ntop(3), an IPv4-mapped one as IPv4.
  init(_ word: ArraySlice<UInt8>) {
    if word.first == UInt8(ascii: "@") {
      self = .unknown(.hostNetgroup)
    } else if word.equalsIgnoringCase("ALL") {
      self = .addresses(.everything, comment: nil)
    } else if word.first == dot {
      self = .unknown(word.allSatisfy { $0 == dot || isDigit($0) } ? .addressEnding : .domain)
    } else if word.equalsIgnoringCase("LOCAL") {
      self = .unknown(.local)
    } else if word.last == dot {
      self = Self.octets(word)
    } else if let slash = word.firstIndex(of: UInt8(ascii: "/")) {
      self = Self.network(word, address: word[..<slash], mask: word[(slash + 1)...])
    } else if let address = WrittenAddress(word) {
      self = .addresses(
        address.alone,
        comment: address.isMapped
          ? "matches nothing: sshd writes an IPv4-mapped address as IPv4" : nil)
    } else {
      self = Self.noAddress(word)
    }
  }

  private static let nothing = AddressSet.nothing

  /// `10.1.`: the beginning of an IPv4 address as text.
  private static func octets(_ word: ArraySlice<UInt8>) -> OriginWord {
    let octets = word.dropLast().split(separator: dot, omittingEmptySubsequences: false)
    let missing = [String](repeating: "0", count: max(0, 4 - octets.count))
    let text = (octets.map { String(decoding: $0, as: UTF8.self) } + missing).joined(separator: ".")
    if octets.count <= 4, let address = WrittenAddress(Array(text.utf8)[...]) {
      return .addresses(address.prefix(8 * octets.count), comment: nil)
    }
    return word.contains { !isDigit($0) && $0 != dot }
      ? .unknown(.word)
      : .addresses(nothing, comment: "matches nothing: no IPv4 address begins like that")
  }

  /// `address/mask`, where the mask is a number or is written as an address.
  private static func network(
    _ word: ArraySlice<UInt8>, address: ArraySlice<UInt8>, mask: ArraySlice<UInt8>
  ) -> OriginWord {
    guard let address = WrittenAddress(address) else { return noAddress(word) }
    guard !address.isMapped else {
      return .addresses(
        nothing, comment: "matches nothing: sshd writes an IPv4-mapped address as IPv4")
    }
    if let written = WrittenAddress(mask) {
      // A mask of the other family is no mask, so the whole address counts.
      guard written.isIPv4 == address.isIPv4 else {
        return .addresses(
          address.alone,
          comment: "matches that one address: the mask is of the other family and so does not count"
        )
      }
      guard let length = written.maskLength else { return .unknown(.scatteredMask) }
      return .addresses(address.prefix(length), comment: nil)
    }
    guard let number = cInteger(mask), (0...address.width).contains(number) else {
      return .addresses(nothing, comment: "matches nothing: the mask is not valid")
    }
    guard number > 0 else {
      return .addresses(
        address.alone, comment: "matches that one address: to pam_access, /0 is no mask at all")
    }
    let isPlain = mask.first != UInt8(ascii: "0") && mask.allSatisfy(isDigit)
    return .addresses(
      address.prefix(number), comment: isPlain ? nil : "means /\(number) to pam_access")
  }

  private static func noAddress(_ word: ArraySlice<UInt8>) -> OriginWord {
    if word.contains(UInt8(ascii: "%")) && word.contains(colon) { return .unknown(.zone) }
    if isTerminal(word) { return .unknown(.local) }
    // What consists of an address's characters is a mistake in one.
    let digits = word.count { isHexadecimal($0) }
    let colons = word.count { $0 == colon }
    let isLikeIPv4 = word.allSatisfy { isDigit($0) || ".*/-".utf8.contains($0) }
    let isLikeIPv6 =
      colons >= 2 && word.allSatisfy { isHexadecimal($0) || ":.*/-".utf8.contains($0) }
    return digits > 0 && (isLikeIPv4 || isLikeIPv6)
      ? .addresses(nothing, comment: "matches nothing: it is not a valid address")
      : .unknown(.word)
  }

  /// Whether a word can only be a terminal: `tty1`, `pts/0`, `console`, or an X display, `:0`.
  private static func isTerminal(_ word: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: word.lowercased(), as: UTF8.self)
    if text == "console" || text.hasPrefix("pts/") { return true }
    if text.hasPrefix("tty") {
      return word.count == 3 || word.dropFirst(3).contains(where: isDigit)
    }
    return word.first == colon && word.count { $0 == colon } == 1
      && word.dropFirst().allSatisfy { isDigit($0) || $0 == dot }
  }
}

private let colon = UInt8(ascii: ":")
private let dot = UInt8(ascii: ".")

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}

/// strtol(3) with base 0, of a whole text: blanks, a sign, then hexadecimal after 0x, octal after 0,
/// else decimal.
///
/// Nil where the text is anything else. A number too large for any mask is one still, but not itself.
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
