public import GatehousePAM
public import GatehousePolicy

/// PAM's services of a machine, and the lines of ours in their files.
public struct PAMServices: Sendable {
  /// What was read of each service, by name.
  let readings: [DoorReading]
  /// The lines of ours in all of the files, each once, by file and line.
  public let lines: [ModuleLine]

  /// Reads the services that have a file.
  /// - Parameters:
  ///   - machine: The machine's files.
  ///   - others: Services that are read too, whether they have a file or not.
  ///   - policy: The policy in force, for the roles in the lines; nil if there is none.
  public init(of machine: any DoorMachine, and others: [String] = [], policy: Policy?) {
    let names = Set(Self.names(of: machine)).union(others)
    readings = names.sorted().map { DoorReading($0, of: machine, policy) }
    var seen: Set<ModuleLine> = []
    lines = readings.flatMap(\.lines).filter { seen.insert($0).inserted }
      .sorted { ($0.location.file, $0.location.line) < ($1.location.file, $1.location.line) }
  }

  /// The lines of ours in the stacks of one service, in the order of the stages and the lines.
  public static func lines(
    of service: String, by dialect: PAMDialect, from files: any PAMFiles
  ) -> [ModuleLine] {
    guard case .stacks(let stacks) = StackReader.read(service, by: dialect, from: files) else {
      return []
    }
    return DoorReading.lines(of: stacks, nil)
  }

  /// What is wrong with lines by themselves, and with files that cannot be read.
  /// - Parameters:
  ///   - lines: The lines.
  ///   - machine: The machine that they were read from.
  ///   - policy: The policy in force; nil if there is none.
  /// - Returns: The errors and warnings, by file and line.
  public static func diagnostics(
    about lines: [ModuleLine], of machine: any DoorMachine, for policy: Policy?
  ) -> [Diagnostic] {
    machine.unreadable.sorted { $0.key < $1.key }.map { path, reason in
      Diagnostic(
        warning: .pamFileUnreadable, location: nil,
        message: "\(path) cannot be read: \(reason)", remedy: "run this as root")
    } + lines.flatMap { $0.diagnostics(for: policy) }
  }

  /// The services that have a file, without what package managers and editors leave beside them.
  public static func names(of machine: any DoorMachine) -> [String] {
    Set(machine.libpam.dialect.folders.flatMap(machine.names(in:)))
      .filter(PAMDialect.isServiceFile)
      .sorted()
  }
}

/// What was read of one service.
struct DoorReading {
  let service: String
  let reading: ServiceReading
  let verdict: StackVerdict?
  /// What becomes of a yes of each line in the stage auth that judges no login.
  let jumps: [(location: PAMLocation, jump: StackJump)]
  /// What becomes of each line in the stage auth that asks for a code.
  let codes: [(location: PAMLocation, code: StackCode)]
  let lines: [ModuleLine]
  /// The service's own file first, then what it includes; without those of `other`.
  let files: [String]
  let unreadable: [String]

  init(_ service: String, of machine: any DoorMachine, _ policy: Policy?) {
    let files = RecordingFiles(machine.pamFiles)
    let reading = StackReader.read(service, by: machine.libpam.dialect, from: files)
    self.service = service
    self.reading = reading
    guard case .stacks(let stacks) = reading else {
      (verdict, jumps, codes, lines) = (nil, [], [], [])
      self.files = files.own(of: service)
      unreadable = files.unreadable(machine.unreadable)
      return
    }
    verdict = stacks[.account].map { StackVerdict($0) }
    jumps =
      stacks[.auth].map { stack in
        stack.lines.indices.filter { stack.lines[$0].isQuestion }.map {
          (stack.lines[$0].location, StackJump(of: stack, at: $0))
        }
      } ?? []
    codes =
      stacks[.auth].map { stack in
        stack.lines.indices.filter { stack.lines[$0].asksCode }.map {
          (stack.lines[$0].location, StackCode(of: stack, at: $0))
        }
      } ?? []
    lines = Self.lines(of: stacks, policy)
    self.files = files.own(of: service)
    unreadable = files.unreadable(machine.unreadable)
  }

  static func lines(of stacks: [PAMStage: PAMStack], _ policy: Policy?) -> [ModuleLine] {
    PAMStage.allCases.flatMap { stage in
      (stacks[stage]?.lines ?? []).compactMap { ModuleLine($0, of: stage, policy) }
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
