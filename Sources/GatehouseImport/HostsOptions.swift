import GatehousePolicy

/// What the options of a line do with a login that the line matches: options.c of TCP wrappers.
///
/// They are taken one after the other. At one that is wrong, TCP wrappers refuse.
struct HostsOptions {
  /// Whether the login is allowed.
  private(set) var allows: Bool
  /// What to know about the options.
  private(set) var findings: [(kind: ImportDiagnostic.Kind, name: String, text: String)] = []

  /// Reads the options; without any, the file decides.
  init(_ options: ArraySlice<UInt8>?, isAllowFile: Bool) {
    allows = isAllowFile
    var uncertain: (name: String, text: String)?
    let fields = options.map(Self.fields) ?? []
    for (index, field) in fields.enumerated() {
      let (name, value) = Self.option(field)
      let isLast = index == fields.count - 1
      guard let known = Known(rawValue: String(decoding: name, as: UTF8.self)) else {
        refuse(
          name.isEmpty
            ? "an option is empty" : "`\(Name(bytes: name))` is no option (IPv6 stands in brackets)"
        )
        return
      }
      if let problem = known.problem(of: value, isLast: isLast) {
        refuse("the option \(known.rawValue) \(problem)")
        return
      }
      switch known {
      case .allow: allows = true
      case .deny: allows = false
      case .spawn:
        findings.append(
          (.note, "command", "spawn runs a command, and the policy does not; see notify"))
      case .aclexec:
        uncertain = ("command", "aclexec has a command decide, and the policy runs none")
      case .twist:
        uncertain = ("command", "twist runs a command in the place of the service")
      case .user, .group:
        uncertain = ("run_as", "the option \(known.rawValue) changes who runs the service")
      default: break
      }
    }
    guard let uncertain else { return }
    if allows {
      allows = false
      findings.append(
        (.notImported, uncertain.name, "\(uncertain.text); the policy refuses here"))
    } else if uncertain.name == "command" {
      findings.append((.note, uncertain.name, "\(uncertain.text); the policy refuses here, too"))
    }
  }

  private mutating func refuse(_ problem: String) {
    allows = false
    findings.append(
      (
        .note, "bad_option",
        "\(problem), so TCP wrappers refuse whoever this line matches, and so does the policy"
      ))
  }

  /// The options of hosts_options(5).
  private enum Known: String {
    case user, group, umask, linger, keepalive, spawn, twist, rfc931, setenv, nice, severity, allow
    case deny, banners, aclexec

    /// What is wrong with the option; nil if nothing is.
    func problem(of value: ArraySlice<UInt8>?, isLast: Bool) -> String? {
      switch (self, value) {
      case (.keepalive, _?), (.allow, _?), (.deny, _?): return "takes no value"
      case (.keepalive, nil), (.rfc931, nil), (.nice, nil), (.allow, nil), (.deny, nil): break
      case (_, nil): return "needs a value"
      case (_, let value?):
        if !accepts(value) { return "does not take `\(Name(bytes: value))`" }
      }
      let hasToBeLast = self == .allow || self == .deny || self == .twist
      return hasToBeLast && !isLast ? "has to be the last one" : nil
    }

    private func accepts(_ value: ArraySlice<UInt8>) -> Bool {
      let text = String(decoding: value, as: UTF8.self)
      switch self {
      case .umask: return Int(text, radix: 8).map { (0...0o777).contains($0) } ?? false
      case .linger: return Int32(text).map { $0 >= 0 } ?? false
      case .rfc931: return Int32(text).map { $0 > 0 } ?? false
      case .nice: return Int32(text) != nil
      case .severity:
        let parts = text.lowercased().split(
          separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2
          ? Self.facilities.contains(parts[0]) && Self.levels.contains(parts[1])
          : Self.levels.contains(parts[0])
      default: return true
      }
    }

    private static let facilities: Set<Substring> = [
      "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "mark", "news",
      "security", "syslog", "user", "uucp", "local0", "local1", "local2", "local3", "local4",
      "local5", "local6", "local7",
    ]
    private static let levels: Set<Substring> = [
      "alert", "crit", "debug", "emerg", "err", "error", "info", "none", "notice", "panic", "warn",
      "warning",
    ]
  }

  /// The options between the colons; `\:` is a colon of an option.
  private static func fields(_ options: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var rest = options
    while !rest.isEmpty {
      var field: [UInt8] = []
      while let byte = rest.popFirst(), byte != colon {
        if byte == UInt8(ascii: "\\"), rest.first == colon {
          field.append(colon)
          rest = rest.dropFirst()
        } else {
          field.append(byte)
        }
      }
      result.append(field[...])
    }
    return result
  }

  /// `name value` or `name = value`, the name in lower case.
  private static func option(
    _ field: ArraySlice<UInt8>
  ) -> (name: [UInt8], value: ArraySlice<UInt8>?) {
    let space = " \t\r\n\u{B}\u{C}".utf8
    var text = field.drop { space.contains($0) }
    while let last = text.last, space.contains(last) { text = text.dropLast() }
    let end = text.firstIndex { "= \t\r\n".utf8.contains($0) } ?? text.endIndex
    var value = text[end...]
    if value.first != UInt8(ascii: "=") { value = value.drop { " \t\r\n".utf8.contains($0) } }
    if value.first == UInt8(ascii: "=") {
      value = value.dropFirst().drop { " \t\r\n".utf8.contains($0) }
    }
    return (text[..<end].lowercased(), value.isEmpty ? nil : value)
  }
}

private let colon = UInt8(ascii: ":")
