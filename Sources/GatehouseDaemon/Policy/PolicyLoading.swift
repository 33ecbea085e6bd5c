import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The files of the policy's folder as they were read, or why they were not.
enum FolderReading: Sendable {
  /// They were read.
  case read(PolicyReading)
  /// They are not read by themselves: the daemon died of them.
  case deadly(Diagnostic)

  /// Reads and checks the files; blocks.
  ///
  /// - Parameters:
  ///   - folder: The policy's folder.
  ///   - isByItself: Whether nobody asked for it just now.
  ///   - mark: Where it stands that they are being read.
  /// - Returns: The files, or why they were not read.
  static func read(_ folder: String, byItself isByItself: Bool, _ mark: LoadMark) -> FolderReading {
    let unread = LoadMark.subject(ofFolder: folder)
    guard !(isByItself && mark.isDeadly(unread)) else { return .deadly(.deadlyPolicy(unread)) }
    mark.begin(unread)
    defer { mark.end(wasTried: false) }
    let reading = PolicySnapshot.read(path: folder, insecure: .error)
    if isByItself, mark.hasDeaths, mark.isDeadly(unread, reading.contentDigest) {
      return .deadly(.deadlyPolicy(reading.contentDigest))
    }
    return .read(reading)
  }

  /// The digest of what was read; nil if nothing was.
  var digest: String? {
    if case .read(let reading) = self { reading.contentDigest } else { nil }
  }
}

/// What came of loading a policy's files and of running the policy's own tests.
///
/// It is not made on the loop's own thread: a long policy in that thread's part of the heap would
/// keep memory from going back to the system.
enum LoadOutcome: Sendable {
  /// They may serve, if the guard does not object.
  case loaded(Policy, PolicySnapshot, warnings: [Diagnostic])
  /// They may not: the errors and warnings, sorted by location.
  case refused([Diagnostic])

  /// The most errors and warnings of a load that are kept: a reply with them stays short.
  static let diagnosticLimit = 1000
}

extension LoadOutcome {
  /// Loads what was read; blocks.
  ///
  /// - Parameters:
  ///   - reading: The files, or why they were not read.
  ///   - folder: The folder that they were read from.
  ///   - accepted: The digest of the policy that was accepted; its failing tests, and its errors that
  ///     leave a policy, are warnings: what serves must not end because of the time or of an upgrade.
  ///   - review: Whether the policy fits the machine; nil if nobody asked for it just now, because the
  ///     daemon does not wait for a directory by itself.
  ///   - mark: Where it stands that they are being loaded.
  ///   - progress: Called now and then within long lists.
  /// - Returns: The policy, or what is wrong with it.
  static func load(
    _ reading: FolderReading, from folder: String, accepted: String?,
    _ review: PolicyReview?, _ mark: LoadMark, progress: @escaping (String) -> Void
  ) -> LoadOutcome {
    switch reading {
    case .deadly(let diagnostic): return .refused([diagnostic])
    case .read(let reading):
      mark.begin(LoadMark.subject(ofFolder: folder))
      defer { mark.end() }
      let load = Policy.load(reading, progress: progress, identified: { mark.begin($0) })
      let found = reading.diagnostics + (review?.diagnostics(ofLoad: load) ?? [])
      return judge(load, of: reading.snapshot, found: found, accepted: accepted)
    }
  }

  /// The same for a policy that was read already; `isAccepted` says that it was accepted before.
  static func judge(
    _ snapshot: PolicySnapshot, isAccepted: Bool, _ review: PolicyReview? = nil
  ) -> LoadOutcome {
    let load = Policy.load(snapshot)
    return judge(
      load, of: snapshot, found: review?.diagnostics(ofLoad: load) ?? [],
      accepted: isAccepted ? load.policy?.digest : nil)
  }

  /// `found` has the diagnostics of reading the files.
  private static func judge(
    _ load: PolicyLoad, of snapshot: PolicySnapshot, found: [Diagnostic], accepted: String?
  ) -> LoadOutcome {
    var diagnostics = Set(found).union(load.diagnostics)
    if let policy = load.policy { diagnostics.formUnion(policy.failingTests()) }
    if let policy = load.policy, policy.digest == accepted {
      diagnostics = Set(
        diagnostics.map { diagnostic in
          var diagnostic = diagnostic
          diagnostic.severity = .warning
          return diagnostic
        })
    }
    let sorted = diagnostics.sorted()
    guard let policy = load.policy, !sorted.contains(where: { $0.severity == .error }) else {
      return .refused(sorted.limited(to: diagnosticLimit))
    }
    return .loaded(
      policy, snapshot, warnings: policy.unsilenced(sorted).limited(to: diagnosticLimit))
  }
}

/// A candidate that came with a request, loaded.
enum CandidateOutcome: Sendable {
  /// It may be decided by.
  case ready(Policy, SnapshotArchive, warnings: [Diagnostic])
  /// It has errors.
  case refused([Diagnostic], digest: String)
  /// It could not be read: why.
  case failed(CandidateFailure)

  /// Reads and loads it; blocks.
  ///
  /// `accepted` is as in `LoadOutcome.load`.
  static func load(
    _ sent: Result<SealedMemoryFile, SystemError>, accepted: String? = nil,
    _ review: PolicyReview? = nil
  ) -> CandidateOutcome {
    let archive: SnapshotArchive
    do {
      archive = try SnapshotArchive(decoding: sent.get().bytes())
    } catch {
      return .failed(.unusable(cause: "\(error)"))
    }
    switch LoadOutcome.judge(archive.snapshot, isAccepted: archive.digest == accepted, review) {
    case .loaded(let policy, _, let warnings):
      return .ready(policy, archive, warnings: warnings)
    case .refused(let diagnostics):
      return .refused(diagnostics, digest: archive.digest)
    }
  }
}
