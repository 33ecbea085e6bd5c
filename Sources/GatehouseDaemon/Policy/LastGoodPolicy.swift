import GatehousePlatform
import GatehousePolicy

/// The copy of the last good policy in the state folder, one file with all of the policy's.
struct LastGoodPolicy: Sendable {
  private let file: StateFile

  init(folder: String) { file = StateFile(folder: folder, name: "last-good-policy") }

  /// What is wrong with the copy.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// The kept policy, loaded; nil where none is kept.
  ///
  /// Throws where the copy is damaged, or is not what this version of the daemon can load.
  func load() throws(Unusable) -> LoadedCopy? {
    let snapshot: PolicySnapshot
    do {
      guard let bytes = try file.read() else { return nil }
      snapshot = try SnapshotArchive(decoding: bytes).snapshot
    } catch {
      throw Unusable(description: "\(file.path): \(error)")
    }
    let load = Policy.load(snapshot)
    guard let policy = load.policy else {
      let first = load.diagnostics.first.map { ": \($0)" } ?? ""
      throw Unusable(description: "\(file.path): it does not load\(first)")
    }
    return LoadedCopy(policy: policy, warnings: load.diagnostics)
  }

  struct LoadedCopy {
    let policy: Policy
    let warnings: [Diagnostic]
  }

  /// Keeps a policy, in place of the one before; nothing is written where it is kept already.
  ///
  /// - Parameters:
  ///   - snapshot: The files.
  ///   - policy: What they were loaded to.
  /// - Throws: Where it could not be written; what was kept before is kept on.
  func keep(_ snapshot: PolicySnapshot, of policy: Policy) throws(SystemError) {
    guard let pieces = SnapshotArchive(snapshot, of: policy)?.pieces, !file.holds(pieces) else {
      return
    }
    try file.write(pieces)
  }
}
