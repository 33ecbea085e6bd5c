public import GatehouseControl
public import GatehouseDoors
import GatehouseJournal
import GatehousePolicy

/// The report of `gatehouse status`: the daemon's state, and what the command finds on the machine.
public struct StatusReport: Report {
  /// The daemon's state.
  private let daemon: DaemonStatus
  /// Whether logins ask it.
  private let pam: PAMReport
  /// The machine's doors.
  private let doors: Doors
  /// The sessions open now that its policy would refuse, or that only monitor mode would let in.
  private let refusedSessions: [PAMCheck]
  /// The sessions open now that could not be judged.
  private let unjudgedSessions: [PAMCheck]
  /// Whether the policy that serves is neither the one in the folder nor one of root's history.
  private let isUnknownPolicy: Bool
  /// How the folder's policy differs from what serves, though nobody asked to load it; nil if it does
  /// not.
  private let difference: PAMCheck?
  /// Whether those are told whom the policy names; nil if it names nobody.
  private let notify: NotifyStanding?
  /// The networks of its policy that are got from elsewhere.
  private let feeds: [FeedRow]

  /// A report on the daemon and the machine's logins.
  public init(
    daemon: DaemonStatus, pam: PAMReport, doors: Doors, refusedSessions: [PAMCheck],
    unjudgedSessions: [PAMCheck], isUnknownPolicy: Bool, difference: PAMCheck?,
    notify: NotifyStanding?, feeds: [FeedRow]
  ) {
    self.feeds = feeds
    self.difference = difference
    self.notify = notify
    self.doors = doors
    self.daemon = daemon
    self.pam = pam
    self.refusedSessions = refusedSessions
    self.unjudgedSessions = unjudgedSessions
    self.isUnknownPolicy = isUnknownPolicy
  }

  /// Everything that needs attention now, the gravest first.
  public var attention: [Attention] {
    let policy =
      isUnknownPolicy
      ? [
        Attention(
          .unknownPolicy,
          "what serves is neither the policy in \(daemon.folder) nor one of root's history",
          remedy: "find out who changed it (`gatehouse history`); "
            + "`gatehouse reload` loads the folder's"
        )
      ] : []
    let differing = difference.map { check in
      [Attention(.differingPolicy, check.finding, remedy: check.remedy)]
    }
    let trial = pam.trial.map { [$0.attention] } ?? []
    let unfit = pam.checks.filter { $0.outcome == .notOK }.map { check in
      Attention(.pam, check.finding, remedy: check.remedy)
    }
    let refused = refusedSessions.filter { $0.outcome == .notOK }.map { check in
      Attention(.refusedSession, "\(check.subject): \(check.finding)", remedy: check.remedy)
    }
    let unjudged = unjudgedSessions.map { check in
      Attention(.unjudgedSession, "\(check.subject): \(check.finding)", remedy: check.remedy)
    }
    return policy + daemon.attention + (differing ?? []) + trial + unfit + doors.attention
      + (notify?.attention ?? []) + feeds.compactMap { $0.attention(at: daemon.now) }
      + refused.told(.refusedSession, "more sessions would be refused")
      + unjudged.told(.unjudgedSession, "more sessions could not be judged")
  }

  /// Yes if nothing needs attention.
  public var status: ReportStatus { attention.isEmpty ? .yes : .no }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    // What the policy does is for logins that ask.
    page.line(daemon.isOrdinary ? doors.headline ?? daemon.summary : daemon.summary)
    page.attention(attention)
    page.line()
    daemon.details(on: &page)
    page.heading("Logins")
    page.rows([[pam.summary]])
    page.rows(pam.checks.flatMap(\.rows))
    let state: StyledText = doors.lines.isEmpty ? .noLoginAsks : doors.summary
    page.rows([[StyledText("doors", .faint), state + StyledText(" (gatehouse doors)")]])
    if let notify { page.rows(notify.rows(at: daemon.now)) }
    if !feeds.isEmpty {
      let count = counted(feeds.count, "network")
      page.rows([
        [StyledText("feeds", .faint), StyledText("\(count) from elsewhere (gatehouse feeds)")]
      ])
    }
    if !refusedSessions.isEmpty {
      page.heading("Open sessions that the policy would refuse")
      page.rows(refusedSessions.flatMap(\.rows))
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("attention", attention)
    daemon.writeState(to: &writer)
    writer.member("pam", pam)
    writer.member("door_counts", doors)
    writer.member("refused_sessions", refusedSessions)
    writer.member("unjudged_sessions", unjudgedSessions)
    writer.member("notify", notify)
    writer.member("feeds", feeds)
  }
}

