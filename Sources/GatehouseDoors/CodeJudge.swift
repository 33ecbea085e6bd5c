internal import GatehousePAM
internal import GatehousePolicy

/// Says what is in the way of the codes by which users authorise places of their own.
struct CodeJudge {
  let machine: any DoorMachine
  let doors: Doors
  let policy: Policy?

  private static let line = "`auth required pam_gatehouse.so authorize`"
  private static let unit = "gatehouse-notify.service"

  /// The findings; about machine and missing lines only if the policy has `authorize`.
  func findings() -> [DoorFinding] {
    let placed = doors.doors.flatMap(lineFindings)
    guard policy?.codeSettings != nil else { return placed }
    return placed + doors.doors.compactMap(missing) + doors.sshServers.flatMap(findings)
      + [unsent].compactMap(\.self)
  }

  /// What is wrong with the lines of a service that ask for a code.
  private func lineFindings(about door: Door) -> [DoorFinding] {
    guard let stack = door.stack(of: .auth) else { return [] }
    return door.codes.compactMap { location, code in
      if let problem = code.problem {
        if problem.isAboutOrder, doors.provesBeforePAM(door.service) { return nil }
        let (message, remedy) = problem.sentences(of: stack)
        return DoorFinding(.urgent, .code, door.service, at: location, message, remedy: remedy)
      }
      guard !code.followsProof, !doors.provesBeforePAM(door.service) else { return nil }
      return DoorFinding(
        .urgent, .code, door.service, at: location,
        "it asks for a code, and nothing before it asks for a first factor",
        remedy: doors.sshServers(of: door.service).isEmpty
          ? "put it below the lines of the first factor"
          : "write AuthenticationMethods publickey,keyboard-interactive for sshd")
    }
  }

  /// A service whose users are sent codes that no line asks for.
  private func missing(_ door: Door) -> DoorFinding? {
    guard door.remoteLogins == .judged, door.codes.isEmpty else { return nil }
    return DoorFinding(
      .note, .code, door.service, at: door.location,
      "who is refused here may be sent a code, and no line of its auth stack asks for it",
      remedy: "put \(Self.line) below the lines of the first factor; pam_gatehouse(8)")
  }

  /// What keeps an sshd from asking for a code.
  private func findings(about server: SSHServer) -> [DoorFinding] {
    let asks = server.services.contains { doors[service: $0]?.codes.isEmpty == false }
    guard asks, case .success = server.settings else { return [] }
    func finding(_ setting: String, _ message: String, _ remedy: String) -> DoorFinding {
      DoorFinding(
        .note, .code, server.name, at: server.locations[setting], message, remedy: remedy)
    }
    var found: [DoorFinding] = []
    let interactive = "kbdinteractiveauthentication"
    if server.setting(interactive) == "no" {
      found.append(
        finding(
          interactive, "it asks nobody for a code (KbdInteractiveAuthentication no)",
          "write `KbdInteractiveAuthentication yes` into sshd_config, and reload sshd"))
    }
    // sshd answers each question of PAM with the password, then.
    if server.takes("password"), server.setting("passwordauthentication") == "yes" {
      found.append(
        finding(
          "passwordauthentication",
          "a login with the method password gives the password as the code, which is a wrong one",
          "write `PasswordAuthentication no`; keyboard-interactive asks for passwords, too"))
    }
    if server.setting("pubkeyauthentication") != "no", !server.asksAfterKeys {
      found.append(
        finding(
          "authenticationmethods", "whoever logs in with a key is not asked for a code",
          "write `AuthenticationMethods publickey,keyboard-interactive`; pam_gatehouse(8)"))
    }
    return found
  }

  /// That nobody sends the codes.
  private var unsent: DoorFinding? {
    guard case .failed(let state) = machine.run("systemctl", ["is-active", Self.unit]),
      ["inactive", "failed", "deactivating"].contains(state)
    else { return nil }
    return DoorFinding(
      .note, .code, Self.unit, "it is \(state), so no code is sent",
      remedy: "systemctl enable --now gatehouse-notify.path \(Self.unit)")
  }
}

extension StackCode.Problem {
  /// Whether it does not matter where something else is proved before the stack.
  fileprivate var isAboutOrder: Bool {
    switch self {
    case .beforeFirstFactor, .askedWithoutFactor: true
    case .standsForFactor, .wrongCodePasses, .othersFail, .notReached: false
    }
  }
}

extension Doors {
  /// The servers that ask PAM as a service.
  func sshServers(of service: String) -> [SSHServer] {
    sshServers.filter { $0.services.contains(service) }
  }

  /// Whether each sshd that asks PAM as this service wants something else before its stack.
  func provesBeforePAM(_ service: String) -> Bool {
    let servers = sshServers(of: service)
    return !servers.isEmpty
      && servers.allSatisfy { server in
        server.methods.allSatisfy { list in
          list.contains { method in
            ["publickey", "gssapi-with-mic", "hostbased"].contains { method.hasPrefix($0) }
          }
        }
      }
  }
}

extension SSHServer {
  /// The lists of methods of which one has to be gone through; `any` is a method of its own.
  fileprivate var methods: [[Substring]] {
    (setting("authenticationmethods") ?? "any").split(separator: " ")
      .map { $0.split(separator: ",") }
  }

  /// Whether a list has a method, or any will do.
  fileprivate func takes(_ method: String) -> Bool {
    methods.contains { $0.contains { $0.hasPrefix(method) || $0 == "any" } }
  }

  /// Whether every list with a key asks PAM after it.
  fileprivate var asksAfterKeys: Bool {
    methods.allSatisfy { list in
      guard list.contains(where: { $0.hasPrefix("publickey") || $0 == "any" }) else { return true }
      return list.contains { $0.hasPrefix("keyboard-interactive") }
    }
  }
}
