import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import Synchronization

/// A candidate that is decided beside the serving policy.
final class Shadow {
  let policy: Policy
  let counter: ShadowCounter
  /// Computed once for each generation of the serving policy.
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
      maxAge: policy.identityMaxAge)
    scope = made
    return made
  }

  /// What is reported about it.
  var watched: ShadowKeeper.Watched { .init(.candidate, PolicyIdentity(policy), counter) }
}

/// Counts what one policy decides differently; from any thread.
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
    _ login: Login, was old: DecisionOutcome, is new: Decision, at time: Instant
  ) -> AccessChange? {
    state.withLock { $0.changes.count(login, was: old, is: new, at: time) }
  }

  /// Takes up what was counted for the policy before, judged again.
  func take(_ older: LoginChanges) { state.withLock { $0.changes.take(older) } }

  /// Counts a login that is not judged, because too many wait for it.
  func skip() { state.withLock { $0.changes.skip() } }
}

/// What came out differently by one policy since a time, as it is kept over a restart of the daemon.
struct ShadowCounts: Sendable {
  /// The policy's SHA-256 in hexadecimal.
  let digest: String
  /// Since when logins are counted.
  let since: Instant
  var changes: LoginChanges

  /// The most places that are counted apart.
  static let placeLimit = 1000

  init(digest: String, since: Instant) {
    self.init(digest: digest, since: since, changes: LoginChanges(bound: Self.placeLimit))
  }

  init(digest: String, since: Instant, changes: LoginChanges) {
    self.digest = digest
    self.since = since
    self.changes = changes
  }
}

extension LogEntry {
  /// A login that came out differently: what was answered, and what the candidate decides.
  init(
    _ change: AccessChange, of asked: AskedLogin, as user: Name, was old: Decision,
    is new: Decision,
    by digest: String, id: String
  ) {
    self.init(.notice, .shadowDecision) { text in
      text.append("the candidate in the shadow ")
      text.append(change.words)
      text.append(" ")
      text.append(user, of: asked)
      text.append(new)
      text.append(", id ")
      text.append(id)
    }
    add("GATEHOUSE_ID", id)
    add("GATEHOUSE_CHANGE", change.rawValue)
    add("GATEHOUSE_USER", user)
    add(asked)
    add("GATEHOUSE_ASKED_ROLE", asked.role)
    add("GATEHOUSE_DECISION", old.verdict.rawValue)
    add("GATEHOUSE_REASON", old.reason.rawValue)
    add("GATEHOUSE_SHADOW_DECISION", new.verdict.rawValue)
    add("GATEHOUSE_SHADOW_REASON", new.reason.rawValue)
    add("GATEHOUSE_SHADOW_RULE", new.rule)
    add("GATEHOUSE_SHADOW_SHA256", digest)
  }
}

extension AccessChange {
  fileprivate var words: StaticString {
    switch self {
    case .loses: "would refuse"
    case .gains: "would let in"
    case .wouldLose: "would refuse, but for its monitor mode,"
    case .wouldGain: "would let in, also without monitor mode,"
    }
  }
}
