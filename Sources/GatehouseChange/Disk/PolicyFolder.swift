internal import GatehousePlatform
package import GatehousePolicy

/// The folder of a policy, whose files are replaced all at once (`SwapFolder`).
///
/// `stage` writes the new set beside the old one. `commit`, one rename, makes it the policy.
/// `settle` puts each file in its place. If a change stops before the commit, the old policy stays.
/// If it stops later, the new one is the policy, and the next change settles the rest.
package struct PolicyFolder {
  /// Its path.
  let path: String

  package init(_ path: String) { self.path = path }

  private var staged: String { "\(path)/.being-written" }
  private var committed: String { "\(path)/\(SwapFolder.committed)" }
  private var retired: String { "\(path)/.being-removed" }

  /// Whether a set was committed, but some of its files are not in their places yet.
  var isUnsettled: Bool { Files.exists(committed) }

  /// Removes what is left of a change that stopped before its commit, or just after it.
  func tidy() throws(SystemError) {
    try Files.removeTree(staged)
    try Files.removeTree(retired)
  }

  /// Writes a set of files beside the present ones; if one cannot be written, none stays.
  ///
  /// - Parameter snapshot: The policy; its files outside of the folder are not written.
  /// - Throws: If a file could not be written.
  func stage(_ snapshot: PolicySnapshot) throws(SystemError) {
    do throws(SystemError) {
      try tidy()
      try Files.makeFolder(staged)
      var folders: Set<String> = []
      for (name, content) in snapshot.inside.sorted(by: { $0.key < $1.key }) {
        for folder in Self.folders(of: name) where folders.insert(folder).inserted {
          try Files.makeFolder("\(staged)/\(folder)")
          // Now, so that nothing needs space on the disk after the commit.
          if try Files.makeFolder("\(path)/\(folder)", ifAbsent: true) {
            try Files.syncFolder(Files.parent(of: "\(path)/\(folder)"))
          }
        }
        try Files.create(
          "\(staged)/\(name)", [content], .ofPolicyFile(inPlaceOf: "\(path)/\(name)"))
      }
      for folder in folders { try Files.syncFolder("\(staged)/\(folder)") }
      try Files.syncFolder(staged)
    } catch {
      try? Files.removeTree(staged)
      throw error
    }
  }

  /// Makes the staged set the policy; if that fails, the set is removed.
  func commit() throws(SystemError) {
    do throws(SystemError) {
      try Files.rename(staged, to: committed)
    } catch {
      try? Files.removeTree(staged)
      throw error
    }
  }

  /// Puts the committed files in their places, and removes the other policy files.
  ///
  /// A file that is in neither the new set nor the old one stays: somebody wrote it by hand since.
  /// This may be repeated, however far it came before.
  ///
  /// - Parameter old: The files of the old policy, by name; nil if it is not known.
  /// - Throws: If a file could not be put in its place.
  func settle(over old: [String: [UInt8]]?) throws(SystemError) {
    // This makes the commit durable.
    try Files.syncFolder(path)
    let names = try Files.files(below: committed)
    for name in names where try !isByHand(name, old) { try put(name) }
    for name in try superfluous(beside: Set(names)) where try !isByHand(name, old) {
      try Files.remove("\(path)/\(name)")
    }
    for folder in Set(names.flatMap(Self.folders) + ["policy.d"])
    where Files.isFolder("\(path)/\(folder)") {
      try Files.syncFolder("\(path)/\(folder)")
    }
    try Files.syncFolder(path)
  }

  private func isByHand(_ name: String, _ old: [String: [UInt8]]?) throws(SystemError) -> Bool {
    guard let old, let content = try bytes(of: "\(path)/\(name)") else { return false }
    let new = try bytes(of: "\(committed)/\(name)")
    return content != old[name] && content != new
  }

  private func bytes(of path: String) throws(SystemError) -> [UInt8]? {
    try Files.contentIfPresent(of: path, atMost: PolicySnapshot.maximumListLength)
  }

  /// Ends the swap: from now on the files in their places are the policy.
  func retire() throws(SystemError) {
    try Files.removeTree(retired)
    try Files.rename(committed, to: retired)
    try Files.syncFolder(path)
    try Files.removeTree(retired)
  }

  /// A second name of the file replaces what is there, so that a reader of the set misses no file.
  private func put(_ name: String) throws(SystemError) {
    let folder = Files.parent(of: "\(path)/\(name)")
    let file = name.split(separator: "/").last ?? ""
    let link = "\(folder)/.\(file).being-applied"
    try Files.remove(link)
    try Files.link("\(committed)/\(name)", to: link)
    try Files.rename(link, to: "\(path)/\(name)")
    // If both are one file already, rename(2) does nothing.
    try Files.remove(link)
  }

  /// The policy files of `policy.d`, without these.
  private func superfluous(beside names: Set<String>) throws(SystemError) -> [String] {
    guard Files.isFolder("\(path)/policy.d") else { return [] }
    return try Files.names(in: "\(path)/policy.d").map { "policy.d/\($0)" }
      .filter { PolicySnapshot.isPolicyFile($0) && !names.contains($0) }
  }

  /// The folders that a name leads through, outermost first.
  private static func folders(of name: String) -> [String] {
    let parts = name.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }
}

extension PolicySnapshot {
  /// The files in the policy's folder, by name.
  package var inside: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in policyFiles {
      if case .bytes(let bytes) = file.content { files[file.name] = bytes }
    }
    for (name, content) in listFiles where !PolicySnapshot.isOutside(name) {
      if case .bytes(let bytes) = content { files[name] = bytes }
    }
    return files
  }
}

extension Files.Ownership {
  /// Mode and group of the file that is there now, apart from what would let others write it; of a
  /// new file root's, and readable by everybody: the daemon is not root.
  fileprivate static func ofPolicyFile(inPlaceOf path: String) -> Files.Ownership {
    guard let status = Files.status(of: path) else { return .init(mode: 0o644, group: 0) }
    return .init(mode: status.mode & 0o755, group: status.group)
  }
}
