public import GatehouseControl
import GatehouseIdentity
public import GatehousePlatform
public import GatehousePolicy
public import GatehouseState

/// What is kept of a change that is undone by itself unless somebody confirms it: a policy on trial,
/// or what `pam enable --confirm-within` did.
///
/// The daemon keeps it with the candidate; `gatehouse pam enable` keeps it by itself, in a state kind
/// of its own with the same `layout`, and asks `objection` with what the journal has of judged logins.
public struct TrialRecord: Equatable, Sendable {
  /// Who began it, and from where, ready to be shown.
  public let author: String
  /// What `--allow-lockout` named; nil if it was not given.
  public let exempt: String?
  /// When it began, for people to read: nothing is decided by a clock that can be set.
  public let began: Instant
  /// The boot that it belongs to.
  public let boot: String
  /// When it began, by the clock of that boot.
  public let start: Duration
  /// When it ends, by the same clock.
  public let end: Duration
  /// The login sessions that were open when it began.
  public let sessions: Set<String>
  /// What is on trial: the candidate's digest, or the PAM profile that was on before.
  public let subject: String

  /// A record with all its parts.
  public init(
    author: String, exempt: String?, began: Instant, boot: String, start: Duration,
    end: Duration, sessions: Set<String>, subject: String
  ) {
    self.author = author
    self.exempt = exempt
    self.began = began
    self.boot = boot
    self.start = start
    self.end = end
    self.sessions = sessions
    self.subject = subject
  }

  /// How it is laid out in a file.
  public static let layout = Layout<TrialRecord>.record(
    "trial", .shownText("author"), .optional(.shownText("exempt")), .instant("began"),
    .text("boot", atMost: 256), .sinceBoot("start"), .sinceBoot("end"),
    .list("sessions", of: .text("session", atMost: 256), atMost: 16_384),
    .text("subject", atMost: 64),
    make: {
      TrialRecord(
        author: $0, exempt: $1, began: $2, boot: $3, start: $4, end: $5, sessions: Set($6),
        subject: $7)
    },
    take: {
      (
        $0.author, $0.exempt, $0.began, $0.boot, $0.start, $0.end, $0.sessions.sorted(),
        $0.subject
      )
    })

  /// Whether it could have been begun in its boot before `now`, and ends when a trial may.
  public func isPlausible(at now: Duration) -> Bool {
    start <= now && start <= end && end - start <= TrialRequest.longest
  }

  /// Why somebody may not confirm it; nil if they may.
  ///
  /// Whoever confirms has shown that one can still get in: by a login that began later and was judged
  /// by what is on trial, or by sitting at the console, which does not ask. Another connection through
  /// an open one is in the old session, so it shows nothing.
  ///
  /// - Parameters:
  ///   - user: Who confirms, as the session's user is called.
  ///   - address: The address that they say their session was opened from; with `UseDNS yes` logind
  ///     has a name alone.
  ///   - session: The session of the process that confirms; nil if it is in none.
  ///   - wasJudged: Whether what is on trial has let in a user from an origin since it began.
  /// - Returns: The objection.
  public func objection(
    to user: Name, from address: IPAddress?, in session: LoginSession?,
    wasJudged: (Name, Origin) -> Bool
  ) -> TrialRefusal? {
    guard let session else { return .noSession }
    if session.isOpen, session.isAtMachine(isLocalByPolicy: { _ in false }) { return nil }
    guard session.isRemoteLogin else { return .noSession }
    guard !sessions.contains(session.id) else { return .oldSession(session.id) }
    var origin = Origin(remoteHost: session.remoteHost ?? "")
    if origin.kind == .unknown, let address { origin = .address(address) }
    return wasJudged(user, origin) ? nil : .notSeen(user: user, origin: origin)
  }
}
