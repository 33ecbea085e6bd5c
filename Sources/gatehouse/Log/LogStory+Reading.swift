import GatehouseChange
import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

extension LogCommand {
  /// Tells all that is known of one decision.
  func tell(_ id: String) throws {
    var filter = DecisionFilter()
    filter.id = quotedID(id)
    let found = try source.read(filter, 1) { _ in }
    found.warn()
    guard let decision = found.newest.last else {
      throw CommandFailure.refused(
        "there is no decision with the id \(id)\(found.since)",
        remedy: "`gatehouse log` lists those that are there")
    }
    let running = source.isOfMachine ? RunningDaemon(daemon) : nil
    let story = LogStory(
      line: LogLines.Line(decision, isFirst: FirstLogins(running).holds(decision)),
      then: try then(decision), now: running.flatMap { now(decision, $0) })
    try output.print(story)
  }

  /// The policy that decided, from the folder or from the history.
  private func then(_ decision: LoggedDecision) throws(CommandFailure) -> LogStory.Then? {
    guard source.isOfMachine, let digest = decision.generation?.digest else { return nil }
    let location = locationOptions.location
    let entry = try readingHistory { () throws(SystemError) in
      try location.kept.entry(of: digest)
    }
    var archive = entry?.archive
    if archive == nil {
      let present = PolicySnapshot.read(path: location.path, insecure: .warning).snapshot
      archive = SnapshotArchive(present).flatMap { $0.digest == digest ? $0 : nil }
    }
    guard let archive, let policy = Policy.load(archive.snapshot).policy else { return nil }
    var answers = PolicyAnswers(policy)
    return LogStory.Then(
      login: answers.explain(question(decision, at: decision.time)),
      change: entry.map(HistoryRow.init),
      rule: Self.lines(of: decision.rule, in: archive.snapshot))
  }

  /// What the daemon makes of the same login now; nil if it cannot be asked.
  private func now(_ decision: LoggedDecision, _ daemon: RunningDaemon) -> ExplainedLogin? {
    guard case .explained(let login)? = try? daemon.explain(question(decision, at: nil)) else {
      return nil
    }
    return login
  }

  private func question(_ decision: LoggedDecision, at time: Instant?) -> ExplainQuestion {
    ExplainQuestion(
      user: decision.user, origin: decision.origin, service: decision.service, time: time,
      role: decision.askedRole)
  }

  /// The line of a rule, and what belongs to it: the lines that follow and are indented further.
  private static func lines(
    of rule: String?, in snapshot: PolicySnapshot
  ) -> [(number: Int, text: String)] {
    guard let rule, let colon = rule.lastIndex(of: ":"),
      let number = Int(rule[rule.index(after: colon)...]), number > 0,
      let content = snapshot.inside[String(rule[..<colon])]
    else { return [] }
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard number <= lines.count else { return [] }
    let indent = { (line: ArraySlice<UInt8>) in line.prefix { $0 == UInt8(ascii: " ") }.count }
    let first = lines[number - 1]
    let more = lines[number...].prefix { !$0.isEmpty && indent($0) > indent(first) }.prefix(8)
    return ([first] + more).enumerated().map { index, line in
      (number + index, String(decoding: line, as: UTF8.self))
    }
  }
}
