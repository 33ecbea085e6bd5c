import GatehouseClient
import GatehousePlatform
import GatehousePolicy

/// Checks the pam_gatehouse lines of PAM's files.
enum PAMDiagnostics {
  /// The diagnostics of every file of the folder, in order.
  static func all(for policy: Policy?) -> [Diagnostic] {
    Files.matching("\(ModuleLine.folder)/*").flatMap { path -> [Diagnostic] in
      let lines: [ModuleLine]
      do throws(SystemError) {
        lines = try ModuleLine.all(in: path)
      } catch {
        return [
          Diagnostic(
            warning: .pamFileUnreadable, location: nil,
            message: "\(path) cannot be read: \(error.reason)",
            remedy: "run the check as root")
        ]
      }
      return lines.flatMap { line in
        optionDiagnostics(line) + [effectDiagnostic(line)].compactMap(\.self)
          + nameDiagnostics(line, for: policy)
      }
    }
  }

  /// Options that the module does not accept.
  private static func optionDiagnostics(_ line: ModuleLine) -> [Diagnostic] {
    let effect =
      line.options.asksNetwork ? "this line never says yes" : "this line denies every login"
    return line.problems.map { argument, phrase in
      Diagnostic(
        error: .pamOption, location: line.location,
        message: "`\(argument)`: \(phrase)",
        remedy: "until then \(effect); pam_gatehouse(8) has the options")
    }
  }

  /// Roles and networks that the policy does not have: nobody has a misspelt role.
  private static func nameDiagnostics(_ line: ModuleLine, for policy: Policy?) -> [Diagnostic] {
    guard let policy else { return [] }
    func unknown(_ kind: String, _ name: Name, _ effect: String) -> Diagnostic {
      Diagnostic(
        warning: .pamUnknownName, location: line.location,
        message: "the policy has no \(kind) `\(name)`, so this line \(effect)",
        remedy: "declare it under \(kind)s, or correct the line")
    }
    var diagnostics: [Diagnostic] = []
    if let role = line.role, !policy.hasRole(role) {
      diagnostics.append(unknown("role", role, "refuses everybody"))
    }
    if let network = line.network, !policy.hasNetwork(network) {
      diagnostics.append(unknown("network", network, "never says yes"))
    }
    return diagnostics
  }

  /// A line that does nothing, or whose denial does not count.
  private static func effectDiagnostic(_ line: ModuleLine) -> Diagnostic? {
    func diagnostic(_ warning: WarningName, _ message: String, _ remedy: String) -> Diagnostic {
      Diagnostic(warning: warning, location: line.location, message: message, remedy: remedy)
    }
    let (type, control) = (line.rule.type, line.rule.control.lowercased())
    let usual = "write `account required \(ModuleLine.module)`"
    if line.options.asksNetwork, type == "auth" || type == "account" {
      guard control == "optional" else { return nil }
      return diagnostic(
        .pamLineWithoutEffect, "the answer does not count in a line that is `optional`",
        "write `[success=1 default=ignore]`, which skips the next line if the answer is yes")
    }
    if type != "account" {
      return diagnostic(
        .pamLineWithoutEffect, "\(ModuleLine.module) decides nothing in a line of type `\(type)`",
        type == "auth" ? "\(usual), or network= for a question about a network" : usual)
    }
    guard control == "optional" || control == "sufficient" else { return nil }
    return diagnostic(
      .pamLineNeverDenies, "a denial does not count in a line that is `\(control)`", usual)
  }
}
