import GatehousePolicy

/// What is known of a trial, and kept with the candidate over a restart of the daemon.
struct TrialRecord: Equatable, Sendable {
  /// Who began it, and from where, ready to be shown.
  let author: String
  /// Whom `--allow-lockout` named; nil if nobody.
  let exempt: String?
  /// When it began, for people to read: nothing is decided by a clock that can be set.
  let began: Instant
  /// The boot that it belongs to.
  let boot: String
  /// When it began, by the clock of that boot.
  let start: Duration
  /// When it ends, by the same clock.
  let end: Duration
  /// The login sessions that were open when it began.
  let sessions: Set<String>
  /// The candidate's digest.
  let digest: String

  /// The longest that a trial lasts.
  static let longest = Duration.seconds(604_800)

  /// Whether it could have been begun in its boot before `now`, and ends when a trial may.
  func isPlausible(at now: Duration) -> Bool {
    start <= now && start <= end && end - start <= Self.longest
  }
}
