public import GatehousePAM

/// A setting of a Defaults line of sudoers(5) that changes what PAM is asked.
public struct SudoSetting: Hashable, Sendable {
  /// `pam_acct_mgmt`, `pam_service` or `pam_login_service`.
  public var name: String
  /// Its value; nil if it is a flag, or was turned off.
  public var value: String?
  /// Whether it was turned off (`!`).
  public var isOff: Bool
  /// For whom: `Defaults`, `Defaults:alice`.
  public var scope: String
  /// Where it stands.
  public var location: PAMLocation
}

/// Reads sudoers(5) as far as the Defaults that change what PAM is asked.
public struct Sudoers: Sendable {
  private static let watched: Set<String> = ["pam_acct_mgmt", "pam_service", "pam_login_service"]

  /// The settings in force: of those for the same people, the last counts.
  public private(set) var settings: [SudoSetting] = []
  /// Files that are there and cannot be read, with the reason.
  public private(set) var unreadable: [String] = []
  /// Whether the machine has a sudoers file.
  public private(set) var exists = false

  /// Reads the sudoers of a machine.
  public init(of machine: any DoorMachine) {
    read("/etc/sudoers", of: machine, depth: 0)
  }

  private mutating func read(_ path: String, of machine: any DoorMachine, depth: Int) {
    guard depth < 128 else { return }
    switch machine.file(at: path) {
    case .absent: return
    case .unreadable(let reason): unreadable.append("\(path) cannot be read: \(reason)")
    case .text(let text):
      exists = true
      for (line, number) in Self.lines(of: text) {
        take(line, at: PAMLocation(file: path, line: number), of: machine, depth: depth)
      }
    }
    exists = true
  }

  /// The logical lines: a backslash at the end goes on with the next line.
  private static func lines(of text: String) -> [(text: String, number: Int)] {
    var lines: [(text: String, number: Int)] = []
    var pending: (text: String, number: Int)?
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let whole = (text: (pending?.text ?? "") + line, number: pending?.number ?? index + 1)
      pending = nil
      if whole.text.hasSuffix("\\") {
        pending = (String(whole.text.dropLast()), whole.number)
      } else {
        lines.append(whole)
      }
    }
    return lines + (pending.map { [$0] } ?? [])
  }

  private mutating func take(
    _ line: String, at location: PAMLocation, of machine: any DoorMachine, depth: Int
  ) {
    let text = line.drop { $0.isWhitespace }
    let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    switch words.first {
    case "@include", "#include":
      guard let path = Self.path(words, beside: location.file) else { return }
      read(path, of: machine, depth: depth + 1)
    case "@includedir", "#includedir":
      guard let folder = Self.path(words, beside: location.file) else { return }
      for name in machine.names(in: folder) where !name.hasSuffix("~") && !name.contains(".") {
        read("\(folder)/\(name)", of: machine, depth: depth + 1)
      }
    case let word? where word.hasPrefix("Defaults"):
      let scope = Self.scope(of: text)
      for item in Self.items(of: text.dropFirst(scope.count)) {
        guard let setting = SudoSetting(item, scope: String(scope), location),
          Self.watched.contains(setting.name)
        else { continue }
        settings.removeAll { $0.name == setting.name && $0.scope == setting.scope }
        settings.append(setting)
      }
    default: return
    }
  }

  private static func path(_ words: [String], beside file: String) -> String? {
    guard words.count == 2 else { return nil }
    let path = words[1].filter { $0 != "\"" }.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    guard !path.hasPrefix("/") else { return path }
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(folder)/\(path)"
  }

  /// `Defaults` and for whom it is, as it is written.
  private static func scope(of text: Substring) -> Substring {
    var isQuoted = false
    for index in text.indices {
      if text[index] == "\"" { isQuoted.toggle() }
      if !isQuoted && text[index].isWhitespace { return text[..<index] }
    }
    return text
  }

  /// The settings of a Defaults line: between commas, up to a comment.
  private static func items(of text: Substring) -> [String] {
    var items: [String] = []
    var item = ""
    var isQuoted = false
    var isEscaped = false
    scan: for character in text {
      switch character {
      case _ where isEscaped:
        item.append(character)
        isEscaped = false
        continue
      case "\\": isEscaped = true
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        items.append(item)
        item = ""
      case "#" where !isQuoted: break scan
      case _ where character.isWhitespace && !isQuoted: break
      default: item.append(character)
      }
    }
    return (items + [item]).filter { !$0.isEmpty }
  }
}

extension SudoSetting {
  /// The setting of one item of a Defaults line, spaces and quotes taken out: `!pam_acct_mgmt`,
  /// `pam_service=x`; nil if there is no name.
  fileprivate init?(_ item: String, scope: String, _ location: PAMLocation) {
    let negations = item.prefix { $0 == "!" }.count
    let rest = item.dropFirst(negations)
    let name = rest.prefix { $0.isLetter || $0 == "_" || $0.isNumber }
    guard !name.isEmpty else { return nil }
    let value = rest.firstIndex(of: "=").map { String(rest[rest.index(after: $0)...]) }
    self.init(
      name: String(name), value: value, isOff: negations % 2 == 1, scope: scope,
      location: location)
  }
}
