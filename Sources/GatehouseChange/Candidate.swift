public import GatehousePolicy
public import GatehouseReport

/// A policy that somebody wants to put in the place of the one that stands.
public struct Candidate: Sendable {
  /// Its files, named as they are to be in the policy's folder.
  public let snapshot: PolicySnapshot
  /// The policy; nil where it has an error, or a test of its own fails.
  public let policy: Policy?
  /// Everything that reading it, loading it, its tests and a look at it say; sorted by place.
  public let diagnostics: [Diagnostic]

  /// What its `policy.yaml` is called where it comes from.
  private let mainFileName: String
  private static let mainFile = "policy.yaml"

  /// Its files in one piece; nil where one could not be read, which is an error of the policy too.
  public var archive: SnapshotArchive? { SnapshotArchive(snapshot) }

  /// A policy out of its files.
  ///
  /// - Parameters:
  ///   - files: By name every policy file, and lists that are to be written with them.
  ///   - folder: Where other lists are read from that the policy files name.
  public init(_ files: [String: [UInt8]], listsIn folder: String) {
    self.init(files, mainFileName: Self.mainFile, listsIn: folder)
  }

  /// A policy that is one file.
  ///
  /// - Parameters:
  ///   - mainFile: What is to be `policy.yaml`.
  ///   - name: What it is called now: the places of findings name it so.
  ///   - folder: Where the lists are that it names.
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
  /// Who could have written its files does not matter: they are written anew.
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

  /// Findings about the policy, with their places where it comes from.
  public func placed(_ findings: [Diagnostic]) -> [Diagnostic] {
    Self.placed(findings, in: mainFileName)
  }

  /// Who would lose what by the policy, with the places of its rules where it comes from.
  public func placed(_ lockouts: [Lockout]) -> [Lockout] {
    lockouts.map { lockout in
      var lockout = lockout
      let rule = lockout.session?.decision.rule
      lockout.session?.decision.rule = rule.map { Self.placed($0, in: mainFileName) }
      return lockout
    }
  }

  private static func placed(_ findings: [Diagnostic], in mainFileName: String) -> [Diagnostic] {
    findings.map { finding in
      var finding = finding
      finding.location = finding.location.map { placed($0, in: mainFileName) }
      return finding
    }
  }

  private static func placed(_ place: SourceLocation, in mainFileName: String) -> SourceLocation {
    guard place.file == mainFile else { return place }
    return SourceLocation(file: mainFileName, line: place.line, column: place.column)
  }
}
