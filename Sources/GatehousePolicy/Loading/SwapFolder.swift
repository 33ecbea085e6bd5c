internal import Glibc

/// How several files of a policy are swapped at once, as readers must know it.
///
/// Who changes the files writes the whole new set into a hidden folder beside them and renames that
/// to `committed`: from then on it is the policy. Then each file is put in its place, `policy.yaml`
/// always as a new file, and at last the hidden folder is renamed away. So whoever breaks off leaves
/// the policy before or the one after.
public enum SwapFolder {
  /// The folder, within the policy's, that holds the new set from the moment it counts until all of
  /// it is in its place.
  public static let committed = ".being-applied"

  /// After how many readings in which something changed a reader gives up.
  static let mostReadings = 10

  /// What differs after a reading during which a swap took place.
  struct State: Equatable {
    private struct Identity: Equatable {
      let device: dev_t
      let inode: ino_t
      let seconds: Int
      let nanoseconds: Int
    }

    private let swap: Identity?
    private let mainFile: Identity?

    init(of path: String) {
      swap = Self.identity(of: "\(path)/\(SwapFolder.committed)")
      mainFile = Self.identity(of: "\(path)/\(PolicySnapshot.mainFile)")
    }

    private static func identity(of path: String) -> Identity? {
      var status = stat()
      // SAFETY: the path is a C string, and the kernel fills the structure, during the call.
      guard unsafe stat(path, &status) == 0 else { return nil }
      return Identity(
        device: status.st_dev, inode: status.st_ino, seconds: status.st_ctim.tv_sec,
        nanoseconds: status.st_ctim.tv_nsec)
    }
  }
}
