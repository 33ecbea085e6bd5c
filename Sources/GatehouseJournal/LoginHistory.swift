public import GatehousePolicy

/// Past logins from the journal: those that gatehoused decided, and those that sshd accepted without
/// asking it.
///
/// Only entries of these two are believed. The journal itself sets the fields that identify them: an
/// entry is gatehoused's if `_SYSTEMD_UNIT` is gatehoused.service and `_UID` is a system account's; it
/// is sshd's if `_EXE` is sshd's program and `_UID` is root's.
public struct LoginHistory: ~Copyable {
  /// The fields by which the journal finds gatehoused's entries of a kind, with their values.
  static func fields(of kind: EntryKind) -> [(name: String, value: String)] {
    [(name: "MESSAGE_ID", value: kind.rawValue), daemonField]
  }
  /// The field by which the journal finds all entries of gatehoused, with its value.
  static let daemonField = (name: "_SYSTEMD_UNIT", value: "gatehoused.service")
  /// What gatehoused logs as the decision and as the reason if it has no policy.
  public static let noPolicy = "no_policy"
  /// The paths of sshd and, from OpenSSH 9.8 on, of sshd-session, which serves a connection, on Debian
  /// and other distributions.
  private static let sshPrograms = [
    "/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/libexec/openssh/sshd-session",
    "/usr/lib/ssh/sshd-session",
  ]

  /// What was read.
  public struct Summary: Sendable {
    /// The beginning of the record: the time asked for, or that of the journal if it is later.
    public var since: Instant
    /// The number of logins that gatehoused decided.
    public var decisions = 0
    /// The number of logins known only from sshd's log.
    public var acceptedBySSH = 0
    /// The number of entries left out, by reason.
    public var omissions: [Omission: Int] = [:]

    /// A record without logins.
    public init(since: Instant) { self.since = since }
  }

  private let decisionJournal: Journal
  private let sshJournal: Journal
  private var unmatchedDecisions = UnmatchedDecisions()
  private var summary: Summary

  /// The beginning of the record: the time asked for, or that of the journal if it is later.
  public var since: Instant { summary.since }

  /// Opens the record of the logins since a time; throws if the journal cannot be read.
  public init(_ source: Journal.Source, since: Instant) throws(JournalError) {
    let decisionJournal = try Journal.matching(Self.fields(of: .decision), in: source)
    try decisionJournal.seek(to: since)
    let sshJournal = try Journal.matching(
      [("_UID", "0")] + Self.sshPrograms.map { ("_EXE", $0) }, in: source)
    try sshJournal.seek(to: since)
    summary = Summary(since: max(since, decisionJournal.beginning() ?? since))
    self.decisionJournal = decisionJournal
    self.sshJournal = sshJournal
  }

  /// Reads all logins, in no particular order.
  ///
  /// - Parameters:
  ///   - progress: Called with the time of each entry, roughly in order.
  ///   - visit: Called with each login.
  /// - Returns: What was read.
  /// - Throws: An error of the journal.
  public consuming func read(
    progress: (Instant) -> Void, visit: (RecordedLogin) -> Void
  ) throws(JournalError) -> Summary {
    var next = try nextDecision()
    while let (line, time) = try nextSSHLine() {
      progress(time)
      // The decision about this login may be in the journal after sshd's line.
      while let entry = next, entry.time <= time + UnmatchedDecisions.maximumGap {
        record(entry, visit)
        next = try nextDecision()
      }
      record(line, at: time, visit)
    }
    while let entry = next {
      progress(entry.time)
      record(entry, visit)
      next = try nextDecision()
    }
    return summary
  }

  private mutating func record(_ entry: DecisionEntry, _ visit: (RecordedLogin) -> Void) {
    if let accepted = entry.accepted { unmatchedDecisions.add(accepted, at: entry.time) }
    switch entry.login {
    case .success(let login):
      summary.decisions += 1
      visit(login)
    case .failure(let omission):
      summary.omissions[omission, default: 0] += 1
    }
  }

  private mutating func record(
    _ line: [UInt8], at time: Instant, _ visit: (RecordedLogin) -> Void
  ) {
    do throws(Omission) {
      guard let login = try AcceptedLogin(line: line),
        !unmatchedDecisions.remove(login, near: time)
      else { return }
      summary.acceptedBySSH += 1
      visit(
        RecordedLogin(
          user: login.user, service: AcceptedLogin.service, role: nil, origin: login.origin,
          outcome: DecisionOutcome(verdict: .allow), time: time, isDecided: false))
    } catch {
      summary.omissions[error, default: 0] += 1
    }
  }

  private func nextDecision() throws(JournalError) -> DecisionEntry? {
    guard try decisionJournal.next() else { return nil }
    return DecisionEntry(
      decisionJournal.values(of: DecisionEntry.JournalField.ofLogin),
      time: try decisionJournal.time()
    )
  }

  private func nextSSHLine() throws(JournalError) -> (line: [UInt8], time: Instant)? {
    guard try sshJournal.next() else { return nil }
    return (sshJournal.value(of: "MESSAGE") ?? [], try sshJournal.time())
  }
}

/// A login that the journal records.
public struct RecordedLogin: Hashable, Sendable {
  /// The user, as the entry spells the name.
  public var user: Name
  /// The PAM service.
  public var service: Name
  /// The role that was asked for; nil if none was.
  public var role: Name?
  /// Where it came from.
  public var origin: Origin
  /// What was decided, without the roles.
  public var outcome: DecisionOutcome
  /// The time of the entry.
  public var time: Instant
  /// Whether gatehoused decided it; false if it is known only from sshd's log.
  public var isDecided = true
}

/// Why an entry is left out: it records no login that a policy can be asked about.
public enum Omission: String, CaseIterable, Error {
  /// No rule decided: there was no policy, or the user's groups could not be read.
  case undecided
  /// A grant allowed the login, whatever the policy says.
  case granted
  /// It cannot be understood, or can be understood in more than one way.
  case unreadable
  /// It looks like a record, but neither gatehoused nor sshd as root wrote it.
  case untrusted
}
