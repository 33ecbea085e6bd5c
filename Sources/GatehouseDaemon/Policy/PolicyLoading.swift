import GatehousePolicy

/// What came of reading and loading the policy's files.
///
/// None is made on the loop's own thread: nothing long is to lie in the loop's part of the heap,
/// where it would be in the way when it is freed.
enum LoadOutcome: Sendable {
  /// They may serve.
  case loaded(Policy, PolicySnapshot, warnings: [Diagnostic])
  /// They may not: every error, and the warnings with them, sorted by place.
  case refused([Diagnostic])
}

extension LoadOutcome {
  /// Reads, checks and loads the policy's files, and runs the policy's own tests; blocks.
  ///
  /// At the daemon's start a failing test is a warning only: time alone can bring it about, and a
  /// reboot must not take down a policy that served until then.
  static func load(
    from folder: String, atStart: Bool, progress: @escaping (String) -> Void
  ) -> LoadOutcome {
    let reading = PolicySnapshot.read(path: folder, insecure: .error)
    return judge(
      Policy.load(reading, progress: progress), of: reading.snapshot, found: reading.diagnostics,
      atStart: atStart)
  }

  /// The same, of a policy that was read already.
  static func judge(_ snapshot: PolicySnapshot, atStart: Bool) -> LoadOutcome {
    judge(Policy.load(snapshot), of: snapshot, found: [], atStart: atStart)
  }

  /// `found` is what was said of its files when they were read.
  private static func judge(
    _ load: PolicyLoad, of snapshot: PolicySnapshot, found: [Diagnostic], atStart: Bool
  ) -> LoadOutcome {
    var findings = Set(found).union(load.diagnostics)
    if let policy = load.policy {
      findings.formUnion(
        policy.failingTests().map { failure in
          var failure = failure
          if atStart { failure.severity = .warning }
          return failure
        })
    }
    let sorted = findings.sorted()
    guard let policy = load.policy, !sorted.contains(where: { $0.severity == .error }) else {
      return .refused(sorted)
    }
    return .loaded(policy, snapshot, warnings: policy.unsilenced(sorted))
  }
}

/// What can serve where no candidate is on trial: the folder's policy, or else the last good one.
enum FolderOutcome: Sendable {
  case folder(Policy, PolicySnapshot, warnings: [Diagnostic])
  /// The folder's policy is refused.
  case keptCopy(LastGoodPolicy.LoadedCopy, refused: [Diagnostic])
  /// Likewise, and there is no copy, or a problem with it.
  case nothing(LastGoodPolicy.Unusable?, refused: [Diagnostic])

  /// Blocks.
  static func load(
    from folder: String, orElse lastGood: LastGoodPolicy, atStart: Bool,
    progress: @escaping (String) -> Void = { _ in }
  ) -> FolderOutcome {
    switch LoadOutcome.load(from: folder, atStart: atStart, progress: progress) {
    case .loaded(let policy, let snapshot, let warnings):
      return .folder(policy, snapshot, warnings: warnings)
    case .refused(let diagnostics):
      do throws(LastGoodPolicy.Unusable) {
        guard let copy = try lastGood.load() else { return .nothing(nil, refused: diagnostics) }
        return .keptCopy(copy, refused: diagnostics)
      } catch { return .nothing(error, refused: diagnostics) }
    }
  }
}
