import GatehouseClient
import GatehousePolicy
import GatehouseReport

/// How PAM stands: the profile that is on, and the lines that name the module.
struct PAMState {
  /// Where pam-auth-update keeps which profiles it wrote into common-account.
  private static let savedProfiles = "/var/lib/pam/account"
  /// The file that it writes them into.
  private static let commonAccount = "\(PAMFindings.folder)/common-account"

  /// A rule with the file that it stands in.
  struct Line {
    let path: String
    let rule: PAMLine
  }

  /// The profile that pam-auth-update turned on; nil where it is none of ours.
  let profile: PAMProfile?
  /// The lines that name the module, in the order of their files.
  let lines: [Line]

  /// How it stands now.
  static func now() -> PAMState {
    let lines = Files.matching("\(PAMFindings.folder)/*").flatMap { path in
      PAMLine.rules(in: Files.content(path) ?? []).filter(PAMFindings.isOurs)
        .map { Line(path: path, rule: $0) }
    }
    let saved = String(decoding: Files.content(savedProfiles) ?? [], as: UTF8.self)
      .split(separator: "\n")
    let profile = PAMProfile.allCases.first { saved.contains("Module: \($0.name)") }
    return PAMState(profile: profile, lines: lines)
  }

  /// Whether a login without an answer is refused; nil where no line asks about logins.
  ///
  /// Where a profile is on, its line tells: what sudo or another service asks beside it is not
  /// about everybody's logins.
  var isStrict: Bool? {
    let own = lines.filter { profile == nil || $0.path == Self.commonAccount }
    let asking = own.compactMap { line -> ModuleOptions? in
      guard line.rule.type == "account" else { return nil }
      var options = ModuleOptions()
      for argument in line.rule.arguments { try? options.take(Array(argument.utf8).span) }
      return options.asksNetwork ? nil : options
    }
    return asking.isEmpty ? nil : asking.contains { $0.onError == .fail }
  }

  /// What does not hold together: a profile without its line.
  var checks: [PAMCheck] {
    guard let profile, !lines.contains(where: { $0.path == Self.commonAccount }) else { return [] }
    return [
      PAMCheck(
        .notOK, "profile",
        "\(profile.name) was turned on, but its line is not in \(Self.commonAccount) any more",
        remedy: "pam-auth-update --force writes that file anew")
    ]
  }

  /// The lines as a report has them.
  var reportLines: [PAMReport.Line] {
    lines.map { line in
      let rule = line.rule
      return PAMReport.Line(
        location: SourceLocation(file: line.path, line: rule.line, column: 1),
        text: ([rule.type, rule.writtenControl, rule.module] + rule.arguments)
          .joined(separator: " "))
    }
  }
}

extension PAMLine {
  /// The control as it stands in the file, words in brackets within their brackets.
  fileprivate var writtenControl: String {
    control.contains { $0 == "=" || $0 == " " } ? "[\(control)]" : control
  }
}
