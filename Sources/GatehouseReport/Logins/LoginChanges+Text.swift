import GatehousePolicy

extension LoginChanges {
  /// A change's kinds of login, in the order to print: by user, and then by how often.
  private func sorted(_ change: AccessChange) -> [(kind: LoginKind, count: Count)] {
    counts.filter { $0.key.change == change }
      .map { (kind: $0.key, count: $0.value) }
      .sorted { left, right in
        (left.kind.user, -left.count.logins, left.kind.origin.description, left.kind.service)
          < (
            right.kind.user, -right.count.logins, right.kind.origin.description,
            right.kind.service
          )
      }
  }

  /// How many kinds of login of a change are shown.
  private static let maximumShown = 50

  /// Adds a heading for each kind of change, with its logins.
  func write(to page: inout TextPage) {
    for change in AccessChange.allCases {
      let all = sorted(change)
      guard !all.isEmpty else { continue }
      page.heading(change.title)
      page.rows(all.prefix(Self.maximumShown).map { $0.kind.cells($0.count) })
      if all.count > Self.maximumShown {
        page.line(
          StyledText("  and \(all.count - Self.maximumShown) more (--json has all)", .faint))
      }
    }
    if unlisted > 0 {
      page.line()
      page.line("  and \(counted(unlisted, "login")) of more users and addresses than are listed")
    }
  }

  /// The first line: whether anything was decided differently, for how many users and logins; `verb`
  /// is `is` or `was`.
  func headline(verb: String) -> StyledText {
    guard !isEmpty else {
      return StyledText(
        "SAME", .good, then: "no login \(verb) decided differently, of \(judged)")
    }
    return StyledText("DIFFERENT", .doubtful, then: "\(people): \(share)")
  }

  /// How many logins were decided differently: `3 of 20 logins`.
  var share: String { "\(differing) of \(judged) login\(judged == 1 ? "" : "s")" }

  /// `2 users lose access, 1 user gains access`; empty if no login differs.
  private var people: String {
    let parts = AccessChange.allCases.compactMap { change -> String? in
      let users = Set(counts.keys.filter { $0.change == change }.map(\.user)).count
      return users == 0 ? nil : "\(counted(users, "user")) \(change.verb(users))"
    }
    return parts.joined(separator: ", ")
  }

  /// Writes what was decided differently, as members of an object.
  func write(to writer: inout JSONWriter) {
    writer.member("judged", judged)
    writer.member("unjudged", unjudged)
    writer.member("differing", differing)
    writer.member("unlisted", unlisted)
    writer.member("changes") { writer in
      writer.array { writer in
        for change in AccessChange.allCases {
          for (kind, count) in sorted(change) { kind.write(count, to: &writer) }
        }
      }
    }
  }
}

extension LoginChanges.LoginKind {
  /// Who, from where, for what, how often, and why.
  fileprivate func cells(_ count: LoginChanges.Count) -> [StyledText] {
    let asked = role.map { "\(service), role \($0)" } ?? service.description
    let last = count.last.roundedToSeconds.description
    return [
      StyledText(user.description), StyledText(origin.description), StyledText(asked),
      StyledText(counted(count.logins, "login")), StyledText("last \(last)", .faint),
      StyledText(reason.rawValue), StyledText(rule ?? "-", .faint),
    ]
  }

  fileprivate func write(_ count: LoginChanges.Count, to writer: inout JSONWriter) {
    writer.object {
      $0.member("change", change.rawValue)
      $0.member("user", user)
      $0.member("origin", origin)
      $0.member("service", service)
      $0.member("role", role)
      $0.member("logins", count.logins)
      $0.member("first", count.first)
      $0.member("last", count.last)
      $0.member("reason", reason.rawValue)
      $0.member("rule", rule)
    }
  }
}

extension AccessChange {
  fileprivate var title: String {
    switch self {
    case .loses: "Lose access"
    case .gains: "Gain access"
    case .wouldLose: "Would lose access without monitor mode"
    case .wouldGain: "Would gain access without monitor mode"
    }
  }

  /// The verb for a number of users.
  fileprivate func verb(_ users: Int) -> String {
    switch self {
    case .loses: users == 1 ? "loses access" : "lose access"
    case .gains: users == 1 ? "gains access" : "gain access"
    case .wouldLose: "would lose access"
    case .wouldGain: "would gain access"
    }
  }
}
