import GatehouseControl
import GatehousePolicy

/// A candidate that is decided beside the serving policy.
final class Shadow {
  let policy: Policy
  var counts: ShadowCounts
  /// Put together once for each generation of the serving policy.
  private var scope: IdentityScope?

  init(_ policy: Policy, _ counts: ShadowCounts) {
    self.policy = policy
    self.counts = counts
  }

  /// What must be read of a user to decide by it.
  ///
  /// The groups of the serving policy are among those, so that a reading for the one serves the
  /// other; and a bad one keeps nobody out, since the serving policy has readings of its own.
  func identityScope(beside generation: Generation) -> IdentityScope {
    // Of no generation: a reading that is under way for one does not cover these groups.
    let number = -generation.number
    if let scope, scope.number == number { return scope }
    let made = IdentityScope(
      number: number, groups: policy.groupNames.union(generation.policy.groupNames),
      maxAge: .seconds(UInt64(clamping: policy.identityMaxAge)))
    scope = made
    return made
  }

  /// What is told of it.
  var watched: WatchedPolicy {
    .init(
      kind: .candidate,
      policy: PolicyIdentity(generation: nil, digest: policy.digest, mode: policy.mode),
      since: counts.since, changes: counts.changes)
  }
}