extension DaemonStatus: Report {
  /// Yes if nothing needs attention, as far as the daemon knows.
  public var status: ReportStatus { attention.isEmpty ? .yes : .no }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(summary)
    page.attention(attention)
    page.line()
    details(on: &page)
    return page.bytes
  }

  /// Whether the policy of the folder serves, and checks logins.
  fileprivate var isOrdinary: Bool { isCurrent && serving?.mode != .off }

  /// Adds everything but the first lines.
  fileprivate func details(on page: inout TextPage) {
    var rows: [[StyledText]] = []
    if let serving {
      let generation = generationText(serving.generation, serving.digest)
      rows.append(["policy", StyledText("\(generation), since \(ago(serving.since))")])
      let place = serving.isKeptCopy ? "the last good copy" : folder
      rows.append(["from", StyledText(trial == nil ? place : "a candidate on trial")])
    }
    if let trial {
      rows.append(["trial", StyledText("by \(trial.author), since \(ago(trial.since))")])
      rows.append(["until", StyledText("\(trial.until), then \(folder) again")])
      if let exempt = trial.exempt {
        rows.append(["lockout", StyledText("allowed for \(exempt)", .doubtful)])
      }
    }
    if let monitored { rows.append(["monitor", StyledText(denials(of: monitored))]) }
    if let shadow {
      let share = shadow.changes.share
      rows.append([
        "shadow",
        StyledText("\(share) decided differently since \(ago(shadow.since)); gatehouse shadow"),
      ])
    }
    rows.append(["answers", StyledText(answers)])
    if !counts.byReason.isEmpty { rows.append(["reasons", StyledText(reasons)]) }
    if grants > 0 { rows.append(["grants", StyledText("\(grants) (gatehouse grants)")]) }
    if codes.total > 0 { rows.append(["codes", StyledText(codesInWords)]) }
    rows.append(["users", users])
    for service in identity.services {
      rows.append([
        StyledText(service.name), service.text + StyledText("  (\(ago(service.at)))", .faint),
      ])
    }
    rows.append([
      "daemon",
      StyledText("version \(version), process \(processID), since \(ago(startedAt))"),
    ])
    rows.append(["socket", StyledText(socket)])
    if malformedRequests > 0 {
      let requests = counted(malformedRequests, "request")
      rows.append(["closed", StyledText("\(requests) could not be understood", .doubtful)])
    }
    if let originProblem { rows.append(["origins", StyledText(originProblem, .bad)]) }
    if lostEntries > 0 {
      rows.append([
        "journal", StyledText("\(counted(lostEntries, "entry", plural: "entries")) lost", .bad),
      ])
    }
    page.fields(rows)
    if let refusal {
      page.heading("Refused \(ago(refusal.at))")
      page.diagnostics(refusal.diagnostics, in: folder)
      refusal.verdict?.blocks(on: &page)
    }
    if let warnings = serving?.warnings, !warnings.isEmpty {
      page.heading("Warnings of the serving policy")
      page.diagnostics(warnings, in: folder)
    }
  }

  /// The first line: what the policy does.
  fileprivate var summary: StyledText {
    guard let serving else {
      return StyledText(
        "no policy", .bad, then: "every question is answered no_policy; the module's onerr decides")
    }
    if let trial {
      return StyledText(
        "on trial", .doubtful,
        then:
          "\(durationInWords(trial.timeLeft)) left; `gatehouse confirm`, in a new session, keeps it"
      )
    }
    if refusal != nil || serving.isKeptCopy {
      let problem =
        switch refusalCause {
        case .deadly: "is not loaded again by itself"
        case .waiting: "waits for a directory"
        case .lockout: "would shut out who could repair the machine"
        case .nobodyJudged: "could be judged for nobody"
        case .earlier: "was refused"
        case .errors, nil: "has errors"
        }
      let mode = serving.mode == .enforce ? "" : ", mode \(serving.mode.rawValue)"
      return StyledText(
        "behind", .bad,
        then: "\(folder) \(problem); the last good policy stays in effect\(mode)")
    }
    return switch serving.mode {
    case .enforce: StyledText("enforcing", .good)
    case .monitor:
      StyledText("monitoring", .doubtful, then: "denials are logged, and the logins let through")
    case .off: StyledText("off", .doubtful, then: "no login is checked")
    }
  }

  private var answers: String {
    let monitored = counts.wouldDeny > 0 ? " (\(counts.wouldDeny) would be deny)" : ""
    let without = counts.noPolicy > 0 ? ", no policy \(counts.noPolicy)" : ""
    return "allow \(counts.allow)\(monitored), deny \(counts.deny), "
      + "ignore \(counts.ignore)\(without)"
  }

  /// How many logins the policy would have denied, and when last.
  private func denials(of monitored: WatchedPolicy) -> String {
    let changes = monitored.changes
    guard !changes.isEmpty else {
      return "none would have been denied since \(ago(monitored.since))"
    }
    let last = monitored.last.map { ", the last \(ago($0))" } ?? ""
    return
      "\(changes.share) would have been denied since \(monitored.since.roundedToSeconds)\(last); "
      + "gatehouse shadow"
  }

  /// The most frequent first.
  private var reasons: String {
    counts.byReason.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
      .map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
  }

  /// What became of codes since the daemon started.
  private var codesInWords: String {
    codes.byEvent.filter { $0.count > 0 }.map { "\($0.words) \($0.count)" }.joined(separator: ", ")
  }

  private var users: StyledText {
    let last = identity.lastReadAt.map { ", the last one \(ago($0))" } ?? ""
    let kept = StyledText("\(counted(identity.users, "reading")) kept\(last)")
    guard let failing = identity.failing else { return kept }
    return kept + StyledText("  failing since \(ago(failing.since)): \(failing.problem)", .bad)
  }

  private func ago(_ time: Instant) -> String { time.ago(from: now) }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("attention", attention)
    writeState(to: &writer)
  }

  /// Writes what the daemon says of itself.
  fileprivate func writeState(to writer: inout JSONWriter) {
    writer.member("daemon_version", version)
    writer.member("pid", processID)
    writer.member("started", startedAt)
    writer.member("time", now)
    writer.member("socket", socket)
    writer.member("folder", folder)
    writer.member("serving", serving)
    writer.member("refused", refusal)
    writer.member("trial", trial)
    write(monitored, as: "monitored", to: &writer)
    write(shadow, as: "shadow", to: &writer)
    writer.member("answers", counts)
    writer.member("malformed_requests", malformedRequests)
    writer.member("grants", grants)
    writer.member("codes", codes)
    writer.member("identity", identity)
    writer.member("lost_entries", lostEntries)
    writer.member("origin_problem", originProblem)
    writer.member("ending_logins", endings)
  }

  private func write(_ watched: WatchedPolicy?, as name: String, to writer: inout JSONWriter) {
    writer.member(named: name) {
      if let watched { watched.writeCounts(to: &$0) } else { $0.literal("null") }
    }
  }
}

