extension AddressRange {
  /// Reads a text as `init(reading:)` does, and says what somebody most likely meant by another one.
  init(_ text: Span<UInt8>) throws(AddressProblem) {
    do throws(AddressProblem) {
      self = try AddressRange(reading: text)
    } catch {
      throw MisspeltAddress.remedied(error, of: text.text)
    }
  }
}

/// What somebody most likely meant by a text that is not an address.
///
/// It knows what other programs and word processors make of addresses. What it says to write can be
/// read, always.
enum MisspeltAddress {
  /// A longer text, in bytes, is not looked at.
  private static let longest = 200

  /// A problem with the remedy that the whole text tells.
  ///
  /// - Parameters:
  ///   - problem: What is wrong with the text.
  ///   - text: All of it.
  /// - Returns: The problem; its own remedy stays if there is no better one.
  static func remedied(_ problem: AddressProblem, of text: String) -> AddressProblem {
    guard text.utf8.count <= longest else { return problem }
    if text.hasPrefix("!") {
      let rest = String(text.dropFirst().drop { $0 == " " })
      return AddressProblem(
        "begins with `!`, which takes nothing out",
        remedy: isReadable(rest) || isDeclarableName(Name(rest))
          ? "add except: [\(rest)] to the entry that holds it"
          : "add an `except` to the entry that holds it")
    }
    let entries = text.split { " \t\n,;".contains($0) }.map(String.init)
    if entries.count > 1, entries.allSatisfy(isReadable) {
      return AddressProblem(
        problem.message,
        remedy: entries.count == 2
          ? "write two entries: \(entries[0]) and \(entries[1])"
          : "write \(entries.count) entries, one for each address")
    }
    let foreign = text.unicodeScalars.first { !$0.isASCII }
    let message =
      foreign.map { "is not an IP address: no address has `\(displayText(of: String($0)))`" }
      ?? problem.message
    let meant = repaired(text)
    let isMended = meant != text && isReadable(meant)
    return AddressProblem(message, remedy: isMended ? "write \(meant)" : problem.remedy)
  }

  private static func isReadable(_ text: String) -> Bool {
    (try? AddressRange(reading: text.utf8.span)) != nil
  }

  /// The text without what is known not to belong to an address.
  private static func repaired(_ text: String) -> String {
    var text = withoutPort(plain(text))
    if let zone = text.firstIndex(of: "%") {
      text.removeSubrange(zone..<(text[zone...].firstIndex(of: "/") ?? text.endIndex))
    }
    return text.contains(":") ? repairedIPv6(text) : repairedIPv4(text)
  }

  /// Without quotes, invisible characters and spaces at a dash; every dash is `-`.
  private static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'", "\"", "\u{AB}", "\u{BB}", "\u{2018}"..."\u{201F}", "\u{2039}", "\u{203A}", "\u{A0}",
        "\u{200B}"..."\u{200F}", "\u{202F}", "\u{2060}", "\u{FEFF}":
        continue
      case "\u{2010}"..."\u{2015}", "\u{2212}": result.append("-")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result.split(separator: "-", omittingEmptySubsequences: false).map { part in
      var part = part.drop { $0 == " " || $0 == "\t" }
      while part.last == " " || part.last == "\t" { part.removeLast() }
      return part
    }.joined(separator: "-")
  }

  /// Without brackets, and without `:22` after them or after an IPv4 address.
  private static func withoutPort(_ text: String) -> String {
    if text.first == "[", let end = text.firstIndex(of: "]") {
      let inside = text[text.index(after: text.startIndex)..<end]
      let after = text[text.index(after: end)...]
      return String(after.isEmpty || isPort(after) ? inside : inside + after)
    }
    guard let colon = text.firstIndex(of: ":"), isPort(text[colon...]) else { return text }
    return String(text[..<colon])
  }

  /// Whether a text is a colon and a number.
  private static func isPort(_ text: Substring) -> Bool {
    text.utf8.first == .colon && text.utf8.count > 1
      && text.utf8.dropFirst().allSatisfy { $0.decimalDigit != nil }
  }

  /// All four numbers, none with a leading zero: `192.168.0.`, `10/8` and `10.*` have fewer.
  private static func repairedIPv4(_ text: String) -> String {
    let text = withoutLeadingZeros(text)
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    var numbers = text[..<slash].split(separator: ".", omittingEmptySubsequences: false)
    let endsInDot = numbers.count > 1 && numbers.last?.isEmpty == true
    if endsInDot { numbers.removeLast() }
    let missing = Array(
      repeating: numbers.last == "*" ? "*" : "0", count: max(0, 4 - numbers.count))
    let whole = (numbers.map(String.init) + missing).joined(separator: ".")
    if slash < text.endIndex { return whole + text[slash...] }
    if numbers.count > 1, numbers.last == "*" { return whole }
    return endsInDot && !missing.isEmpty ? "\(whole)/\(8 * numbers.count)" : text
  }

  private static func withoutLeadingZeros(_ text: String) -> String {
    var result: [UInt8] = []
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
      let beginsNumber = result.last?.decimalDigit == nil
      let goesOn = bytes[(index + 1)...].first?.decimalDigit != nil
      if byte != UInt8(ascii: "0") || !beginsNumber || !goesOn { result.append(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A prefix in place of `2001:db8:*`, and a length without leading zeros.
  private static func repairedIPv6(_ text: String) -> String {
    var groups = text.split(separator: ":", omittingEmptySubsequences: false)
    if groups.last == "*" {
      while groups.last == "*" { groups.removeLast() }
      guard !groups.contains("") else { return text }
      return groups.joined(separator: ":") + "::/\(16 * groups.count)"
    }
    guard let slash = text.firstIndex(of: "/") else { return text }
    return String(text[..<slash]) + withoutLeadingZeros(String(text[slash...]))
  }
}
