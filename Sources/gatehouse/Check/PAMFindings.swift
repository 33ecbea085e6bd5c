import GatehouseClient
import GatehousePolicy
import GatehouseWire

/// What is wrong with the pam_gatehouse lines of PAM's files.
enum PAMFindings {
  static let folder = "/etc/pam.d"
  private static let module = "pam_gatehouse.so"

  /// The findings of every file of the folder, in order.
  static func all(for policy: Policy?) -> [Diagnostic] {
    Files.matching("\(folder)/*").flatMap { path -> [Diagnostic] in
      guard let content = Files.content(path) else {
        return [
          Diagnostic(
            warning: .pamFileUnreadable, location: nil,
            message: "\(path) cannot be read: \(lastSystemError())",
            remedy: "run the check as root")
        ]
      }
      return findings(of: path, content, for: policy)
    }
  }

  /// The findings of one file.
  private static func findings(
    of path: String, _ content: [UInt8], for policy: Policy?
  ) -> [Diagnostic] {
    PAMLine.rules(in: content).filter(isOurs).flatMap { rule in
      let location = SourceLocation(file: path, line: rule.line, column: 1)
      var options = ModuleOptions()
      return optionFindings(rule, &options, at: location)
        + effectFindings(rule, options, at: location)
        + nameFindings(options, for: policy, at: location)
    }
  }

  /// Whether a rule names this module.
  static func isOurs(_ rule: PAMLine) -> Bool {
    rule.module == module || rule.module.hasSuffix("/\(module)")
  }

  /// What the module itself says of each option.
  private static func optionFindings(
    _ rule: PAMLine, _ options: inout ModuleOptions, at location: SourceLocation
  ) -> [Diagnostic] {
    var problems: [(argument: String, phrase: StaticString)] = []
    for argument in rule.arguments {
      do throws(OptionProblem) {
        try options.take(Array(argument.utf8).span)
      } catch {
        problems.append((argument, error.phrase))
      }
    }
    let effect =
      options.asksNetwork ? "this line never says yes" : "this line denies every login"
    return problems.map { argument, phrase in
      Diagnostic(
        severity: .error, name: "pam_option", location: location,
        message: "`\(argument)`: \(phrase)",
        remedy: "until then \(effect); pam_gatehouse(8) has the options")
    }
  }

  /// A role or network that the policy does not have: a misspelt one is nobody's, and nowhere.
  private static func nameFindings(
    _ options: ModuleOptions, for policy: Policy?, at location: SourceLocation
  ) -> [Diagnostic] {
    guard let policy else { return [] }
    let role = options.role
    let network = options.network
    let roleName = Name(bytes: role.bytes.array)
    let networkName = Name(bytes: network.bytes.array)
    var findings: [Diagnostic] = []
    if role.count > 0, !policy.hasRole(roleName) {
      findings.append(
        Diagnostic(
          warning: .pamUnknownName, location: location,
          message: "the policy has no role `\(roleName)`, so this line refuses everybody",
          remedy: "declare it under roles, or correct the line"))
    }
    if network.count > 0, !policy.hasNetwork(networkName) {
      findings.append(
        Diagnostic(
          warning: .pamUnknownName, location: location,
          message: "the policy has no network `\(networkName)`, so this line never says yes",
          remedy: "declare it under networks, or correct the line"))
    }
    return findings
  }

  /// A line that does nothing, or whose denial does not count.
  private static func effectFindings(
    _ rule: PAMLine, _ options: ModuleOptions, at location: SourceLocation
  ) -> [Diagnostic] {
    func withoutEffect(_ message: String, _ remedy: String) -> [Diagnostic] {
      [
        Diagnostic(
          warning: .pamLineWithoutEffect, location: location,
          message: message, remedy: remedy)
      ]
    }
    let control = rule.control.lowercased()
    if options.asksNetwork, rule.type == "auth" || rule.type == "account" {
      guard control == "optional" else { return [] }
      return withoutEffect(
        "the answer does not count in a line that is `optional`",
        "write `[success=1 default=ignore]`, which leaves out the next line where it is a yes")
    }
    if rule.type != "account" {
      return withoutEffect(
        "\(module) decides nothing in a line of type `\(rule.type)`",
        rule.type == "auth"
          ? "write `account required \(module)`, or network= for a question about a network"
          : "write `account required \(module)`")
    }
    guard control == "optional" || control == "sufficient" else { return [] }
    return [
      Diagnostic(
        warning: .pamLineNeverDenies, location: location,
        message: "a denial does not count in a line that is `\(control)`",
        remedy: "write `account required \(module)`")
    ]
  }
}
