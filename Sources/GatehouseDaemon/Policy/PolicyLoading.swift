import GatehouseControl
import GatehouseFit
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The result of reading and loading the policy's files.
///
/// It is not made on the loop's own thread: a long policy in that thread's part of the heap would
/// keep memory from going back to the system.
enum LoadOutcome: Sendable {
  /// They may serve.
  case loaded(Policy, PolicySnapshot, warnings: [Diagnostic])
  /// They may not: its errors and warnings, sorted by location.
  case refused([Diagnostic])

  /// The most errors and warnings of a load that are kept: a reply with them stays short.
  static let diagnosticLimit = 1000
}

/// Why the policy in the folder is loaded.
enum LoadOccasion: Sendable {
  /// The daemon starts. A failing test is only a warning: it can fail because time has passed, and a
  /// reboot must not end a policy that served until then.
  case start
  /// A trial is over.
  case trialEnd
  /// Somebody asks for it.
  case request
}

extension LoadOutcome {
  /// Reads, checks and loads the policy's files, and runs the policy's own tests; blocks.
  static func load(
    from folder: String, _ occasion: LoadOccasion, _ mark: LoadMark, _ review: PolicyReview,
    progress: @escaping (String) -> Void
  ) -> LoadOutcome {
    let isByItself = occasion != .request
    let unread = LoadMark.subject(ofFolder: folder)
    guard !(isByItself && mark.isDeadly(unread)) else { return .refused([.deadlyPolicy(unread)]) }
    mark.begin(unread)
    let reading = PolicySnapshot.read(path: folder, insecure: .error)
    if isByItself, mark.hasDeaths, let digest = SnapshotArchive(reading.snapshot)?.digest,
      mark.isDeadly(unread, digest)
    {
      mark.end(wasTried: false)
      return .refused([.deadlyPolicy(digest)])
    }
    defer { mark.end() }
    let load = Policy.load(reading, progress: progress, identified: { mark.begin($0) })
    // By itself the daemon does not wait for a directory.
    let reviewed = isByItself ? nil : load.policy.map { review.diagnostics(of: $0, at: .reload) }
    return judge(
      load, of: reading.snapshot, found: reading.diagnostics + (reviewed ?? []),
      atStart: occasion == .start)
  }

  /// The same for a policy that was read already.
  static func judge(_ snapshot: PolicySnapshot, atStart: Bool) -> LoadOutcome {
    judge(Policy.load(snapshot), of: snapshot, found: [], atStart: atStart)
  }

  /// `found` has the diagnostics of reading the files.
  private static func judge(
    _ load: PolicyLoad, of snapshot: PolicySnapshot, found: [Diagnostic], atStart: Bool
  ) -> LoadOutcome {
    var diagnostics = Set(found).union(load.diagnostics)
    if let policy = load.policy {
      diagnostics.formUnion(
        policy.failingTests().map { failure in
          var failure = failure
          if atStart { failure.severity = .warning }
          return failure
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

/// What can serve while no candidate is on trial: the folder's policy, or else one that was accepted.
enum FolderOutcome: Sendable {
  case folder(Policy, PolicySnapshot, warnings: [Diagnostic])
  /// The folder's policy is refused; the problems are those of newer copies.
  case keptCopy(AcceptedPolicies.LoadedCopy, problems: [String], refused: [Diagnostic])
  /// The folder's policy is refused, and there is no copy, or problems with all of them.
  case nothing(problems: [String], refused: [Diagnostic])

  /// Blocks.
  static func load(
    from folder: String, orElse accepted: AcceptedPolicies, _ occasion: LoadOccasion,
    _ mark: LoadMark, _ review: PolicyReview, progress: @escaping (String) -> Void = { _ in }
  ) -> FolderOutcome {
    switch LoadOutcome.load(from: folder, occasion, mark, review, progress: progress) {
    case .loaded(let policy, let snapshot, let warnings):
      return .folder(policy, snapshot, warnings: warnings)
    case .refused(let diagnostics):
      let search = accepted.load(mark)
      guard let copy = search.copy else {
        return .nothing(problems: search.problems, refused: diagnostics)
      }
      return .keptCopy(copy, problems: search.problems, refused: diagnostics)
    }
  }
}

/// What came of making a candidate ready that was sent.
enum CandidateOutcome: Sendable {
  /// It may be decided by, and is kept.
  case ready(Policy, warnings: [Diagnostic])
  /// It has errors.
  case refused([Diagnostic])
  /// It could not be read or kept: why.
  case failed(CandidateFailure)

  /// Reads and loads it, and keeps what is made of it; blocks.
  static func prepare<Kept>(
    _ sent: Result<SealedMemoryFile, SystemError>, keepingIn file: StateFile<Kept>,
    as kept: (SnapshotArchive) -> Kept
  ) -> CandidateOutcome {
    let candidate: SnapshotArchive
    do {
      candidate = try SnapshotArchive(decoding: sent.get().bytes())
    } catch {
      return .failed(.unusable(cause: "\(error)"))
    }
    switch LoadOutcome.judge(candidate.snapshot, atStart: false) {
    case .loaded(let policy, _, let warnings):
      do throws(SystemError) {
        try file.write(kept(candidate))
      } catch {
        return .failed(.notKept(cause: "\(error)"))
      }
      return .ready(policy, warnings: warnings)
    case .refused(let diagnostics): return .refused(diagnostics)
    }
  }
}
