import GatehouseDoors
import GatehousePAM
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// How logins are made to ask.
enum PAMMeans: Equatable {
  /// By a profile of pam-auth-update.
  case profile
  /// By a line that the command writes by itself.
  case ownLine
}

/// Turns on and off that logins ask.
enum PAMSwitch {
  /// The result of a change.
  struct Outcome {
    /// What was changed, in words.
    var changes: [String] = []
    /// What went wrong.
    var checks: [PAMCheck] = []
  }

  /// How a profile can be turned on so that sshd's logins are judged then.
  ///
  /// - Returns: The means; nil and the checks that say why if there are none.
  static func means(
    for profile: PAMProfile, policy: Policy?
  ) -> (means: PAMMeans?, checks: [PAMCheck]) {
    let content = (try? Files.content(of: PAMEdit.file, atMost: 1 << 20)) ?? []
    let failsClosed = profile == .strict
    var checks: [PAMCheck] = []
    if PAMAuthUpdate.has(profile), PAMEdit.file == PAMState.commonAccount {
      checks = sshChecks(
        OwnLine.withProfile(in: content, failsClosed: failsClosed), policy: policy)
      if checks.allSatisfy({ $0.outcome != .notOK }) { return (.profile, checks) }
    }
    checks = sshChecks(OwnLine.added(to: content, failsClosed: failsClosed), policy: policy)
    return (checks.contains { $0.outcome == .notOK } ? nil : .ownLine, checks)
  }

  /// Whether sshd's logins would be judged if the file of all logins had this content.
  private static func sshChecks(_ content: [UInt8], policy: Policy?) -> [PAMCheck] {
    DoorChecks.ofSSH(
      Doors(of: ThisMachine(changed: [PAMEdit.file: content]), policy: policy), future: true)
  }

  /// Turns a profile on.
  ///
  /// pam-auth-update leaves files alone that somebody has edited; then the command writes its line by
  /// itself.
  static func enable(
    _ profile: PAMProfile, by means: PAMMeans
  ) throws(CommandFailure) -> Outcome {
    var outcome = Outcome()
    if means == .profile {
      try PAMEdit.set(nil)
      if let check = try PAMAuthUpdate.set(on: profile) {
        outcome.checks.append(check)
        return outcome
      }
      let state = PAMState.now()
      if state.profile == profile && state.checks.isEmpty {
        outcome.changes.append(
          "pam-auth-update wrote the line of \(profile.name) into \(PAMState.commonAccount)")
        return outcome
      }
    } else if PAMAuthUpdate.isPresent, PAMState.now().profile != nil {
      _ = try PAMAuthUpdate.set(on: nil)
    }
    try PAMEdit.set(profile)
    outcome.changes.append(
      "\(PAMEdit.file): `\(OwnLine.text(failsClosed: profile == .strict))`, before all other "
        + "account lines" + (means == .profile ? ", since the file was edited by hand" : ""))
    return outcome
  }

  /// Turns a profile on, and goes back if sshd's logins are not judged then.
  static func enableOrRestore(
    _ profile: PAMProfile, by means: PAMMeans, policy: Policy?
  ) throws(CommandFailure) -> Outcome {
    let before = PAMState.now().effective
    let outcome = try enable(profile, by: means)
    guard outcome.checks.isEmpty else { return outcome }
    let obstacles = DoorChecks.ofSSH(MachineDoors.now(for: policy), future: false)
      .filter { $0.outcome == .notOK }
    guard !obstacles.isEmpty else { return outcome }
    var restored = try restore(before)
    restored.checks += obstacles
    restored.changes = []
    return restored
  }

  /// Turns off whatever is on; lines that somebody else wrote stay.
  static func disable() throws(CommandFailure) -> Outcome {
    var outcome = Outcome()
    if PAMEdit.ownLine != nil {
      try PAMEdit.set(nil)
      outcome.changes.append("the command's own line was taken out of \(PAMEdit.file)")
    }
    guard PAMAuthUpdate.isPresent else { return outcome }
    let before = PAMState.now().profile
    if let check = try PAMAuthUpdate.set(on: nil) { outcome.checks.append(check) }
    let state = PAMState.now()
    if let before, state.profile == nil {
      outcome.changes.append("pam-auth-update took \(before.name) out")
    } else if let profile = state.profile {
      outcome.checks.append(
        PAMCheck(
          .notOK, "pam-auth-update", "\(profile.name) is still on: it left PAM as it was",
          remedy: "if /etc/pam.d/common-* was edited by hand, take the line out of "
            + "common-account yourself, or pam-auth-update --force overwrites the file"))
    }
    return outcome
  }

  /// Puts back what was on before.
  static func restore(_ before: PAMProfile?) throws(CommandFailure) -> Outcome {
    // A line without the module would let nobody in.
    guard let before, ThisMachine().pamFiles.canLoadModule("pam_gatehouse.so") else {
      return try disable()
    }
    return try enable(before, by: PAMAuthUpdate.has(before) ? .profile : .ownLine)
  }
}

/// What `pam` says of the machine's doors.
enum DoorChecks {
  /// Whether the logins of each sshd are judged.
  /// - Parameters:
  ///   - doors: The machine's doors, or what they would be.
  ///   - future: Whether they are what they would be.
  /// - Returns: A check for each sshd; one without obstacle if the machine has none.
  static func ofSSH(_ doors: Doors, future: Bool) -> [PAMCheck] {
    guard !doors.sshServers.isEmpty else {
      return [PAMCheck(.ok, "sshd", "this machine has no sshd")]
    }
    return doors.sshServers.map { check($0, doors, future: future) }
  }

  private static func check(_ server: SSHServer, _ doors: Doors, future: Bool) -> PAMCheck {
    if server.usesPAM == false {
      return PAMCheck(
        .notOK, server.name, "it does not ask PAM (UsePAM no), so no login by ssh is judged",
        remedy: "write `UsePAM yes` into sshd_config, and reload sshd")
    }
    for service in server.services {
      guard let door = doors[service: service], door.standing != .asked else { continue }
      return PAMCheck(
        .notOK, server.name,
        "its logins \(future ? "would not be" : "are not") judged: "
          + (door.reason ?? "\(service) is \(door.standing.rawValue)"),
        remedy: "`gatehouse doors \(service)` says why")
    }
    if server.usesPAM == nil {
      return PAMCheck(
        .warning, server.name, "sshd -T fails, so it is not known whether it asks PAM",
        remedy: "sshd -t says what is wrong")
    }
    return PAMCheck(
      .ok, server.name, "its logins \(future ? "will be" : "are") judged")
  }

  /// What needs attention now, and what cannot be known; one check if there is nothing.
  static func all(_ doors: Doors) -> [PAMCheck] {
    let checks = doors.findings.compactMap { finding -> PAMCheck? in
      let place = finding.location.map { "\($0.file):\($0.line): " } ?? ""
      switch (finding.weight, finding.kind) {
      case (.urgent, _):
        return PAMCheck(.notOK, finding.subject, place + finding.message, remedy: finding.remedy)
      case (.unknown, _), (.note, .noAddress):
        return PAMCheck(.warning, finding.subject, place + finding.message, remedy: finding.remedy)
      case (.note, _): return nil
      }
    }
    guard checks.isEmpty else { return checks }
    let asked = doors.doors.count { $0.standing == .asked }
    return [
      PAMCheck(
        .ok, "doors", "\(asked) of \(doors.doors.count) services ask; none can be passed by")
    ]
  }
}
