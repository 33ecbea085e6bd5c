internal import GatehousePolicy

/// What a change does with the files of a policy's folder.
public struct FileChanges: Hashable, Sendable {
  /// What becomes of a file.
  public enum Fate: CaseIterable, Sendable {
    /// It gets another content.
    case replaced
    /// It is new.
    case added
    /// The new policy does not have it.
    case removed
    /// It is a part of the new policy as it is.
    case kept
  }

  private var names: [Fate: Set<String>] = [:]

  /// No file changes.
  public init() {}

  /// The step from one policy's files to another's, each by name.
  ///
  /// A list that the new policy does not name stays in the folder, and counts as nothing.
  public init(from old: [String: [UInt8]], to new: [String: [UInt8]]) {
    for (name, content) in new {
      let fate: Fate = old[name].map { $0 == content ? .kept : .replaced } ?? .added
      names[fate, default: []].insert(name)
    }
    let gone = old.keys.filter { PolicySnapshot.isPolicyFile($0) && new[$0] == nil }
    names[.removed] = Set(gone)
  }

  /// The names of the files that have this fate, sorted.
  public subscript(_ fate: Fate) -> [String] { (names[fate] ?? []).sorted() }
}
