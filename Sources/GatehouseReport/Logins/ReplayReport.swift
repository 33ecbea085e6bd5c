public import GatehouseControl
public import GatehouseJournal
public import GatehousePolicy

/// The report of `gatehouse replay`: which past logins another policy would decide differently.
public struct ReplayReport: Report {
  /// The file or folder of the policy.
  public var path: String
  /// The policy in it.
  public var source: PolicyIdentity
  /// The time that it decided for.
  public var time: Instant
  /// The time since which logins were read.
  public var since: Instant
  /// What was read from the journal.
  public var record: LoginHistory.Summary
  /// What was decided differently.
  public var changes: LoginChanges
  /// Users in the record that NSS does not know now.
  public var unknownUsers: Set<Name>

  /// A report of logins that were decided again.
  public init(
    path: String, source: PolicyIdentity, time: Instant, since: Instant,
    record: LoginHistory.Summary, changes: LoginChanges, unknownUsers: Set<Name>
  ) {
    self.path = path
    self.source = source
    self.time = time
    self.since = since
    self.record = record
    self.changes = changes
    self.unknownUsers = unknownUsers
  }

  /// Yes if no login was decided differently; if that is so only of those who could be read, it says so.
  public var status: ReportStatus {
    if !changes.isEmpty { return .no }
    return changes.unjudged > 0 ? .unreachable : .yes
  }

  /// That some logins could not be judged, and so may have been decided differently.
  public var failure: ReportFailure? {
    guard status == .unreachable else { return nil }
    return ReportFailure(
      "\(counted(changes.unjudged, "login")) could not be judged, because groups cannot be read",
      remedy: "check that the directory answers (getent group)")
  }

  // MARK: - For people

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(headline)
    page.line()
    page.fields(question)
    changes.write(to: &page)
    return page.bytes
  }

  private var logins: Int { record.decisions + record.acceptedBySSH }

  private var headline: StyledText {
    guard logins > 0 else {
      return StyledText("NOTHING", .doubtful, then: "there is no login in the record")
    }
    guard changes.judged > 0 || changes.unjudged == 0 else {
      return StyledText("UNKNOWN", .doubtful, then: "no login could be judged")
    }
    return changes.headline(verb: "is")
  }

  private var question: [[StyledText]] {
    let begin =
      record.since > since
      ? "the journal begins \(record.since.roundedToSeconds)"
      : "since \(since.roundedToSeconds)"
    var rows: [[StyledText]] = [
      ["policy", source.text + StyledText("  \(path)")],
      ["decided", StyledText("as if they were \(time.roundedToSeconds), in today's groups")],
      ["logins", StyledText("\(logins), \(begin)")],
    ]
    if record.acceptedBySSH > 0 {
      rows.append(["", StyledText("\(record.acceptedBySSH) known only from sshd's log", .faint)])
    }
    if changes.unjudged > 0 {
      let problem = "\(changes.unjudged): the groups of their users cannot be read now"
      rows.append(["not judged", StyledText(problem, .doubtful)])
    }
    for omission in Omission.allCases {
      guard let count = record.omissions[omission] else { continue }
      rows.append(["left out", StyledText("\(count): \(omission.words)", .faint)])
    }
    if !unknownUsers.isEmpty {
      rows.append(["unknown", StyledText(unknownUserNames, .doubtful)])
    }
    return rows
  }

  /// How many names are shown.
  private static let mostNames = 10

  private var unknownUserNames: String {
    let shown = Array(unknownUsers.sorted().prefix(Self.mostNames)).joined
    let left = unknownUsers.count - Self.mostNames
    return "not on this machine now: \(shown)" + (left > 0 ? " and \(left) more" : "")
  }

  // MARK: - As JSON

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("path", path)
    writer.member("policy", source)
    writer.member("time", time)
    writer.member("since", record.since)
    writer.member("logins", logins)
    writer.member("accepted_by_sshd", record.acceptedBySSH)
    writer.member("left_out") { writer in
      writer.object {
        for omission in Omission.allCases {
          $0.member(named: omission.rawValue) {
            (record.omissions[omission] ?? 0).write(to: &$0)
          }
        }
      }
    }
    writer.member("unknown_users", unknownUsers.sorted())
    changes.write(to: &writer)
  }
}

extension Omission {
  fileprivate var words: String {
    switch self {
    case .undecided: "not decided by a rule, because the policy or the user's groups were missing"
    case .granted: "let in by a grant, which does not depend on the policy"
    case .unreadable: "entries that cannot be understood, or are ambiguous"
    case .untrusted: "entries that look like gatehoused's or sshd's, but are not"
    }
  }
}
