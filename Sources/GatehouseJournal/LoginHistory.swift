public import GatehousePolicy

/// The logins of the past, out of the journal: as gatehoused decided them, and, where it was not
/// asked, as sshd let them in.
///
/// Believed is nobody but those two, by the fields that the journal sets itself: gatehoused is what
/// `_SYSTEMD_UNIT` says is gatehoused.service, under an account of the system; sshd is what `_EXE`
/// says is its program, run by root.
public struct LoginHistory: ~Copyable {
  /// The fixed MESSAGE_ID of the entries with decisions:
  /// `journalctl MESSAGE_ID=cd6ea7754a4f4d81bcc7da29e5486793`.
  public static let decisionMessageID = "cd6ea7754a4f4d81bcc7da29e5486793"
  /// sshd's program, and, from OpenSSH 9.8 on, the part of it that serves a connection, where Debian
  /// and others have them.
  private static let sshPrograms = [
    "/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/libexec/openssh/sshd-session",
    "/usr/lib/ssh/sshd-session",
  ]

  /// What was read.
  public struct Summary: Sendable {
    /// When the record begins: at the time that was asked for, or with the journal.
    public var since: Instant
    /// How many logins gatehoused decided.
    public var decisions = 0
    /// How many sshd alone has told of.
    public var acceptedBySSH = 0
    /// How many entries tell of no login that can be asked about, and why.
    public var omissions: [Omission: Int] = [:]

    /// An empty record that begins at a time.
    public init(since: Instant) { self.since = since }
  }

  private let decisions: Journal
  private let lines: Journal
  private var decided = DecidedLogins()
  private var summary: Summary

  /// When the record begins: at the time that was asked for, or with the journal.
  public var since: Instant { summary.since }

  /// The logins of a journal since a time.
  public init(_ source: Journal.Source, since: Instant) throws(JournalError) {
    let decisions = try Self.journal(
      source, since,
      [("MESSAGE_ID", Self.decisionMessageID), ("_SYSTEMD_UNIT", "gatehoused.service")])
    let lines = try Self.journal(
      source, since, [("_UID", "0")] + Self.sshPrograms.map { ("_EXE", $0) })
    summary = Summary(since: max(since, decisions.beginning() ?? since))
    self.decisions = decisions
    self.lines = lines
  }

  private static func journal(
    _ source: Journal.Source, _ since: Instant, _ matches: [(field: String, value: String)]
  ) throws(JournalError) -> Journal {
    let journal = try Journal(source)
    for match in matches { try journal.match(match.field, match.value) }
    try journal.seek(to: since)
    return journal
  }

  /// Reads all of them, in no order, and says what was read.
  ///
  /// - Parameters:
  ///   - progress: Told the time of each entry that is looked at, about in order.
  ///   - visit: Told each login.
  /// - Returns: What was read.
  /// - Throws: That the journal cannot be read on.
  public consuming func read(
    progress: (Instant) -> Void, visit: (RecordedLogin) -> Void
  ) throws(JournalError) -> Summary {
    var next = try nextDecision()
    while let (line, time) = try nextLine() {
      progress(time)
      // Decisions about this login may have come to the journal after sshd's line.
      while let entry = next,
        entry.time.microseconds <= time.microseconds + DecidedLogins.longestGap
      {
        take(entry, visit)
        next = try nextDecision()
      }
      take(line, at: time, visit)
    }
    while let entry = next {
      progress(entry.time)
      take(entry, visit)
      next = try nextDecision()
    }
    return summary
  }

  private mutating func take(_ entry: DecisionEntry, _ visit: (RecordedLogin) -> Void) {
    if let accepted = entry.accepted { decided.add(accepted, at: entry.time) }
    switch entry.login {
    case .success(let login):
      summary.decisions += 1
      visit(login)
    case .failure(let error):
      summary.omissions[error.omission, default: 0] += 1
    }
  }

  private mutating func take(
    _ line: [UInt8], at time: Instant, _ visit: (RecordedLogin) -> Void
  ) {
    do throws(OmittedEntry) {
      guard let login = try AcceptedLogin(line: line), !decided.take(login, near: time) else {
        return
      }
      summary.acceptedBySSH += 1
      visit(
        RecordedLogin(
          user: login.user, service: AcceptedLogin.service, role: nil, origin: login.origin,
          outcome: Outcome(verdict: .allow), time: time))
    } catch {
      summary.omissions[error.omission, default: 0] += 1
    }
  }

  private func nextDecision() throws(JournalError) -> DecisionEntry? {
    guard try decisions.next() else { return nil }
    return DecisionEntry(
      decisions.values(of: DecisionEntry.Field.names), time: try decisions.time())
  }

  private func nextLine() throws(JournalError) -> (line: [UInt8], time: Instant)? {
    guard try lines.next() else { return nil }
    return (lines.value(of: "MESSAGE") ?? [], try lines.time())
  }
}
