public import GatehousePolicy
public import GatehouseReport

/// A policy that somebody wants to put in place of the current one.
public struct Candidate: Sendable {
  /// Its files, with the names that they get in the policy's folder.
  public let snapshot: PolicySnapshot
  /// The policy; nil if it has an error, or one of its tests fails.
  public let policy: Policy?
  /// The diagnostics of reading, loading, testing and checking it, sorted by location.
  public let diagnostics: [Diagnostic]

  /// The path that its `policy.yaml` was read from.
  private let mainFileName: String
  private static let mainFile = "policy.yaml"

  /// Its files in one piece; nil if one could not be read, which is an error of the policy too.
  public var archive: SnapshotArchive? { SnapshotArchive(snapshot) }

  /// A policy from its files.
  ///
  /// - Parameters:
  ///   - files: Every policy file by name, and the lists that are to be written with them.
  ///   - folder: The folder of the other lists that the policy files name.
  public init(_ files: [String: [UInt8]], listsIn folder: String) {
    self.init(files, mainFileName: Self.mainFile, listsIn: folder)
  }

  /// A policy that is one file.
  ///
  /// - Parameters:
  ///   - mainFile: The content of `policy.yaml`.
  ///   - name: Its present path, which the locations of diagnostics have.
  ///   - folder: The folder of the lists that it names.
  public init(mainFile: [UInt8], named name: String, listsIn folder: String) {
    self.init([Self.mainFile: mainFile], mainFileName: name, listsIn: folder)
  }

  private init(_ files: [String: [UInt8]], mainFileName: String, listsIn folder: String) {
    let reading = PolicySnapshot.read(files, folder: folder, insecure: .error)
    let load = Policy.load(reading.snapshot)
    let tests = load.policy?.failingTests() ?? []
    let found = reading.diagnostics + load.diagnostics + tests + (load.policy?.warnings() ?? [])
    snapshot = reading.snapshot
    policy = found.contains { $0.severity == .error } ? nil : load.policy
    self.mainFileName = mainFileName
    diagnostics = Self.placed(Set(found).sorted(), in: mainFileName)
  }

  /// The policy of a folder that is laid out like `/etc/gatehouse`.
  ///
  /// Who could have written its files does not matter: they are written again.
  public init(folder: String) {
    let reading = PolicySnapshot.read(path: folder, insecure: .warning)
    let readable = Candidate(reading.snapshot.inside, listsIn: folder)
    let unreadable = Policy.load(reading.snapshot).diagnostics.filter {
      $0.name == "unreadable_file"
    }
    let others = reading.diagnostics.filter { $0.name != WarningName.insecureFile.rawValue }
    mainFileName = Self.mainFile
    snapshot = readable.snapshot
    policy =
      unreadable.isEmpty && !others.contains { $0.severity == .error } ? readable.policy : nil
    diagnostics = Set(readable.diagnostics + unreadable + others).sorted()
  }

  /// Diagnostics about the policy, with their locations in the files that it was read from.
  public func placed(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    Self.placed(diagnostics, in: mainFileName)
  }

  /// Who would lose what by the policy; rules have their locations in the files it was read from.
  public func placed(_ lockouts: [SessionLoss]) -> [SessionLoss] {
    lockouts.map { lockout in
      var lockout = lockout
      let rule = lockout.session?.decision.rule
      lockout.session?.decision.rule = rule.map { Self.placed($0, in: mainFileName) }
      return lockout
    }
  }

  private static func placed(_ diagnostics: [Diagnostic], in mainFileName: String) -> [Diagnostic] {
    diagnostics.map { diagnostic in
      var diagnostic = diagnostic
      diagnostic.location = diagnostic.location.map { placed($0, in: mainFileName) }
      return diagnostic
    }
  }

  private static func placed(_ location: SourceLocation, in mainFileName: String) -> SourceLocation
  {
    guard location.file == mainFile else { return location }
    return SourceLocation(file: mainFileName, line: location.line, column: location.column)
  }
}
