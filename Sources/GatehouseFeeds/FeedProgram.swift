internal import GatehousePlatform

/// The program that gets what a source has: it alone speaks with servers and reads databases.
///
/// It reads one `FeedRequest` and writes one `FeedReply`. It needs no rights, and ends with status 0
/// whenever it wrote a reply.
public enum FeedProgram {
  /// Where the package installs it.
  public static let installedPath = "/usr/libexec/gatehouse/gatehouse-fetch"

  /// The program: beside the one that runs, as a build has them, or where the package installs it.
  ///
  /// Whoever may write beside the program that runs can change that one as well.
  public static var path: String {
    guard let own = Files.resolved("/proc/self/exe") else { return installedPath }
    let beside = "\(Files.parent(of: own))/gatehouse-fetch"
    return Files.isExecutable(beside) ? beside : installedPath
  }
}
