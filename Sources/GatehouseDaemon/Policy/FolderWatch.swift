import GatehousePlatform
import GatehousePolicy
import Synchronization

/// Tells which policy the folder has now, for whoever wants to know whether it is the one that serves.
///
/// The files are read again only if one of them has changed since they were read: what tells that is
/// owner, mode, size and times of each, the lists included. From any thread; blocks.
final class FolderWatch: Sendable {
  private struct Known {
    let lists: [String]
    let signature: String
    let digest: String
    /// When the files were first seen in this state.
    let seenAt: Uptime
    /// Whether they were read long enough after that: a file may change twice in one tick of the
    /// clock that its times come from.
    let isSettled: Bool
  }

  /// For how long files that have changed are read each time.
  private static let settlingTime = Duration.seconds(2)

  private let folder: String
  private let known = Mutex<Known?>(nil)

  init(_ folder: String) { self.folder = folder }

  /// The SHA-256 of the folder's policy in hexadecimal, also of one that does not load.
  var digest: String {
    known.withLock { known in
      let isSame = known.map { signature($0.lists) == $0.signature } ?? false
      if isSame, let known, known.isSettled { return known.digest }
      let seenAt = isSame ? known?.seenAt ?? .now : .now
      let isSettled = .now - seenAt > Self.settlingTime
      let reading = PolicySnapshot.read(path: folder, insecure: .warning)
      let lists = reading.snapshot.listFiles.keys.sorted().map {
        $0.hasPrefix("/") ? $0 : "\(folder)/\($0)"
      }
      let now = Known(
        lists: lists, signature: signature(lists), digest: reading.contentDigest, seenAt: seenAt,
        isSettled: isSettled)
      known = now
      return now.digest
    }
  }

  private func signature(_ lists: [String]) -> String {
    LoadMark.subject(ofFolder: folder)
      + lists.map { path in Files.status(of: path).map { "\($0.identity)" } ?? "-" }.joined()
  }
}
