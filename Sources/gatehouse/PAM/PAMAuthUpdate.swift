import GatehousePlatform
import GatehouseReport

/// pam-auth-update(8), which writes /etc/pam.d/common-account from profiles.
enum PAMAuthUpdate {
  private static let program = "pam-auth-update"
  /// The folder of its profiles.
  static let profiles = "/usr/share/pam-configs"

  /// Throws if this process is not root's, who alone can change /etc/pam.d.
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
