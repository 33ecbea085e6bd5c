internal import GatehousePlatform

/// A policy's files as they were read, and what is wrong with them.
public struct PolicyReading: Sendable {
  /// What was read.
  ///
  /// A file that could not be read is in it too; loading the snapshot then fails.
  public let snapshot: PolicySnapshot
  /// What is wrong with the owner and mode of files and folders, and files that look like policy
  /// files and are not read.
  public let diagnostics: [Diagnostic]
  /// The digest of the first bytes, begun while a long list was read.
  let digest: PolicyDigest
  /// The policy files that had to be parsed to know which lists they name, by their names.
  let documents: [String: Document]

  /// The SHA-256 of what was read, in lowercase hexadecimal, as `Policy.digest` has it.
  ///
  /// It is computed each time: about 3 ms for each megabyte.
  public var contentDigest: String { digest.hexadecimal(of: snapshot) }
}

extension PolicySnapshot {
  /// Reads a policy's files, each once, and checks owner and mode of what was opened.
  ///
  /// Files and their folders must belong to root and be writable by nobody else. Of a symbolic link
  /// the target is checked. While several files are being swapped (`SwapFolder`), the policy
  /// is the one before or the one after, never some of each.
  ///
  /// - Parameters:
  ///   - path: A file, or a folder laid out like `/etc/gatehouse`.
  ///   - insecure: How to report a file that others could have written: an error for the daemon, a
  ///     warning for `--policy`.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(path: String, insecure: Diagnostic.Severity) -> PolicyReading {
    for _ in 1..<SwapFolder.maximumReadings {
      let before = SwapFolder.State(of: path)
      var reader = SnapshotReader(insecure: insecure)
      reader.read(path)
      if SwapFolder.State(of: path) == before { return reader.reading }
    }
    var reader = SnapshotReader(insecure: insecure)
    reader.read(path)
    reader.reportChanging()
    return reader.reading
  }

  /// Reads a policy whose files are not in its folder yet.
  ///
  /// Owner and mode are checked only of lists outside the folder: those in it are not written yet.
  ///
  /// - Parameters:
  ///   - files: The content of every policy file, and of lists that are known already, by name.
  ///   - folder: The folder from which the other lists are read.
  ///   - insecure: How to report a list that others could have written.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(
    _ files: [String: [UInt8]], folder: String, insecure: Diagnostic.Severity
  ) -> PolicyReading {
    var reader = SnapshotReader(insecure: insecure)
    reader.read(files, folder: folder)
    return reader.reading
  }

  /// Whether the name of a list, relative to the policy's folder, leads out of it.
  public static func isOutside(_ name: String) -> Bool {
    name.hasPrefix("/") || name == ".." || name.hasPrefix("../")
  }

  /// Whether a name, relative to a policy's folder, is that of a policy file: `policy.yaml`, or one
  /// in `policy.d` that ends in `.yaml` and does not begin with a dot.
  public static func isPolicyFile(_ name: String) -> Bool {
    if name == mainFile { return true }
    let inFolder = name.dropFirst("\(filesFolder)/".count)
    return name.hasPrefix("\(filesFolder)/") && isRead(inFolder) && !inFolder.contains("/")
  }

  /// The most bytes that all policy files of a policy may have together.
  public static let maximumPolicyLength = 64 << 20
  /// The most bytes that a list in a file of its own may have.
  public static let maximumListLength = 256 << 20

  static let mainFile = "policy.yaml"
  static let filesFolder = "policy.d"

  static func isRead(_ name: some StringProtocol) -> Bool {
    !name.hasPrefix(".") && name.hasSuffix(".yaml")
  }
}

/// How several files of a policy are replaced at once; readers and writers must agree on it.
///
/// The writer puts the whole new set into a hidden folder beside them and renames that
/// to `committed`: from then on it is the policy. Then each file is put in its place, `policy.yaml`
/// always as a new file, and at last the hidden folder is renamed away. If the writer is interrupted,
/// what it leaves is the policy before or the one after.
public enum SwapFolder {
  /// The folder, in the policy's folder, that holds the new files from the moment they count until
  /// all of them are in their places.
  public static let committed = ".being-applied"

  /// How often a reader tries again if the files change while it reads them.
  static let maximumReadings = 10

  /// What is different after a swap.
  struct State: Equatable {
    private let swap: FileStatus.Identity?
    private let mainFile: FileStatus.Identity?

    init(of path: String) {
      swap = Files.status(of: "\(path)/\(SwapFolder.committed)")?.identity
      mainFile = Files.status(of: "\(path)/\(PolicySnapshot.mainFile)")?.identity
    }
  }
}
