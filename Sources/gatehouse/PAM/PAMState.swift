import GatehouseClient
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// How PAM stands: the profile that is on, and the lines that name the module.
struct PAMState {
  /// Where pam-auth-update keeps which profiles it wrote into common-account.
  private static let savedProfiles = "/var/lib/pam/account"
  /// The file that it writes them into.
  private static let commonAccount = "\(ModuleLine.folder)/common-account"

  /// The profile that pam-auth-update turned on; nil where it is none of ours.
  let profile: PAMProfile?
  /// The lines that name the module, in the order of their files.
  let lines: [ModuleLine]

  /// How it stands now.
  static func now() -> PAMState {
    let saved = String(
      decoding: (try? Files.content(of: savedProfiles, atMost: 1 << 20)) ?? [], as: UTF8.self
    )
    .split(separator: "\n")
    let profile = PAMProfile.allCases.first { saved.contains("Module: \($0.name)") }
    return PAMState(profile: profile, lines: ModuleLine.all())
  }

  /// Whether a login without an answer is refused; nil where no line asks about logins.
  ///
  /// Where a profile is on, its line tells: what sudo or another service asks beside it is not
  /// about everybody's logins.
  var isStrict: Bool? {
    let own = lines.filter { profile == nil || $0.path == Self.commonAccount }
    let asking = own.filter { $0.rule.type == "account" && !$0.options.asksNetwork }
    return asking.isEmpty ? nil : asking.contains { $0.options.onError == .fail }
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
        location: line.location,
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
