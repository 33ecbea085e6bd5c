import GatehouseControl
import GatehousePolicy
import Synchronization

/// A candidate that is decided beside the serving policy.
final class Shadow {
  let policy: Policy
  let counter: ShadowCounter
  /// Put together once for each generation of the serving policy.
  private var scope: IdentityScope?

  init(_ policy: Policy, _ counter: ShadowCounter) {
    self.policy = policy
    self.counter = counter
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
  var watched: ShadowKeeper.Watched { .init(.candidate, PolicyIdentity(policy), counter) }
}

/// Counts what comes out differently by one policy; from any thread.
final class ShadowCounter: Sendable {
  /// The policy's SHA-256 in hexadecimal.
  let digest: String
  private let state: Mutex<ShadowCounts>

  /// Counts on from these.
  init(_ counts: ShadowCounts) {
    digest = counts.digest
    state = Mutex(counts)
  }

  /// The counts until now.
  var counts: ShadowCounts { state.withLock(\.self) }

  /// Counts a login; see `LoginChanges.count`.
  @discardableResult
  func count(
    _ login: Login, was old: Outcome, is new: Decision, at time: Instant
  ) -> AccessChange? {
    state.withLock { $0.changes.count(login, was: old, is: new, at: time) }
  }

  /// Counts a login that is not judged, because too many wait for it.
  func skip() { state.withLock { $0.changes.skip() } }
}
