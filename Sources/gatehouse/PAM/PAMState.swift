import GatehouseClient
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The state of PAM: the profile that is on, and the lines that name the module.
struct PAMState {
  /// The file in which pam-auth-update notes the profiles that it wrote into common-account.
  private static let savedProfiles = "/var/lib/pam/account"
  /// The file that it writes the profiles into.
  private static let commonAccount = "\(ModuleLine.folder)/common-account"

  /// The profile that pam-auth-update turned on; nil if none of Gatehouse's is.
  let profile: PAMProfile?
  /// The lines that name the module, in the order of their files.
  let lines: [ModuleLine]

  /// The state now.
  static func now() -> PAMState {
    let saved = String(
      decoding: (try? Files.content(of: savedProfiles, atMost: 1 << 20)) ?? [], as: UTF8.self
    )
    .split(separator: "\n")
    let profile = PAMProfile.allCases.first { saved.contains("Module: \($0.name)") }
    return PAMState(profile: profile, lines: ModuleLine.all())
  }

  /// Whether a login without an answer is refused; nil if no line asks about logins.
  ///
  /// If a profile is on, only its line counts: the line of sudo or another service is not about all
  /// logins.
  var isStrict: Bool? {
    let own = lines.filter { profile == nil || $0.path == Self.commonAccount }
    let asking = own.filter { $0.rule.type == "account" && !$0.options.asksNetwork }
    return asking.isEmpty ? nil : asking.contains { $0.options.onError == .fail }
  }

  /// A failed check if the profile that is on has lost its line; else empty.
  var checks: [PAMCheck] {
    guard let profile, !lines.contains(where: { $0.path == Self.commonAccount }) else { return [] }
    return [
      PAMCheck(
        .notOK, "profile",
        "\(profile.name) was turned on, but its line is not in \(Self.commonAccount) any more",
        remedy: "pam-auth-update --force overwrites that file")
    ]
  }

  /// The lines for a report.
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
  /// The control as written, with its brackets.
  fileprivate var writtenControl: String {
    control.contains { $0 == "=" || $0 == " " } ? "[\(control)]" : control
  }
}
