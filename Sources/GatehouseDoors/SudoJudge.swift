internal import GatehouseClient
internal import GatehousePAM

/// Says what sudoers does to the questions that sudo's stack asks.
struct SudoJudge {
  private let machine: any DoorMachine
  private let doors: Doors

  init(_ machine: any DoorMachine, _ doors: Doors) {
    (self.machine, self.doors) = (machine, doors)
  }

  /// The findings about sudoers.
  func findings() -> [DoorFinding] {
    let sudoers = Sudoers(of: machine)
    guard sudoers.exists else { return [] }
    return sudoers.settings.compactMap(finding)
      + sudoers.unreadable.map { reason in
        DoorFinding(
          isGuarded ? .unknown : .note, .unknown, "sudo",
          "whether sudo asks PAM cannot be known: \(reason)", remedy: "run this as root")
      } + directoryFinding()
  }

  /// Whether sudo's line is more than that of all logins.
  private var isGuarded: Bool {
    doors[service: "sudo"]?.asking.contains {
      $0.role != nil || $0.usesSession || $0.local != .ignore
    }
      ?? false
  }

  private func finding(about setting: SudoSetting) -> DoorFinding? {
    if setting.name == "pam_acct_mgmt" {
      guard setting.isOff else { return nil }
      return DoorFinding(
        isGuarded ? .urgent : .note, .wayAround, "sudo", at: setting.location,
        "`\(setting.scope) !pam_acct_mgmt`: sudo asks no account stack, so Gatehouse is not asked",
        remedy: "take that setting out of sudoers (visudo)")
    }
    let usual = setting.name == "pam_service" ? "sudo" : "sudo-i"
    guard let service = setting.value, service != usual, !setting.isOff else { return nil }
    let door = doors[service: service]
    let isAsked =
      door?.standing == .asked
      && (door?.asking.contains { $0.role != nil || $0.usesSession } ?? false)
    return DoorFinding(
      isGuarded && !isAsked ? .urgent : .note, .wayAround, "sudo", at: setting.location,
      "`\(setting.scope) \(setting.name)=\(service)`: sudo asks PAM as `\(service)`"
        + (isAsked ? "" : ", whose stack asks for no role"),
      remedy: isAsked ? nil : "write sudo's line into /etc/pam.d/\(service), too")
  }

  /// Settings may also come from a directory, which is not asked.
  private func directoryFinding() -> [DoorFinding] {
    guard case .text(let text) = machine.file(at: "/etc/nsswitch.conf"),
      let line = text.split(whereSeparator: \.isNewline).first(where: {
        $0.drop { $0.isWhitespace }.hasPrefix("sudoers:")
      })
    else { return [] }
    let sources = line.split(separator: ":").dropFirst().joined().split(separator: " ")
      .filter { $0 != "files" && !$0.hasPrefix("[") && !$0.hasPrefix("#") }
    guard !sources.isEmpty else { return [] }
    return [
      DoorFinding(
        .note, .unknown, "sudo",
        "sudoers also come from \(sources.joined(separator: ", ")): settings there are not known "
          + "here",
        remedy: "look there for !pam_acct_mgmt and pam_service")
    ]
  }
}
