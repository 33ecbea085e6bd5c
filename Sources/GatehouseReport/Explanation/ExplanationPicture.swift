public import GatehouseControl
import GatehousePolicy

extension ExplainedLogin {
  /// The text for people: the verdict, then who and from where, then why, then what to change.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.notices(notices)
    page.line(verdict)
    if let step = explanation.steps.first(where: { $0.outcome == .decided }) {
      page.line(StyledText(step.detail))
    }
    if let code = explanation.code { page.line(StyledText(code.sentence)) }
    page.line()
    page.fields(question)
    if !explanation.lists.isEmpty {
      page.heading("Lists that apply, and whether they hold \(explanation.login.origin)")
      page.rows(explanation.lists.map(row))
    }
    page.heading("Steps (the first that applies decides)")
    page.rows(stepRows)
    let remedies =
      (explanation.code == nil ? [] : ["the user logs in again, and enters the code"])
      + explanation.remedies.map(\.text)
    if !remedies.isEmpty {
      let several = remedies.count > 1
      page.heading(several ? "To allow it, any one of these" : "To allow it")
      page.rows(remedies.map { [several ? "-" : "", StyledText($0)] })
    }
    return page.bytes
  }

  /// The steps that were reached, a row each.
  var stepRows: [[StyledText]] {
    explanation.steps.filter { $0.outcome != .notReached }.map(row)
  }

  /// What is wrong with the question, to be said before the answer.
  var notices: [String] {
    let login = explanation.login
    var notices = groupSource.notices(about: login)
    if login.origin == .unknown(.notAnAddress), !remoteHost.isEmpty {
      notices.append("\"\(remoteHost)\" is not an IP address.")
    }
    return notices
  }

  // MARK: - The verdict

  private var verdict: StyledText {
    let decision = explanation.decision
    let word: StyledText =
      switch decision.verdict {
      case .allow where decision.wouldDeny: StyledText("ALLOW, would be DENY", .doubtful)
      case .allow: StyledText("ALLOW", .good)
      case .deny: StyledText("DENY", .bad)
      case .ignore: StyledText("IGNORE", .doubtful)
      }
    let rule = decision.rule.map { StyledText("  \($0.fileAndLine)", .faint) } ?? ""
    return word + "  " + StyledText(decision.reason.rawValue, .strong) + rule
  }

  // MARK: - The question

  private var question: [[StyledText]] {
    let login = explanation.login
    let decision = explanation.decision
    var rows: [[StyledText]] = [
      ["user", StyledText(login.user.description)],
      [
        "groups",
        groupSource.text(
          of: explanation.login, by: groupService, age: readAt?.ago(from: .now())),
      ],
      ["from", origin + others],
      ["service", StyledText(login.service.description)],
      ["time", StyledText(login.time.roundedToSeconds.description)],
      ["policy", policy.text],
    ]
    if let role = login.role { rows.append(["asks for", StyledText("role \(role)")]) }
    if decision.verdict == .allow && !decision.wouldDeny {
      rows.append(["roles", decision.roles.text])
    }
    return rows
  }

  var origin: StyledText {
    switch explanation.login.origin {
    case .address(let address): StyledText(address.description)
    case .machine where isOwnAddress: StyledText("self  (\(remoteHost) is the machine's own now)")
    case .machine: "self  (the machine itself)"
    case .local: "local  (at this machine, or from within it)"
    case .unknown(.noAddress): "unknown  (the program gave no address)"
    case .unknown(.session): "unknown  (the login session does not tell)"
    case .unknown(.notAnAddress) where remoteHost.isEmpty: "unknown"
    case .unknown(.notAnAddress):
      StyledText("unknown  (\"\(remoteHost)\" is not an address)")
    }
  }

  /// Whether the remote host is an address that the machine has now, other than loopback.
  var isOwnAddress: Bool { Origin(remoteHost: remoteHost).kind == .address }

  /// The other origins that it was judged by; the one that is shown has decided.
  private var others: StyledText {
    let others = explanation.origins.filter { $0 != explanation.login.origin }
    guard !others.isEmpty else { return "" }
    return StyledText(
      "  (judged from \(others.map(\.inWords).joined(separator: ", ")), too)", .faint)
  }

  // MARK: - Why

  private func row(_ list: Explanation.AppliedList) -> [StyledText] {
    let holds =
      switch (list.effect, list.holdsOrigin) {
      case (.blocks, true): StyledText("yes", .bad)
      case (_, true): StyledText("yes", .good)
      case (_, false): StyledText("no", list.effect.confines ? .bad : .faint)
      }
    return [
      holds,
      StyledText(list.path),
      StyledText(list.location.fileAndLine, .faint),
      entry(of: list),
    ]
  }

  /// The entry that holds the address, or that would if it were in effect.
  private func entry(of list: Explanation.AppliedList) -> StyledText {
    guard let entry = list.matched else { return "" }
    var text = entry.text
    if let network = entry.networks.last { text += " in \(network)" }
    if let comment = entry.comment { text += ", \(comment)" }
    if let got = entry.got { text += ", got \(got.roundedToSeconds)" }
    let note = list.note.map { StyledText("  \($0)", .doubtful) } ?? ""
    // The entries of a short list are in the line of its key.
    let place = entry.location.fileAndLine
    let elsewhere: StyledText =
      place == list.location.fileAndLine ? "" : StyledText("  \(place)", .faint)
    return StyledText(text) + elsewhere + note
  }

  private func row(_ step: Explanation.Step) -> [StyledText] {
    let number = step.step.rawValue < 10 ? " \(step.step.rawValue)" : "\(step.step.rawValue)"
    return step.outcome == .decided
      ? [StyledText("> \(number)", .strong), StyledText(step.detail, .strong)]
      : [StyledText("  \(number)", .faint), StyledText(step.detail, .faint)]
  }
}
