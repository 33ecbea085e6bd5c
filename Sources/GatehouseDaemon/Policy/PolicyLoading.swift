import GatehousePolicy

/// What came of reading and loading the policy's files.
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
  static func load(from folder: String, atStart: Bool) -> LoadOutcome {
    let reading = PolicySnapshot.read(path: folder, insecure: .error)
    let load = Policy.load(reading.snapshot)
    var findings = Set(reading.diagnostics).union(load.diagnostics)
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
    return .loaded(policy, reading.snapshot, warnings: policy.unsilenced(sorted))
  }
}
