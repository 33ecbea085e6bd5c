internal import GatehousePAM
internal import GatehousePolicy
internal import GatehouseWire

/// Says what somebody should know about a machine's doors.
struct DoorJudge {
  let machine: any DoorMachine
  let doors: Doors
  let policy: Policy?

  /// The findings, the most urgent first.
  func findings() -> [DoorFinding] {
    let found =
      doors.doors.flatMap(findings) + doors.doors.flatMap(jumpFindings)
      + CodeJudge(machine: machine, doors: doors, policy: policy).findings() + sshFindings()
      + SudoJudge(machine, doors).findings()
      + wayAroundFindings() + fail2banFindings() + socketFindings()
    return [DoorFinding.Weight.urgent, .unknown, .note].flatMap { weight in
      found.filter { $0.weight == weight }
    }
  }

  // MARK: Services

  private func findings(about door: Door) -> [DoorFinding] {
    let location = door.location
    switch door.remoteLogins {
    case .unjudged where door.program.gives == .unknown:
      return [
        DoorFinding(
          .urgent, .unjudged, door.service, at: location,
          "its logins are not judged, and it may serve the network: \(door.reasonText)",
          remedy: Self.lineRemedy)
      ]
    case .unjudged where door.passedOver != nil: return []
    case .unjudged:
      return [
        DoorFinding(
          .urgent, .unjudged, door.service, at: location,
          "logins from the network are not judged: \(door.reasonText)", remedy: Self.lineRemedy)
      ]
    case .nobody
    where door.isRefusedByLibpam || !door.lines.filter({ $0.stage == .account }).isEmpty:
      return [
        DoorFinding(
          .urgent, .closed, door.service, at: location,
          "nobody gets in: \(door.reasonText)", remedy: "correct the line; pam_gatehouse(8)")
      ]
    case .refused:
      let what =
        door.program.gives == .hostName ? "gives its own name" : "gives no address"
      return [
        DoorFinding(
          .note, .noAddress, door.service,
          "its program \(what) (\(door.program.source)), so every login by it is refused",
          remedy: "if it serves only this machine: `without_address: local` in the policy")
      ]
    case .unknown where door.standing == .unknown:
      return [
        DoorFinding(
          .unknown, .unknown, door.service, at: location,
          "what becomes of its logins cannot be known: \(door.reasonText)",
          remedy: door.unreadable.isEmpty ? "correct that file" : "run this as root")
      ]
    case .none where door.isRoleBypassed:
      return [
        DoorFinding(
          .urgent, .wayAround, door.service, at: location,
          "its line asks for a role, and can be passed by: \(door.reasonText)",
          remedy: Self.lineRemedy)
      ]
    case .judged, .none, .session, .nobody, .unknown:
      guard door.standing == .asked, let reason = door.reason else { return [] }
      return [
        DoorFinding(
          .note, .closed, door.service, at: location, reason,
          remedy: "leave the other account lines in place below ours")
      ]
    }
  }

  // MARK: Second factors

  /// What is wrong with lines that skip a second factor.
  private func jumpFindings(about door: Door) -> [DoorFinding] {
    guard let stack = door.stack(of: .auth) else { return [] }
    return door.jumps.compactMap { location, jump in
      if let problem = jump.problem {
        let (message, remedy) = problem.sentences(of: stack)
        return DoorFinding(.urgent, .jump, door.service, at: location, message, remedy: remedy)
      }
      guard !jump.leavesProof, !doors.provesBeforePAM(door.service) else { return nil }
      return DoorFinding(
        .urgent, .jump, door.service, at: location,
        "whoever it spares proves nothing in this stack, neither before nor after the jump",
        remedy: servesSSH(door.service)
          ? "write AuthenticationMethods publickey,keyboard-interactive:pam for sshd"
          : "put it after the lines of the first factor")
    }
  }

  private func servesSSH(_ service: String) -> Bool {
    !doors.sshServers(of: service).isEmpty
  }

  private static let lineRemedy =
    "put `account requisite pam_gatehouse.so` before all other account lines"

  // MARK: sshd

  private func sshFindings() -> [DoorFinding] {
    doors.sshServers.flatMap { server -> [DoorFinding] in
      guard case .success = server.settings else {
        return [failure(of: server)]
      }
      return pamFindings(server) + server.matches.compactMap { matchFinding($0, server) }
        + penalties(of: server)
    }
  }

  private func failure(of server: SSHServer) -> DoorFinding {
    var problem = ""
    if case .failure(let failure) = server.settings { problem = failure.text }
    let command = ([server.program, "-T"] + server.arguments).joined(separator: " ")
    return DoorFinding(
      .unknown, .unknown, server.name,
      "whether it asks PAM cannot be known: `\(command)` fails: \(problem)",
      remedy: "run this as root; `sshd -t` says what is wrong")
  }

