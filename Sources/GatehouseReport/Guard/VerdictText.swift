public import GatehouseControl
public import GatehousePolicy

// The guard's verdict for people, at most 80 columns wide if names and places are short.

extension GuardVerdict {
  /// How many rows of those who lose, of those who gain and of those who could not be judged are
  /// shown.
  private static let shownRows = 10

  /// Adds who would be shut out, who would lose and gain, and who could not be judged.
  func blocks(on page: inout TextPage) {
    if !losses.isEmpty {
      page.line(StyledText("What may not be lost", .strong))
      for loss in losses { loss.lines(on: &page) }
    }
    plan("Would no longer be let in", losing, losingCount, .doubtful, on: &page)
    plan("Would newly be let in", gaining, gainingCount, .plain, on: &page)
    if isPlanCut {
      page.line("  later times were judged for a part of these places only: they are too many")
    }
    if let judgedUntil {
      page.line(
        StyledText("judged until \(judgedUntil.roundedToSeconds) only", .doubtful)
          + ": the lists change too often after that")
    }
    unjudgedBlock(on: &page)
  }

  private func plan(
    _ title: String, _ rows: [PlanRow], _ count: Count, _ style: TextStyle, on page: inout TextPage
  ) {
    guard count.places > 0 else { return }
    let places = counted(count.places, "place")
    page.line(
      StyledText(title, .strong) + ": \(places) of \(counted(count.users, "user"))")
    page.rows(rows.prefix(Self.shownRows).map { $0.cells(style) })
    let rest = count.places - min(rows.count, Self.shownRows)
    if rest > 0 { page.line("  and \(rest) more; --json has the first \(Self.rowLimit)") }
  }

  private func unjudgedBlock(on page: inout TextPage) {
    if isUnjudged {
      page.line(
        StyledText("nobody was judged", .doubtful)
          + ": no session asks, and nobody who can repair the machine has come to it")
      page.line("    in the last 30 days")
    }
    let mattering = unjudged.filter(\.matters)
    guard !mattering.isEmpty else { return }
    page.line(StyledText("Could not be judged", .strong))
    for person in mattering.prefix(Self.shownRows) { page.line("  \(person.sentence)") }
    let rest = mattering.count - Self.shownRows
    if rest > 0 { page.line("  and \(rest) more") }
  }

  /// The option that lets the policy come into force all the same, with what is allowed already; nil if
  /// nothing stands in its way.
  public func option(beside allowed: LockoutAllowance = .nothing) -> String? {
    var allowance = allowed
    for loss in losses where loss.isObstacle { allowance.users.formUnion(loss.names) }
    if (isUnjudged || isWaiting) && !allowed.all { allowance.unjudged = true }
    return allowance == allowed ? nil : "--allow-lockout=\(allowance.text)"
  }

  /// Who would be shut out, sorted.
  public var shutOut: [Name] {
    Set(losses.lazy.filter(\.isObstacle).flatMap(\.names)).sorted()
  }
}

extension Lockout {
  /// Adds who would lose what, and below it why.
  fileprivate func lines(on page: inout TextPage) {
    let style: TextStyle = isObstacle ? .bad : .doubtful
    page.line("  \(who): " + StyledText(sentence, style))
    if let at { page.line("      from \(at.roundedToSeconds) on") }
    page.line("      \(why)")
    if let missing { page.line("      not counted as meant: \(missing.sentence)") }
  }

  private var who: String {
    let names = names.map(\.description).joined(separator: ", ")
    guard isOwn || session != nil else { return names }
    let id = session.map { ", session \($0)" } ?? ""
    return "\(isOwn ? "you, " : "")\(names)\(id)"
  }

  private var sentence: String {
    let place = origin.map { " from \($0)" } ?? ""
    return switch kind {
    case .login: "could not log in again\(place)"
    case .role: "could not use the role \(role.map(\.description) ?? "") any more\(place)"
    case .lastPlace: "keeps no address of the last 30 days"
    case .breakGlass: "nobody could log in by break-glass any more"
    case .console: "could not log in at the console any more"
    }
  }

  private var why: String {
    var parts: [String] = []
    if let decision {
      let rule = decision.rule.map { ", \($0.fileAndLine)" } ?? ""
      let last = kind == .lastPlace ? origin.map { " from \($0)" } ?? "" : ""
      parts.append(
        "\(service.map { "\($0)" } ?? "login")\(last): \(decision.reason.rawValue)\(rule)")
    } else {
      parts.append("no user of it has come from an address of its from")
    }
    if let excuse { parts.append(excuse.rawValue) }
    return parts.joined(separator: "; ")
  }
}

extension Lockout.MissingCondition {
  fileprivate var sentence: String {
    switch self {
    case .askerKeeps: "you would lose something, too"
    case .anotherKeeps: "no other administrator keeps a place"
    }
  }
}

extension PlanRow {
  fileprivate func cells(_ style: TextStyle) -> [StyledText] {
    let place = isNetwork ? "\(origin)/64" : "\(origin)"
    let rule = rule.map { ", \($0.fileAndLine)" } ?? ""
    let time = at.map { " from \($0.roundedToSeconds) on" } ?? ""
    return [
      StyledText("\(user)"), StyledText(place), StyledText("\(service)"),
      StyledText("\(reason.rawValue)\(rule)\(time)", style),
    ]
  }
}

extension UnjudgedPerson {
  /// Who could not be judged, and why.
  fileprivate var sentence: String {
    let id = session.map { "session \($0)" }
    let who = [user?.description, id].compactMap(\.self).joined(separator: ", ")
    let cause =
      switch why {
      case .directory: "the directory gives no answer"
      case .session: "the session does not say which address it came from"
      case .scene: "the system does not say who is logged in"
      }
    return "\(who.isEmpty ? "" : "\(who): ")\(cause)\(problem.map { " (\($0))" } ?? "")"
  }
}
