internal import GatehousePlatform

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
    private let swap: FileStatus.Identity?
    private let mainFile: FileStatus.Identity?

    init(of path: String) {
      swap = Files.status(of: "\(path)/\(SwapFolder.committed)")?.identity
      mainFile = Files.status(of: "\(path)/\(PolicySnapshot.mainFile)")?.identity
    }
  }
}