  private func pamFindings(_ server: SSHServer) -> [DoorFinding] {
    var findings: [DoorFinding] = []
    if server.usesPAM != true {
      findings.append(
        DoorFinding(
          .urgent, .unjudged, server.name, at: server.locations["usepam"],
          "it does not ask PAM (UsePAM no), so no login by ssh is judged",
          remedy: server.arguments.isEmpty
            ? "write `UsePAM yes` into sshd_config, and reload sshd"
            : "write `UsePAM yes` into its sshd_config, and no -o UsePAM into its unit"))
    }
    for service in server.services where service != "sshd" {
      guard let door = doors[service: service], door.standing == .asked,
        !door.asking.contains(where: { $0.service == "sshd" })
      else { continue }
      findings.append(
        DoorFinding(
          .note, .beside, server.name, at: server.locations["pamservicename"],
          "it asks PAM as `\(service)`, so rules for `sshd` do not apply to it",
          remedy: "write service=sshd in that service's line, or rules for `\(service)`"))
    }
    if server.setting("usedns") == "yes" && server.services != ["sshd"] {
      findings.append(
        DoorFinding(
          .note, .beside, server.name, at: server.locations["usedns"],
          "with `UseDNS yes` it gives names in the place of addresses, and as another service than "
            + "sshd that refuses those logins",
          remedy: "write `UseDNS no`, or service=sshd in the line"))
    }
    return findings
  }

  private func matchFinding(_ match: SSHMatch, _ server: SSHServer) -> DoorFinding? {
    let block = "for `Match \(match.criteria)`"
    switch match.keyword {
    case "usepam" where match.value.lowercased() != "yes":
      return DoorFinding(
        .urgent, .unjudged, server.name, at: match.location,
        "\(block) it does not ask PAM, so those logins are not judged",
        remedy: "take that line out")
    case "pamservicename":
      return DoorFinding(
        .note, .beside, server.name, at: match.location,
        "\(block) it asks PAM as `\(match.value)`",
        remedy: "`gatehouse doors \(match.value)` says what becomes of those logins")
    default: return nil
    }
  }

  private func penalties(of server: SSHServer) -> [DoorFinding] {
    guard let setting = server.setting("persourcepenalties"), setting != "no" else { return [] }
    return [
      DoorFinding(
        .note, .penalty, server.name, at: server.locations["persourcepenalties"],
        "PerSourcePenalties counts refusals: some refusals of one user shut out everybody behind "
          + "that address for a while",
        remedy: "name the networks that many share in PerSourcePenaltyExemptList")
    ]
  }

  private func fail2banFindings() -> [DoorFinding] {
    let path = "/etc/fail2ban/filter.d/sshd.conf"
    guard case .text(let filter) = machine.file(at: path) else { return [] }
    let line = filter.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .firstIndex { $0.utf8.holds("by PAM account configuration".utf8) }
    return [
      DoorFinding(
        .note, .penalty, "fail2ban", at: line.map { PAMLocation(file: path, line: $0 + 1) },
        "its filter for sshd counts refusals, so some refusals of one user ban an address that "
          + "others share",
        remedy: "name the networks that many share in ignoreip of its jail")
    ]
  }

  /// systemd can hand sshd connections that are not IP.
  private func socketFindings() -> [DoorFinding] {
    var findings: [DoorFinding] = []
    for folder in ["/run/systemd/generator", "/etc/systemd/system", "/usr/lib/systemd/system"] {
      for name in machine.names(in: folder)
      where name == "sshd-unix-local.socket" || name == "sshd-vsock.socket" {
        guard !findings.contains(where: { $0.subject == name }) else { continue }
        findings.append(
          DoorFinding(
            .note, .beside, name,
            "sshd is also reached by a connection that is not IP; the origin of those logins is "
              + "`self`",
            remedy: "a list holds them by `self`; or: systemctl mask \(name)"))
      }
    }
    return findings
  }

  // MARK: Ways around

  /// polkit and su beside a sudo that asks for a role.
  private func wayAroundFindings() -> [DoorFinding] {
    guard let sudo = doors[service: "sudo"],
      let role = sudo.asking.compactMap(\.role).first, sudo.standing == .asked
    else { return [] }
    let hasPolkit =
      doors[service: "polkit-1"] != nil
      || machine.names(in: "/usr/lib/polkit-1").contains("polkitd")
    var findings: [DoorFinding] = []
    let beside = [("polkit-1", "pkexec, run0 and systemd-run"), ("su", "su"), ("su-l", "su -")]
    for index in beside.indices {
      let (service, programs) = beside[index]
      let door = doors[service: service]
      guard service == "polkit-1" ? hasPolkit : door != nil else { continue }
      if let door, door.standing == .asked, door.asking.contains(where: { $0.role != nil }) {
        continue
      }
      findings.append(
        DoorFinding(
          .urgent, .wayAround, service, at: door?.location,
          "sudo asks for the role `\(role)`, and \(programs) make somebody root without it",
          remedy: "write sudo's line into /etc/pam.d/\(service), too; pam_gatehouse(8)"))
    }
    return findings
  }
}

extension Door {
  /// Our first line that does not do what it should, else our first line; nil if it has none.
  var location: PAMLocation? {
    let wrong = lines.first { $0.stage == .account && (!$0.isLoadable || $0.refusesEverybody) }
    return (wrong ?? asking.first)?.location
  }

  var reasonText: String { reason ?? "nobody can say why" }

  /// Whether libpam refuses everybody because of what is written in the files.
  var isRefusedByLibpam: Bool {
    if case .refused = reading { return true }
    return false
  }

  /// Whether a line of it asks for a role, in vain.
  var isRoleBypassed: Bool {
    asking.contains { $0.role != nil || $0.usesSession }
      && [.bypassed, .overruled].contains(standing)
  }
}
