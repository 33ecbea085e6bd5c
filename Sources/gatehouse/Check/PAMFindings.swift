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
            severity: .warning, name: "pam_file_unreadable", location: nil,
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
      return optionFindings(rule, at: location) + effectFindings(rule, at: location)
    }
  }

  private static func isOurs(_ rule: PAMLine) -> Bool {
    rule.module == module || rule.module.hasSuffix("/\(module)")
  }

  /// What the module itself says of each option.
  private static func optionFindings(
    _ rule: PAMLine, at location: SourceLocation
  ) -> [Diagnostic] {
    var options = ModuleOptions()
    return rule.arguments.compactMap { argument in
      do throws(OptionProblem) {
        try options.take(Array(argument.utf8).span)
        return nil
      } catch {
        return Diagnostic(
          severity: .error, name: "pam_option", location: location,
          message: "`\(argument)`: \(error.phrase)",
          remedy: "until then this line denies every login; pam_gatehouse(8) has the options")
      }
    }
  }

  /// A line that does nothing, or whose denial does not count.
  private static func effectFindings(
    _ rule: PAMLine, at location: SourceLocation
  ) -> [Diagnostic] {
    if rule.type != "account" {
      return [
        Diagnostic(
          severity: .warning, name: "pam_line_without_effect", location: location,
          message: "\(module) decides nothing in a line of type `\(rule.type)`",
          remedy: "write `account required \(module)`")
      ]
    }
    let control = rule.control.lowercased()
    guard control == "optional" || control == "sufficient" else { return [] }
    return [
      Diagnostic(
        severity: .warning, name: "pam_line_never_denies", location: location,
        message: "a denial does not count in a line that is `\(control)`",
        remedy: "write `account required \(module)`")
    ]
  }
}
