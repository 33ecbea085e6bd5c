public import GatehouseControl
import GatehousePolicy

/// The report of `gatehouse explain --factor`: whether a second factor is needed, and why.
public struct FactorReport: Report {
  private let reply: ExplainReply

  /// A report of the daemon's reply.
  public init(_ reply: ExplainReply) { self.reply = reply }

  /// Yes if no second factor is needed.
  public var status: ReportStatus {
    guard case .explained(let login) = reply else { return reply.status }
    return login.factor.decision.verdict == .notNeeded ? .yes : .no
  }

  /// That the daemon has no policy, or no time.
  public var failure: ReportFailure? { reply.failure }

  /// The text for people: the verdict, who and from where, then the rules.
  public func text(coloured: Bool) -> [UInt8] {
    guard case .explained(let login) = reply else { return reply.text(coloured: coloured) }
    let factor = login.factor
    var page = TextPage(coloured: coloured)
    page.notices(login.notices)
    page.line(verdict(of: factor.decision))
    page.line(StyledText(factor.decision.reason.sentence))
    page.line()
    page.fields([
      ["user", StyledText(factor.login.user.description)],
      [
        "groups",
        login.groupSource.text(
          of: factor.login, by: login.groupService, age: login.readAt?.ago(from: .now())),
      ],
      ["from", login.origin],
      ["place", place(of: factor)],
      ["time", StyledText(factor.login.time.roundedToSeconds.description)],
      ["policy", login.policy.text],
    ])
    if !factor.rules.isEmpty {
      page.heading("Rules that count, and whether they spare the user")
      page.rows(factor.rules.map(row))
    }
    return page.bytes
  }

  private func verdict(of decision: FactorDecision) -> StyledText {
    let word: StyledText =
      switch decision.verdict {
      case .notNeeded: StyledText("NOT NEEDED", .good)
      case .needed where decision.wouldSpare: StyledText("NEEDED, would be spared", .doubtful)
      case .needed: StyledText("NEEDED", .doubtful)
      }
    let rule = decision.rule.map { StyledText("  \($0.fileAndLine)", .faint) } ?? ""
    return word + "  " + StyledText(decision.reason.rawValue, .strong) + rule
  }

  private func place(of factor: FactorExplanation) -> StyledText {
    switch factor.login.origin {
    case .local: "at the machine"
    case .machine, .unknown: "none of the network"
    case .address:
      factor.isNewPlace
        ? StyledText("new  (no login from there in 30 days that is on record)")
        : "known  (the user came in from there in the last 30 days)"
    }
  }

  private func row(_ rule: FactorExplanation.Rule) -> [StyledText] {
    [
      rule.spares ? StyledText("yes", .good) : StyledText("no", .doubtful),
      StyledText(rule.path), StyledText(rule.demand.words),
      StyledText(rule.location.fileAndLine, .faint),
      rule.isSure ? "" : StyledText("unknown if the user is a member", .doubtful),
    ]
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    guard case .explained(let login) = reply else { return }
    let factor = login.factor
    writer.member("factor", factor.decision.verdict.rawValue)
    writer.member("reason", factor.decision.reason.rawValue)
    writer.member("rule", factor.decision.rule?.fileAndLine)
    writer.member("would_spare", factor.decision.wouldSpare)
    writer.member("notices", login.notices)
    writer.members(ofUser: factor.login, groupsFrom: login.groupSource)
    writer.member("origin", login.origin)
    writer.member("new_place", factor.isNewPlace)
    writer.member("depends_on_place", factor.dependsOnPlace)
    writer.member("time", factor.login.time)
    writer.member("policy", login.policy)
    writer.member("rules", factor.rules)
  }
}

extension FactorReason {
  /// What decided, as a sentence.
  var sentence: String {
    switch self {
    case .noRule: "the policy has no second_factor, so nobody is spared"
    case .notChecked: "mode is off, so nobody is spared"
    case .userUnknown: "there is no such user"
    case .identityUnavailable: "it depends on what is unknown of the user"
    case .always: "a rule that counts says always"
    case .never: "every rule that counts says never"
    case .originUnknown: "the origin is unknown, and it depends on it"
    case .notListed: "a not_from that counts does not hold the origin, or there is none"
    case .listed: "every not_from that counts holds the origin"
    case .newPlace: "the lists spare the user, but the place is new"
    }
  }
}

extension FactorExplanation.Rule.Demand {
  fileprivate var words: String {
    switch self {
    case .always, .never: rawValue
    case .notFrom: "not from its places"
    case .everywhere: "from everywhere"
    }
  }
}

extension FactorExplanation.Rule: JSONWritable {
  /// Writes an object of `path`, `says`, `rule`, `spares` and `sure`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      $0.member("says", demand.rawValue)
      $0.member("rule", location.fileAndLine)
      $0.member("spares", spares)
      $0.member("sure", isSure)
    }
  }
}