extension DaemonStatus.Serving: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("generation", generation)
      $0.member("sha256", digest)
      $0.member("mode", mode.rawValue)
      $0.member("since", since)
      $0.member("kept_copy", isKeptCopy)
      $0.member("warnings", warnings)
    }
  }
}

extension DaemonStatus.Refusal: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("time", at)
      $0.member("diagnostics", diagnostics)
    }
  }
}

extension EndingLogin: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("user", user)
      $0.member("origin", origin)
      $0.member("service", service)
      $0.member("time", at)
      $0.member("rule", rule?.fileAndLine)
    }
  }
}

extension DaemonStatus.Counts: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("allow", allow)
      $0.member("deny", deny)
      $0.member("ignore", ignore)
      $0.member("no_policy", noPolicy)
      $0.member("would_deny", wouldDeny)
      $0.member("reasons") { writer in
        writer.object { object in
          for (reason, count) in byReason {
            object.member(named: reason) { count.write(to: &$0) }
          }
        }
      }
    }
  }

  /// The reasons that answers had, with how many of each; `no_policy` is one of them.
  fileprivate var byReason: [(reason: String, count: Int)] {
    let decided = Reason.allCases.compactMap { reason in
      reasons[reason].map { (reason: reason.rawValue, count: $0) }
    }
    return noPolicy > 0 ? decided + [("no_policy", noPolicy)] : decided
  }
}

extension DaemonStatus.Codes: JSONWritable {
  /// Each event with its word, in words, and how many there were.
  var byEvent: [(word: String, words: String, count: Int)] {
    CodeEvent.allCases.map { event in
      let count =
        switch event {
        case .made: made
        case .used: used
        case .wrong: wrong
        case .ended: ended
        case .overLimit: overLimit
        }
      return (event.rawValue, event.words, count)
    }
  }

  /// How many events there were.
  fileprivate var total: Int { byEvent.reduce(0) { $0 + $1.count } }

  /// Writes an object with a number for each event.
  func write(to writer: inout JSONWriter) {
    writer.object { object in
      for event in byEvent { object.member(named: event.word) { event.count.write(to: &$0) } }
    }
  }
}

extension DaemonStatus.Identity: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("users", users)
      $0.member("failing_since", failing?.since)
      $0.member("problem", failing?.problem)
      $0.member("last_read_at", lastReadAt)
      $0.member("services", services)
    }
  }
}

extension DaemonStatus.Identity.Service: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", name)
      $0.member("state", state.rawValue)
      $0.member("time", at)
    }
  }

  /// Whether it reaches its server.
  var text: StyledText {
    switch state {
    case .online: StyledText("online, it asks its server")
    case .offline: StyledText("offline, it answers from what it has, or not at all", .bad)
    case .unknown:
      StyledText("does not say whether it asks its server; see gatehouse-directories(7)", .doubtful)
    }
  }
}
