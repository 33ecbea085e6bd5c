extension PolicySnapshot {
  /// The name of a list file relative to the policy's folder, as `file:` in a policy file gives it.
  ///
  /// Purely textual: `.` and `..` are taken out where they can be. An absolute path stays one.
  static func listName(_ path: String, in policyFile: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var parts = policyFile.split(separator: "/").dropLast().map(String.init)
    for part in path.split(separator: "/") {
      switch part {
      case ".":
        break
      case ".." where parts.last.map { $0 != ".." } ?? false:
        parts.removeLast()
      default:
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }
}
