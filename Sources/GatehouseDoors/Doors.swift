internal import GatehousePAM
public import GatehousePolicy

/// Everything that is known of a machine's doors.
public struct Doors: Sendable {
  /// The services, by name.
  public var doors: [Door] = []
  /// What somebody should know, the most urgent first.
  public var findings: [DoorFinding] = []
  /// The lines of ours in all of PAM's files, each once, by file and line.
  public var lines: [ModuleLine] = []
  /// The servers of OpenSSH.
  public var sshServers: [SSHServer] = []
  /// The libpam that was gone by.
  public var libpam: InstalledLibpam
  /// Whether there was nothing to look at.
  public var isEmpty: Bool { doors.isEmpty }
  /// Whether anything needs attention now.
  public var needsAttention: Bool { findings.contains { $0.weight != .note } }

  /// Whether a line of ours is asked about logins from elsewhere, by any of the programs that are known
  /// for them; on a machine without such a program, about any login.
  public var areAsked: Bool {
    let remote = doors.filter { [.address, .nothing, .hostName].contains($0.program.gives) }
    return (remote.isEmpty ? doors : remote).contains(where: \.asksSometimes)
  }

  /// The door of a service; nil if the machine has no file of it.
  public subscript(service service: String) -> Door? { doors.first { $0.service == service } }

  /// Looks at a machine.
  /// - Parameters:
  ///   - machine: Its files and programs.
  ///   - policy: The policy in force, for the names in the lines; nil if there is none.
  ///   - seen: What the login record has of services, by name.
  public init(of machine: any DoorMachine, policy: Policy?, seen: [String: SeenLogins] = [:]) {
    libpam = machine.libpam
    sshServers = SSHServer.all(of: machine)
    let services = PAMServices(of: machine, and: sshServers.flatMap(\.services), policy: policy)
    let readings = services.readings
    lines = services.lines
    let included = Set(readings.flatMap { $0.files.dropFirst() })
    let unjudged = Set(
      sshServers.filter { $0.usesPAM == false }.flatMap(\.services).filter { service in
        !sshServers.contains { $0.usesPAM != false && $0.services.contains(service) }
      })
    doors = readings.compactMap { reading in
      var program = KnownProgram.behind(reading.service, version: machine.version)
        .seen(seen[reading.service])
      if sshServers.contains(where: { $0.services.contains(reading.service) }) {
        program = KnownProgram.behind("sshd")
      }
      // Of pam-auth-update's files nobody is served, included or not.
      if machine.libpam.dialect.isDebian && reading.service.hasPrefix("common-") { return nil }
      // What others include is a part of them, unless a program asks as it, too.
      if let file = reading.files.first, included.contains(file), program.gives == .unknown {
        return nil
      }
      var door = Door(
        service: reading.service, reading: reading.reading, verdict: reading.verdict,
        lines: reading.lines, jumps: reading.jumps, codes: reading.codes, program: program,
        files: reading.files, unreadable: reading.unreadable, passedOver: nil,
        isLocalByPolicy: policy?.isLocalWithoutAddress(Name(reading.service)) ?? false)
      if unjudged.contains(reading.service) {
        door.passedOver = "sshd does not ask PAM (UsePAM no)"
      }
      return door
    }
    .sorted { $0.service < $1.service }
    findings = DoorJudge(machine: machine, doors: self, policy: policy).findings()
  }
}
