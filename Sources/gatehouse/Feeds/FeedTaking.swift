import GatehouseChange
import GatehouseControl
import GatehouseFeeds
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Puts what was got for networks in place, if the daemon says that the policy with it is right.
///
/// This runs as root, and looks into nothing that was got: the daemon judges it.
struct FeedTaking {
  private let location: PolicyLocation
  private let daemon: RunningDaemon
  private let command: String

  init(_ options: FeedOptions, _ daemon: RunningDaemon, as command: String) {
    location = options.location
    self.daemon = daemon
    self.command = command
  }

  /// Takes it, as one change of the policy.
  ///
  /// - Parameters:
  ///   - contents: What was got, by network.
  ///   - allowance: What may be lost.
  /// - Returns: Why it is refused, on one line; nil if it serves.
  /// - Throws: That it could not be judged or written, and may be taken later.
  func take(
    _ contents: [Name: [UInt8]], allowing allowance: LockoutAllowance
  ) throws(CommandFailure) -> String? {
    let change = try location.change(as: command, patience: .seconds(30))
    let served = ServedPolicy(daemon, folder: location.path)
    try served.requireAnswer(for: location.path)
    if case .trial = served {
      throw .refused("another policy is on trial: what was got is taken when that is over")
    }
    let files = Dictionary(
      uniqueKeysWithValues: contents.map { (FeedContent.fileName(of: $0.key), $0.value) })
    let reading = PolicySnapshot.read(
      change.present.snapshot.inside.merging(files) { $1 }, folder: location.path, insecure: .error)
    guard let archive = SnapshotArchive(reading.snapshot) else {
      return "a file of the policy cannot be read: `gatehouse check` says which"
    }
    var allowance = allowance
    switch try judgement(of: archive, allowing: allowance) {
    case .refused(let reason): return reason
    case .right(let isUnjudged): if isUnjudged { allowance.unjudged = true }
    }
    let names = contents.keys.sorted().map(\.description).joined(separator: ", ")
    let put: PolicyChange.Put
    do throws(SystemError) {
      put = try change.put(
        contents: files, archive, reason: FeedReply.oneLine(names), accepted: served.accepted)
    } catch {
      throw .unwritten(error)
    }
    let verdict = try daemon.reload(archive.digest, allowing: allowance)
    guard verdict.status == .yes else {
      try? change.takeBack(put, contents: files.keys.sorted())
      _ = try? daemon.reload(nil, allowing: allowance)
      return "the daemon does not load the policy with it: `gatehouse check` says why"
    }
    try? change.accept(put)
    return nil
  }

  private enum Judgement {
    /// It would be loaded; whether nobody could be judged, which does not stop it.
    case right(isUnjudged: Bool)
    /// It would not, for this reason.
    case refused(String)
  }

  /// What the daemon would make of the policy.
  private func judgement(
    of archive: SnapshotArchive, allowing allowance: LockoutAllowance
  ) throws(CommandFailure) -> Judgement {
    var request = JudgeRequest()
    request.allow = allowance.request
    let reply = try daemon.ask(
      ofSelf: request, attaching: archive, patience: RunningDaemon.loadingPatience)
    if let failure = reply.failure { return .refused(failure.problem) }
    if let error = reply.diagnostics.first(where: { $0.severity == .error }) {
      return .refused(FeedReply.oneLine("\(error)"))
    }
    guard let verdict = reply.guardVerdict else { return .right(isUnjudged: false) }
    guard verdict.isObstacle, !allowance.all else { return .right(isUnjudged: verdict.isUnjudged) }
    let users = Set(verdict.losses.filter(\.isObstacle).flatMap(\.names).map(\.description))
      .sorted()
    return .refused(
      FeedReply.oneLine("it would shut out \(users.joined(separator: ", "))"))
  }
}
