public import GatehouseControl
internal import GatehousePlatform
public import GatehousePolicy

/// A policy that somebody wants to put in place of the current one.
public struct Candidate: Sendable {
  /// Its files, with the names that they get in the policy's folder.
  public let snapshot: PolicySnapshot
  /// The policy; nil if it has an error, or one of its tests fails.
  public let policy: Policy?
  /// The diagnostics of reading, loading, testing and checking it, sorted by location.
  public let diagnostics: [Diagnostic]

  private let origin: Origin
  private static let mainFile = "policy.yaml"

  /// Its files in one piece; nil if one could not be read, which is an error of the policy too.
  public var archive: SnapshotArchive? { SnapshotArchive(snapshot) }

  /// A policy from its files.
  ///
  /// - Parameters:
  ///   - files: Every policy file by name, and the lists that are to be written with them.
  ///   - folder: The folder of the other lists that the policy files name.
  public init(_ files: [String: [UInt8]], listsIn folder: String) {
    self.init(files, from: Origin(), listsIn: folder, unreadable: [])
  }

  /// The policy in a folder with another `policy.yaml`.
  ///
  /// The other policy files stay. A list that the new `policy.yaml` names is taken from beside that
  /// file if one of that name lies there, and else from the policy's folder.
  ///
  /// - Parameters:
  ///   - mainFile: The content of `policy.yaml`.
  ///   - path: Where it was read, which the locations of diagnostics have; `-` for standard input.
  ///   - beside: The folder of its lists; nil if it lies in none.
  ///   - present: The policy in the folder.
  ///   - folder: The policy's folder.
  public init(
    mainFile: [UInt8], at path: String, listsBeside beside: String?, over present: PolicySnapshot,
    in folder: String
  ) {
    var origin = Origin(mainFile: path, others: folder)
    var files = present.inside.filter { PolicySnapshot.isPolicyFile($0.key) }
    files[Self.mainFile] = mainFile
    if let beside {
      let lists = PolicySnapshot.read(
        [Self.mainFile: mainFile], folder: beside, insecure: .warning
      ).snapshot.listFiles
      for case (let name, .bytes(let content)) in lists where !PolicySnapshot.isOutside(name) {
        files[name] = content
        origin.lists[name] = "\(beside)/\(name)"
      }
    }
    let unreadable = PolicySnapshot(
      policyFiles: present.policyFiles.filter { $0.name != Self.mainFile && !$0.content.isReadable }
    )
    self.init(
      files, from: origin, listsIn: folder, unreadable: Self.unreadableFiles(of: unreadable))
  }

  private init(
    _ files: [String: [UInt8]], from origin: Origin, listsIn folder: String,
    unreadable: [Diagnostic]
  ) {
    let reading = PolicySnapshot.read(files, folder: folder, insecure: .error)
    let load = Policy.load(reading.snapshot)
    let tests = load.policy?.failingTests() ?? []
    let found =
      reading.diagnostics + load.diagnostics + tests + (load.policy?.warnings() ?? []) + unreadable
    snapshot = reading.snapshot
    policy = found.contains { $0.severity == .error } ? nil : load.policy
    self.origin = origin
    diagnostics = origin.placed(Set(found).sorted())
  }

  /// The policy of a folder that is laid out like `/etc/gatehouse`.
  ///
  /// Who could have written its files does not matter: they are written again.
  public init(folder: String) {
    let reading = PolicySnapshot.read(path: folder, insecure: .warning)
    let readable = Candidate(reading.snapshot.inside, listsIn: folder)
    let unreadable = Self.unreadableFiles(of: reading.snapshot)
    let others = reading.diagnostics.filter { $0.name != WarningName.insecureFile.rawValue }
    origin = Origin()
    snapshot = readable.snapshot
    policy =
      unreadable.isEmpty && !others.contains { $0.severity == .error } ? readable.policy : nil
    diagnostics = Set(readable.diagnostics + unreadable + others).sorted()
  }

  private static func unreadableFiles(of snapshot: PolicySnapshot) -> [Diagnostic] {
    Policy.load(snapshot).diagnostics.filter { $0.name == ErrorName.unreadableFile.rawValue }
  }

  // MARK: Where its files were read

  /// The lists that were taken from beside `policy.yaml`, by their names in the policy's folder.
  public var listsBeside: [String: String] { origin.lists }

  /// Diagnostics about the policy, with their locations in the files that it was read from.
  public func placed(_ diagnostics: [Diagnostic]) -> [Diagnostic] { origin.placed(diagnostics) }

  /// What the guard says of the policy, with the locations of rules in the files it was read from.
  public func placed(_ verdict: GuardVerdict) -> GuardVerdict {
    var verdict = verdict
    for index in verdict.losses.indices {
      let rule = verdict.losses[index].decision?.rule
      verdict.losses[index].decision?.rule = rule.map(origin.placed)
    }
    for index in verdict.losing.indices {
      verdict.losing[index].rule = verdict.losing[index].rule.map(origin.placed)
    }
    for index in verdict.gaining.indices {
      verdict.gaining[index].rule = verdict.gaining[index].rule.map(origin.placed)
    }
    return verdict
  }

  /// Where the files of a candidate were read.
  private struct Origin {
    /// The path of `policy.yaml`.
    var mainFile = Candidate.mainFile
    /// The folder of the other files; empty if they keep their names.
    var others = ""
    /// The paths of the lists that lie elsewhere, by name.
    var lists: [String: String] = [:]

    func placed(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
      diagnostics.map { diagnostic in
        var diagnostic = diagnostic
        diagnostic.location = diagnostic.location.map(placed)
        return diagnostic
      }
    }

    func placed(_ location: SourceLocation) -> SourceLocation {
      SourceLocation(
        file: path(of: location.file), line: location.line, column: location.column)
    }

    private func path(of name: String) -> String {
      if name == Candidate.mainFile { return mainFile }
      if let list = lists[name] { return list }
      return others.isEmpty || name.hasPrefix("/") ? name : "\(others)/\(name)"
    }
  }
}

extension PolicySnapshot.Content {
  /// Whether its bytes are known.
  var isReadable: Bool {
    if case .bytes = self { true } else { false }
  }
}
