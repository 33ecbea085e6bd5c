import GatehousePlatform
import GatehousePolicy
import Synchronization

/// One loaded policy, with its number.
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
      maxAge: policy.identityMaxAge)
  }

  var isKeptCopy: Bool { source == .keptCopy }

  /// The same as the label, short enough to be read: `3 (9f86d081884c)`.
  var shortLabel: String { "\(number) (\(policy.digest.prefix(12)))" }
}

/// Frees generations that no longer serve, once no question in flight holds them.
///
/// That happens on a thread of its own: a long policy takes a while.
final class RetiredGenerations: Sendable {
  /// The longest time that a question takes.
  private static let maximumQuestionTime = Duration.seconds(60)

  private struct Retired {
    var generation: Generation
    let since: Uptime

    /// Whether nobody else holds it, or must have let go of it by now.
    mutating func isOver() -> Bool {
      isKnownUniquelyReferenced(&generation)
        || Uptime.now - since > RetiredGenerations.maximumQuestionTime
    }
  }

  private struct State {
    var retired: [Retired] = []
    /// A thread runs as long as there are any.
    var isRunning = false

    mutating func takeOver() -> [Retired] {
      var over: [Retired] = []
      for place in retired.indices.reversed() where retired[place].isOver() {
        over.append(retired.remove(at: place))
      }
      return over
    }
  }

  private let state = Mutex(State())

  /// Takes over a generation.
  func add(_ generation: Generation) {
    let isRunning = state.withLock { state in
      state.retired.append(Retired(generation: generation, since: .now))
      defer { state.isRunning = true }
      return state.isRunning
    }
    guard !isRunning else { return }
    let thread = try? Thread("free", inBackground: true) { [self] in
      repeat {
        SystemClock.sleep(.milliseconds(100))
        if free() { FreedMemory.trim() }
      } while hasMore()
    }
    if let thread { thread.detach() } else { state.withLock { $0.isRunning = false } }
  }

  /// Frees what can be freed, and returns whether there was anything.
  ///
  /// It does so without the lock, because the event loop may wait for it.
  private func free() -> Bool { !state.withLock { $0.takeOver() }.isEmpty }

  private func hasMore() -> Bool {
    state.withLock { state in
      state.isRunning = !state.retired.isEmpty
      return state.isRunning
    }
  }
}
