import GatehouseClient
import GatehousePolicy

/// What is wrong with the pam_gatehouse lines of PAM's files.
enum PAMFindings {
  static let folder = "/etc/pam.d"
  private static let module = "pam_gatehouse.so"

  /// The findings of every file of the folder, in order.
  static func all() -> [Diagnostic] {
    Files.matching("\(folder)/*").flatMap { path -> [Diagnostic] in
      guard let content = Files.content(path) else {
        return [
          Diagnostic(
            warning: .pamFileUnreadable, location: nil,
            message: "\(path) cannot be read: \(lastSystemError())",
            remedy: "run the check as root")
        ]
      }
      return findings(of: path, content)
    }
  }

  /// The findings of one file.
  static func findings(of path: String, _ content: [UInt8]) -> [Diagnostic] {
    PAMLine.rules(in: content).filter(isOurs).flatMap { rule in
      let location = SourceLocation(file: path, line: rule.line, column: 1)
      var options = ModuleOptions()
      return optionFindings(rule, &options, at: location)
        + effectFindings(rule, options, at: location)
    }
  }

  private static func isOurs(_ rule: PAMLine) -> Bool {
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
