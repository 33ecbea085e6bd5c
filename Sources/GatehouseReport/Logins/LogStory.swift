public import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// All that is known of one decision: `gatehouse log ID`.
public struct LogStory: Report {
  /// The policy that decided, as it stood then.
  public struct Then: Sendable {
    /// What it makes of the login, with the groups of today.
    public var login: ExplainedLogin
    /// The change of the history that brought it; nil if it is the policy of the folder.
    public var change: HistoryRow?
    /// The lines of the rule that decided, with their numbers.
    public var rule: [(number: Int, text: String)]

    /// A policy of the history.
    public init(
      login: ExplainedLogin, change: HistoryRow?, rule: [(number: Int, text: String)]
    ) {
      self.login = login
      self.change = change
      self.rule = rule
    }
  }

  /// The decision, and whether it was the first from there.
  public var line: LogLines.Line
  /// Its policy; nil if it is not kept any more.
  public var then: Then?
  /// What the daemon makes of the same login now; nil if it cannot be asked.
  public var now: ExplainedLogin?

  /// A story.
  public init(line: LogLines.Line, then: Then?, now: ExplainedLogin?) {
    self.line = line
    self.then = then
    self.now = now
  }

  private var decision: LoggedDecision { line.decision }

  /// Yes: it was found.
  public var status: ReportStatus { .yes }

  // MARK: - For people

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(
      decision.outcome.text
        + StyledText("  \(decision.user) from \(decision.place) by \(decision.service): ")
        + StyledText(decision.reason, .strong))
    page.line()
    page.fields(facts)
    guard let then else {
      page.line()
      page.notices([
        decision.generation == nil
          ? "There was no policy." : "Its policy is not in the history any more."
      ])
      addPresent(to: &page)
      return page.bytes
    }
    if !then.rule.isEmpty {
      page.heading("The rule as it stood, \(decision.rule ?? "")")
      page.rows(then.rule.map { [StyledText("\($0.number)", .faint), StyledText($0.text)] })
    }
    page.heading("Steps of that policy, with the groups of today")
    page.rows(then.login.stepRows)
    if !isSame(then.login.explanation.decision) {
      page.line()
      page.notices([
        "This is another answer than the one that was given: the groups were others, or a grant or "
          + "several origins counted."
      ])
    }
    addPresent(to: &page)
    return page.bytes
  }

  private var facts: [[StyledText]] {
    let time = LocalTime(microsecondsSinceEpoch: decision.time.microseconds)
    var rows: [[StyledText]] = [
      ["time", StyledText("\(time) (\(decision.time.distance(from: .now())))")]
    ]
    func add(_ name: String, _ value: String?) {
      if let value { rows.append([StyledText(name), StyledText(value)]) }
    }
    add("machine", decision.machine?.description)
    if line.isFirst { add("place", "the first login from there") }
    add("typed as", decision.askedUser?.description)
    add("remote host", decision.remoteHost?.description)
    add("session", decision.session)
    for (number, method) in decision.provedBy.enumerated() {
      rows.append([number == 0 ? "proved by" : "", StyledText(method.text)])
    }
    add("role asked", decision.askedRole?.description)
    if !decision.roles.isEmpty { add("roles", decision.roles.joined) }
    add("grant", decision.grant)
    add("rule", decision.rule)
    add("policy", decision.generation.map { generationText($0.number, $0.digest) })
    if let change = then?.change {
      add("", "change \(change.number), \(change.means) by \(change.who), \(change.time)")
    }
    if !decision.wasDelivered { add("answer", "came too late: the program had gone") }
    add("id", decision.id)
    return rows
  }

  private func isSame(_ other: Decision) -> Bool {
    other.verdict.rawValue == decision.verdictWord && other.reason.rawValue == decision.reason
  }

  private func addPresent(to page: inout TextPage) {
    guard let now else {
      page.line()
      page.notices(["What a login would get now is unknown: the daemon cannot be asked."])
      return
    }
    page.heading("Now")
    let present = now.explanation.decision
    let isOther = decision.generation.map { $0.digest != now.policy.digest } ?? true
    page.rows([
      [StyledText("\(present.verdict.rawValue), \(present.reason.rawValue)", .strong)],
      [
        StyledText(
          "by \(isOther ? "another policy" : "the same policy"), "
            + generationText(now.policy.generation ?? 0, now.policy.digest), .faint)
      ],
    ])
    let remedies = now.explanation.remedies
    guard !remedies.isEmpty else { return }
    page.heading(remedies.count > 1 ? "To allow it, any one of these" : "To allow it")
    page.rows(remedies.map { [remedies.count > 1 ? "-" : "", StyledText($0.text)] })
  }

  // MARK: - As JSON

  /// Writes the decision as `gatehouse log --json` has it, then and now.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("decision") { LogLines.write(line, to: &$0) }
    writer.member("then") { writer in
      guard let then else { return writer.literal("null") }
      writer.object {
        $0.member("change", then.change?.number)
        $0.member("steps", then.login.explanation.steps)
        $0.member("rule") { writer in
          writer.array { array in
            for line in then.rule {
              array.object {
                $0.member("line", line.number)
                $0.member("text", line.text)
              }
            }
          }
        }
        $0.member("same_answer", isSame(then.login.explanation.decision))
      }
    }
    writer.member("now") { writer in
      guard let now else { return writer.literal("null") }
      writer.object {
        $0.members(of: now.explanation.decision)
        $0.member("sha256", now.policy.digest)
        $0.member("remedies", now.explanation.remedies.map(\.text))
      }
    }
  }
}
