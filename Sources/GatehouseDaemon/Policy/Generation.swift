import GatehousePlatform
import GatehousePolicy
import Synchronization

/// One loaded policy and its place in the row of them.
///
/// It never changes, so a question that began with it can finish with it, whatever is loaded
/// meanwhile.
final class Generation: Sendable {
  /// Counts from 1 in each life of the daemon.
  let number: Int
  let policy: Policy
  /// When it began to serve.
  let since: Instant
  let source: Source
  /// What the loader warned of.
  let warnings: [Diagnostic]
  /// Counter and digest, as the log names a generation: `3:9f86d0…`.
  let label: String
  /// What must be read of a user's identity to decide by this policy.
  let identityScope: IdentityScope

  /// Where a policy comes from.
  enum Source {
    case folder
    /// The kept copy of the last good policy, because the folder's files are bad.
    case keptCopy
    /// On trial, in place of the folder's.
    case candidate
  }

  init(
    number: Int, policy: Policy, since: Instant, source: Source, warnings: [Diagnostic]
  ) {
    self.number = number
    self.policy = policy
    self.since = since
    self.source = source
    self.warnings = warnings
    label = "\(number):\(policy.digest)"
    identityScope = IdentityScope(
      number: number, groups: policy.groupNames,
      maxAge: .seconds(UInt64(clamping: policy.identityMaxAge)))
  }

  var isKeptCopy: Bool { source == .keptCopy }

  /// The same as the label, short enough to be read: `3 (9f86d081884c)`.
  var shortLabel: String { "\(number) (\(policy.digest.prefix(12)))" }

  /// Has the memory freed, once no question in flight holds it any more, where that is in nobody's
  /// way: a long policy takes a while.
  func retire() {
    let last = Mutex<Generation?>(self)
    let thread = try? Thread("free", inBackground: true) {
      // No question lasts longer than half a minute.
      for _ in 0..<300 {
        SystemClock.sleep(.milliseconds(100))
        if last.withLock({ isKnownUniquelyReferenced(&$0) }) { break }
      }
      last.withLock { $0 = nil }
      FreedMemory.trim()
    }
    thread?.detach()
  }
}
