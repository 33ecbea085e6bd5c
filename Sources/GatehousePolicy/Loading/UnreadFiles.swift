internal import GatehousePlatform

/// Files in a policy's folder that look like policy files, or like folders of them, and are not read.
struct UnreadFiles {
  /// The policy's folder.
  let folder: String
  /// The list files that the policy names, relative to the folder.
  let lists: Set<String>

  /// A warning for each, sorted by name; none if the folder cannot be listed.
  ///
  /// A file that is read by a link to it is none.
  ///
  /// - Parameter read: The names of the policy files that are read.
  /// - Returns: The warnings.
  func diagnostics(beside read: [String]) -> [Diagnostic] {
    let filesFolder = PolicySnapshot.filesFolder
    let read = read.compactMap { Files.status(of: "\(folder)/\($0)") }
    func isUnread(_ name: String) -> Bool {
      guard let status = Files.status(of: "\(folder)/\(name)") else { return true }
      return !read.contains(where: status.isSameFile)
    }
    let beside = visibleNames(in: "").compactMap { name -> Diagnostic? in
      guard name != PolicySnapshot.mainFile, name != filesFolder, !lists.contains(name) else {
        return nil
      }
      if isFolder(name) {
        return visibleNames(in: name).contains(where: looksLikePolicy)
          && !lists.contains { $0.hasPrefix("\(name)/") }
          ? warning(name, "the folder is not read", "put its files into \(filesFolder)") : nil
      }
      return looksLikePolicy(name) && isUnread(name)
        ? warning(name, "the file is not read", remedy(of: name)) : nil
    }
    let inFolder = visibleNames(in: filesFolder).compactMap { name -> Diagnostic? in
      let path = "\(filesFolder)/\(name)"
      guard !lists.contains(path) else { return nil }
      if isFolder(path) {
        guard !lists.contains(where: { $0.hasPrefix("\(path)/") }) else { return nil }
        return warning(path, "the folder is not read", "put its files into \(filesFolder) itself")
      }
      return PolicySnapshot.isRead(name) || !isUnread(path)
        ? nil
        : warning(
          path, "the file is not read",
          "give it a name that ends in .yaml, or move it out of \(filesFolder)")
    }
    return (beside + inFolder).sorted()
  }

  private func warning(_ name: String, _ message: String, _ remedy: String) -> Diagnostic {
    Diagnostic(
      warning: .ignoredFile, location: SourceLocation(file: name, line: 1, column: 1),
      message: message, remedy: remedy)
  }

  /// What to do about a file beside `policy.yaml`.
  private func remedy(of name: String) -> String {
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    return stem == "policy"
      ? "only \(PolicySnapshot.mainFile) is: rename it, or move it out of the folder"
      : "move it to \(PolicySnapshot.filesFolder)/\(displayText(of: stem)).yaml, or out of the folder"
  }

  /// Whether a name has an ending of YAML or JSON, perhaps with another behind it, or is `policy`
  /// with any ending.
  private func looksLikePolicy(_ name: String) -> Bool {
    let parts = name.lowercased().split { $0 == "." || $0 == "~" }
    return parts.first == "policy"
      || parts.dropFirst().contains { ["yaml", "yml", "json"].contains($0) }
  }

  /// The names in a folder of the policy's, without those that begin with a dot.
  private func visibleNames(in name: String) -> [String] {
    ((try? Files.names(in: "\(folder)/\(name)")) ?? []).filter { !$0.hasPrefix(".") }
  }

  private func isFolder(_ name: String) -> Bool {
    Files.status(of: "\(folder)/\(name)")?.kind == .folder
  }
}
