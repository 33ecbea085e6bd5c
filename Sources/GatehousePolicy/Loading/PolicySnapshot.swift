/// The bytes of a policy and of the lists that it names.
///
/// They are read once, so what is checked is what is loaded.
public struct PolicySnapshot: Hashable, Sendable {
  /// A file as it was read.
  public struct File: Hashable, Sendable {
    /// The file's name, relative to the policy's folder.
    public let name: String
    /// What is in it, or why that could not be read.
    public let content: Content

    /// A file by its name, relative to the policy's folder.
    public init(name: String, content: Content) {
      self.name = name
      self.content = content
    }
  }

  /// What is in a file.
  public enum Content: Hashable, Sendable {
    case bytes([UInt8])
    /// The file could not be read: why, in words, and what to do about it.
    case unreadable(String, remedy: String? = nil)
  }

  /// The policy files, in order of their names, `policy.yaml` first.
  public let policyFiles: [File]
  /// The files that `file:` entries name, by their names relative to the policy's folder.
  public let listFiles: [String: Content]
  /// The list files that not every user may read: their content is never in a message.
  package var confidentialLists: Set<String> = []

  /// A policy from memory.
  ///
  /// - Parameters:
  ///   - policyFiles: The policy files; their order does not matter.
  ///   - listFiles: The files that `file:` entries name, by name.
  public init(policyFiles: [File], listFiles: [String: Content] = [:]) {
    self.policyFiles = policyFiles.sorted { Self.precedes($0.name, $1.name) }
    self.listFiles = listFiles
  }

  /// Whether both have the same files.
  public static func == (left: PolicySnapshot, right: PolicySnapshot) -> Bool {
    left.policyFiles == right.policyFiles && left.listFiles == right.listFiles
  }

  /// Takes in the files.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(policyFiles)
    hasher.combine(listFiles)
  }

  /// How many bytes all files have together.
  var byteCount: Int {
    (policyFiles.map(\.content) + listFiles.values).reduce(0) { sum, content in
      if case .bytes(let bytes) = content { sum + bytes.count } else { sum }
    }
  }

  /// `policy.yaml` and other files of the folder itself come before those of `policy.d`.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    let depth = { (name: String) in name.utf8.contains(UInt8(ascii: "/")) ? 1 : 0 }
    return (depth(left), left) < (depth(right), right)
  }
}

extension PolicySnapshot {
  /// The name of a list file relative to the policy's folder, as `file:` in a policy file gives it.
  ///
  /// Looks at the text only: `.` and `..` are resolved as far as possible. An absolute path stays
  /// absolute.
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
