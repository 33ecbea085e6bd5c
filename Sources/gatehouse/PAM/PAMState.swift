import GatehouseClient
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The state of PAM: the profile that is on, and the lines that name the module.
struct PAMState {
  /// The file where pam-auth-update notes the profiles that it wrote into common-account.
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

/// pam-auth-update(8), which writes /etc/pam.d/common-account from profiles.
enum PAMAuthUpdate {
  private static let program = "pam-auth-update"
  /// The folder of its profiles.
  static let profiles = "/usr/share/pam-configs"

  /// Throws if this process is not root's: only root can change /etc/pam.d.
  static func requireRoot() throws(CommandFailure) {
    guard CurrentProcess.isRoot else {
      throw .unreachable("only root can change /etc/pam.d", remedy: "run this as root")
    }
  }

  /// Turns profiles on and off.
  ///
  /// pam-auth-update also succeeds if it changed nothing, because somebody has edited the files that
  /// it manages. So the result is checked.
  ///
  /// - Returns: A failed check if the profiles are not as they should be; else nothing.
  static func set(on profile: PAMProfile?, off others: [PAMProfile]) throws(CommandFailure)
    -> [PAMCheck]
  {
    var arguments = ["--disable"] + others.map(\.name)
    if let profile { arguments += ["--enable", profile.name] }
    let status = try run(arguments)
    let state = PAMState.now()
    if state.profile == profile && state.checks.isEmpty { return [] }
    let ending = status == 0 ? "left PAM as it was" : "failed with status \(status)"
    let byHand =
      profile.map { _ in
        "or write the line yourself: pam_gatehouse(8) has it"
      } ?? "or take the line out of common-account yourself"
    return [
      PAMCheck(
        .notOK, "pam-auth-update", "\(program) \(arguments.joined(separator: " ")): \(ending)",
        remedy: "if /etc/pam.d/common-* was edited by hand, pam-auth-update --force overwrites it; "
          + byHand)
    ]
  }

  /// Runs it without questions, and returns its exit status.
  ///
  /// Its output goes to standard error: standard output is for the report.
  private static func run(_ arguments: [String]) throws(CommandFailure) -> Int32 {
    guard let file = Programs.find(program) else {
      throw .unreachable(
        "\(program) is not on this machine",
        remedy: "pam_gatehouse(8) has the line to write instead")
    }
    do throws(SystemError) {
      return try Programs.run(
        file, [program] + arguments,
        environment: ["PATH=\(Programs.path)", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"],
        withoutInput: true, reportsToStandardError: true)
    } catch {
      throw .cannotRun(file, error)
    }
  }
}
