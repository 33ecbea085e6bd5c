import GatehouseControl
import GatehouseDoors
import GatehouseFit
import GatehousePAM
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Checks whether logins can be made to ask the daemon without locking anybody out.
enum Readiness {
  /// All checks before a profile is turned on, and the policy that serves; nil if it is not known.
  static func checks(
    for profile: PAMProfile, allowing allowance: LockoutAllowance, _ daemon: RunningDaemon,
    _ reached: (status: DaemonStatus?, checks: [PAMCheck])
  ) -> (checks: [PAMCheck], policy: Policy?) {
    var checks = reached.checks
    checks.append(module(profile))
    var policy: Policy?
    if let status = reached.status {
      let found = self.policy(status)
      policy = found.policy
      checks += found.checks
      if let mode = status.serving?.mode {
        checks.append(ModeFit.check(mode, isStrict: profile == .strict))
        checks += SessionChecks(daemon, allowing: allowance).all
      }
    }
    return (checks + lines(for: policy), policy)
  }

  /// The checks that count if a policy is to be written before; those of the open sessions are made
  /// when it is.
  static func checks(for profile: PAMProfile, planning policy: Policy) -> [PAMCheck] {
    [module(profile), PAMCheck(.ok, "policy", "the one above would serve")] + breakGlass(policy)
      + [ModeFit.check(policy.mode, isStrict: profile == .strict)] + lines(for: policy)
  }

  /// The daemon's status, nil if it cannot be asked, and the check of it.
  static func daemon(_ daemon: RunningDaemon) -> (status: DaemonStatus?, checks: [PAMCheck]) {
    do throws(CommandFailure) {
      let status = try daemon.status()
      guard status.serving != nil else {
        return (
          status,
          [
            PAMCheck(
              .notOK, "daemon", "it has no policy, and can answer no question",
              remedy: "`gatehouse check` says what is wrong; then `gatehouse reload`")
          ]
        )
      }
      return (status, [PAMCheck(.ok, "daemon", "it answers")])
    } catch {
      return (nil, [PAMCheck(.notOK, "daemon", error.problem, remedy: error.remedy)])
    }
  }

  /// Checks the lines of PAM's files that name the module already.
  static func lines(for policy: Policy?) -> [PAMCheck] {
    let machine = ThisMachine()
    let lines = PAMServices(of: machine, policy: policy).lines
    let diagnostics = PAMServices.diagnostics(about: lines, of: machine, for: policy)
    guard !diagnostics.isEmpty else {
      return [PAMCheck(.ok, "lines", "no pam_gatehouse line of PAM's files is malformed")]
    }
    return diagnostics.map { diagnostic in
      let lead = diagnostic.location.map { "\($0.fileAndLine): " } ?? ""
      return PAMCheck(
        diagnostic.severity == .error ? .notOK : .warning, "lines", lead + diagnostic.message,
        remedy: diagnostic.remedy)
    }
  }

  /// Checks that the profile is installed; it comes with the module.
  private static func module(_ profile: PAMProfile) -> PAMCheck {
    guard ThisMachine().pamFiles.canLoadModule("pam_gatehouse.so") else {
      return PAMCheck(
        .notOK, "module", "libpam has no pam_gatehouse.so to load, and would refuse everybody",
        remedy: "apt install libpam-gatehouse")
    }
    guard PAMAuthUpdate.isPresent else {
      return PAMCheck(.ok, "module", "pam_gatehouse.so is there")
    }
    let path = "\(PAMAuthUpdate.profiles)/\(profile.name)"
    do throws(SystemError) {
      _ = try Files.content(of: path, atMost: 1 << 20)
    } catch {
      return PAMCheck(
        .notOK, "profile", "\(path) cannot be read: \(error.reason)",
        remedy: "apt install libpam-gatehouse")
    }
    return PAMCheck(.ok, "profile", profile.name)
  }

  /// Checks that the files in the daemon's folder load, are what it serves, and have a break-glass
  /// route.
  ///
  /// - Returns: The policy, nil if it is not what the daemon serves; and the checks.
  static func policy(_ status: DaemonStatus) -> (policy: Policy?, checks: [PAMCheck]) {
    let files: PolicyFiles
    do {
      files = try PolicyFiles(path: status.folder, insecure: .error)
    } catch {
      return (nil, [PAMCheck(.notOK, "policy", error.problem, remedy: error.remedy)])
    }
    guard let policy = files.policy, policy.failingTests().isEmpty else {
      let check = PAMCheck(
        .notOK, "policy", "\(status.folder) has errors, or a test of it fails",
        remedy: "`gatehouse check` says which; then `gatehouse reload`")
      return (nil, [check])
    }
    guard status.isCurrent, policy.digest == status.serving?.digest else {
      let check = PAMCheck(
        .notOK, "policy", "\(status.folder) is not what the daemon serves",
        remedy: "`gatehouse reload`")
      return (nil, [check])
    }
    let served = PAMCheck(.ok, "policy", "\(status.folder) loads, and is what the daemon serves")
    return (policy, [served] + breakGlass(policy))
  }

  private static func breakGlass(_ policy: Policy) -> [PAMCheck] {
    let diagnostics = (policy.warnings() + PolicyFit.distantBreakGlass(in: policy))
      .filter { $0.name == WarningName.noBreakGlass.rawValue }
    if let diagnostic = policy.unsilenced(diagnostics).first {
      return [PAMCheck(.warning, "break-glass", diagnostic.message, remedy: diagnostic.remedy)]
    }
    guard policy.mode != .off, diagnostics.isEmpty else { return [] }
    return [PAMCheck(.ok, "break-glass", "a local user is let in whatever the lists say")]
  }
}

/// Checks whether PAM's behaviour without an answer fits the policy's mode.
enum ModeFit {
  /// The check for a mode.
  ///
  /// - Parameters:
  ///   - mode: The mode of the policy that serves.
  ///   - isStrict: Whether logins are refused without an answer.
  /// - Returns: The check.
  static func check(_ mode: Mode, isStrict: Bool) -> PAMCheck {
    switch (mode, isStrict) {
    case (.enforce, true), (.monitor, false):
      PAMCheck(.ok, "mode", "\(mode.rawValue), which fits")
    case (.enforce, false):
      PAMCheck(
        .warning, "mode", "the policy enforces, but without an answer logins go on",
        remedy: "once you have seen logins work: `gatehouse pam enable --strict`")
    case (.off, false):
      PAMCheck(
        .warning, "mode", "the policy's mode is off, so no login is checked",
        remedy: "set `mode: monitor` in the policy, then `gatehouse reload`")
    case (.monitor, true), (.off, true):
      PAMCheck(
        .notOK, "mode",
        "strict refuses logins without an answer, but the policy's mode is \(mode.rawValue), which "
          + "refuses nobody",
        remedy: "set `mode: enforce` in the policy, then `gatehouse reload`; or turn on trial: "
          + "`gatehouse pam enable`")
    }
  }
}
