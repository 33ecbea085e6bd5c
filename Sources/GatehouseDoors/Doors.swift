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

  /// The door of a service; nil if the machine has no file of it.
  public subscript(service service: String) -> Door? { doors.first { $0.service == service } }

  /// Looks at a machine.
  /// - Parameters:
  ///   - machine: Its files and programs.
  ///   - policy: The policy in force, for the names in the lines; nil if there is none.
  public init(of machine: any DoorMachine, policy: Policy?) {
    libpam = machine.libpam
    sshServers = SSHServer.all(of: machine)
    let names = Self.serviceNames(of: machine)
    var readings: [DoorReading] = names.map { DoorReading($0, of: machine) }
    for service in Set(sshServers.flatMap(\.services)).sorted() where !names.contains(service) {
      readings.append(DoorReading(service, of: machine))
    }
    var seen: Set<ModuleLine> = []
    if let policy {
      for index in readings.indices { readings[index].look(forRolesIn: policy) }
    }
    lines = readings.flatMap(\.lines).filter { seen.insert($0).inserted }
      .sorted { ($0.location.file, $0.location.line) < ($1.location.file, $1.location.line) }
    let included = Set(readings.flatMap { $0.files.dropFirst() })
    let unjudged = Set(
      sshServers.filter { $0.usesPAM == false }.flatMap(\.services).filter { service in
        !sshServers.contains { $0.usesPAM != false && $0.services.contains(service) }
      })
    doors = readings.compactMap { reading in
      var program = KnownProgram.behind(reading.service, version: machine.version)
      if sshServers.contains(where: { $0.services.contains(reading.service) }) {
        program = KnownProgram.behind("sshd")
      }
      // What others include is a part of them, unless a program asks as it, too.
      if let file = reading.files.first, included.contains(file), program.gives == .unknown {
        return nil
      }
      var door = Door(
        service: reading.service, reading: reading.reading, verdict: reading.verdict,
        lines: reading.lines, program: program, files: reading.files,
        unreadable: reading.unreadable, passedOver: nil, isLocalByPolicy: false)
      if unjudged.contains(reading.service) {
        door.passedOver = "sshd does not ask PAM (UsePAM no)"
      }
      return door
    }
    .sorted { $0.service < $1.service }
    findings = DoorJudge(machine: machine, doors: self, policy: policy).findings()
  }

  /// The services that have a file, without what package managers and editors leave beside them.
  private static func serviceNames(of machine: any DoorMachine) -> [String] {
    let names = Set(machine.libpam.dialect.folders.flatMap(machine.names(in:)))
    let leftovers = ["~", ".bak", ".old", ".orig", ".swp", ".rpmsave", ".rpmnew", ".pacnew"]
    return names.filter { name in
      !name.hasPrefix(".") && !name.contains(".dpkg-") && !name.contains(".ucf-")
        && !leftovers.contains(where: name.hasSuffix)
        // libpam makes a service's name small, so such a file is never read.
        && name.utf8.allSatisfy { !(0x41...0x5A).contains($0) }
    }
    .sorted()
  }
}

/// What was read of one service.
struct DoorReading {
  let service: String
  let reading: ServiceReading
  let verdict: StackVerdict?
  private(set) var lines: [ModuleLine]
  /// The service's own file first, then what it includes; without those of `other`.
  let files: [String]
  let unreadable: [String]

  init(_ service: String, of machine: any DoorMachine) {
    let files = RecordingFiles(machine.pamFiles)
    let reading = StackReader.read(service, by: machine.libpam.dialect, from: files)
    self.service = service
    self.reading = reading
    guard case .stacks(let stacks) = reading else {
      (verdict, lines) = (nil, [])
      self.files = files.own(of: service)
      unreadable = files.unreadable(machine.unreadable)
      return
    }
    verdict = stacks[.account].map { StackVerdict($0) }
    lines = PAMStage.allCases.flatMap { stage in
      (stacks[stage]?.lines ?? []).compactMap { ModuleLine($0, of: stage) }
    }
    self.files = files.own(of: service)
    unreadable = files.unreadable(machine.unreadable)
  }
}

extension DoorReading {
  /// Notes the lines that ask for a role that a policy does not have.
  mutating func look(forRolesIn policy: Policy) {
    for index in lines.indices {
      guard let role = lines[index].role else { continue }
      lines[index].isRoleUnknown = !policy.hasRole(Name(role))
    }
  }
}

/// Files, and which of them were asked for.
private final class RecordingFiles: PAMFiles {
  private let files: any PAMFiles
  private var asked: [String] = []
  private var read: [String] = []

  init(_ files: any PAMFiles) { self.files = files }

  func file(at path: String) -> PAMFile {
    asked.append(path)
    let file = files.file(at: path)
    if case .file = file { read.append(path) }
    return file
  }

  func canLoadModule(_ path: String) -> Bool { files.canLoadModule(path) }

  /// The files that were read before those of `other`.
  func own(of service: String) -> [String] {
    let isOther = service == "other"
    return Array(read.prefix(isOther ? 1 : 0))
      + read.dropFirst(isOther ? 1 : 0).prefix { !$0.hasSuffix("/other") }
  }

  /// Those of the paths that were asked for, with the reason in words.
  func unreadable(_ reasons: [String: String]) -> [String] {
    Set(asked).sorted().compactMap { path in
      reasons[path].map { "\(path) cannot be read: \($0)" }
    }
  }
}
