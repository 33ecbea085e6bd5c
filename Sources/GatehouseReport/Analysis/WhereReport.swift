public import GatehouseControl
public import GatehousePolicy

/// The report of `gatehouse where`: the addresses that a user may log in from.
public struct WhereReport: Report {
  /// The login that was asked about; its origin does not matter.
  public var login: Login
  /// Where the user's groups are from.
  public var groupSource: ExplainedLogin.GroupSource
  /// The policy that was asked.
  public var source: PolicyIdentity
  /// Its decisions.
  public var decisions: DecisionMap
  /// The service by which a local login is judged.
  public var localService: Name
  /// The grants that let the user in where the policy does not.
  public var grants: [Grant]
  /// What the answer leaves out, in sentences.
  public var notes: [String]

  /// A report of the decisions about a login from every address, from the machine itself and locally.
  public init(
    login: Login, groupSource: ExplainedLogin.GroupSource, source: PolicyIdentity,
    decisions: DecisionMap, localService: Name, grants: [Grant] = [], notes: [String] = []
  ) {
    self.grants = grants
    self.notes = notes
    self.login = login
    self.groupSource = groupSource
    self.source = source
    self.decisions = decisions
    self.localService = localService
  }

  /// Yes if there is an address that the user may log in from, or the machine itself is one, by the
  /// policy or by a grant.
  public var status: ReportStatus {
    decisions.allowed.isEmpty && decisions.machine.isDenial && grants.isEmpty ? .no : .yes
  }

  /// What is wrong with the question, to be said before the answer.
  private var notices: [String] { groupSource.notices(about: login) }

  // MARK: - For people

  /// How many prefixes of each part are shown.
  private static let mostLines = 20
  private static let mostDenied = 6

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.notices(notices)
    page.line(headline)
    page.line()
    page.fields(question)
    page.notes(notes)
    if !decisions.allowed.isEmpty {
      page.heading("Allowed from")
      page.rows(decisions.allowed.flatMap(rows))
    }
    if !grants.isEmpty {
      page.heading("Allowed by a grant, apart from the policy")
      page.rows(
        grants.map { grant in
          [
            StyledText(grant.place.description), StyledText("granted"), StyledText(grant.id),
            StyledText("until \(grant.until.roundedToSeconds)"),
          ]
        })
    }
    if !decisions.denied.isEmpty {
      page.heading("Denied from")
      page.rows(decisions.denied.map(row(ofDenied:)))
    }
    page.heading("Apart from addresses")
    page.rows([
      row(decisions.machine, from: "self"),
      row(decisions.local, from: "local (\(localService))"),
    ])
    return page.bytes
  }

  private func row(_ decision: Decision, from origin: String) -> [StyledText] {
    [
      StyledText(origin),
      decision.isDenial ? StyledText("denied", .bad) : StyledText("allowed", .good),
      StyledText(decision.reason.rawValue), rule(of: decision),
      StyledText(decision.roles.isEmpty ? "" : "roles \(decision.roles.joined)"),
    ]
  }

  private var headline: StyledText {
    let role = login.role.map { " with the role \($0)" } ?? ""
    if decisions.allowed.isEmpty {
      return StyledText("NOWHERE", .bad, then: "\(login.user) may log in from no address\(role)")
    }
    if decisions.denied.isEmpty {
      return StyledText(
        "ANYWHERE", .good, then: "\(login.user) may log in from every address\(role)")
    }
    return StyledText("\(login.user) may log in from the addresses below\(role)", .strong)
  }

  private var question: [[StyledText]] {
    var rows: [[StyledText]] = [
      ["user", StyledText(login.user.description)],
      ["groups", groupSource.text(of: login)],
      ["service", StyledText(login.service.description)],
      ["time", StyledText(login.time.roundedToSeconds.description)],
      ["policy", source.text],
    ]
    if let role = login.role { rows.append(["asks for", StyledText("role \(role)")]) }
    if source.mode == .monitor && !decisions.denied.isEmpty {
      rows.append(
        ["monitor", StyledText("the logins denied here are let in, and logged", .doubtful)])
    }
    return rows
  }

  /// A row for each prefix; the first has reason, rule and roles.
  private func rows(of part: DecisionMap.Part) -> [[StyledText]] {
    let decision = part.decision
    let lines = AddressText(part.addresses, atMost: Self.mostLines).lines
    return lines.enumerated().map { index, line in
      guard index == 0 else { return [StyledText(line)] }
      let roles = decision.roles.isEmpty ? "" : "roles \(decision.roles.joined)"
      return [
        StyledText(line), StyledText(decision.reason.rawValue), rule(of: decision),
        StyledText(roles),
      ]
    }
  }

  private func row(ofDenied part: DecisionMap.Part) -> [StyledText] {
    let addresses = AddressText(part.addresses, atMost: Self.mostDenied)
    let isRest = !addresses.lead.isEmpty && part.addresses != .everything
    return [
      StyledText(part.decision.reason.rawValue), rule(of: part.decision),
      StyledText(isRest ? "everywhere else" : addresses.line),
    ]
  }

  private func rule(of decision: Decision) -> StyledText {
    StyledText(decision.rule?.fileAndLine ?? "-", .faint)
  }

  // MARK: - As JSON

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("notices", notices)
    writer.members(ofUser: login, groupsFrom: groupSource)
    writer.member("service", login.service)
    writer.member("role", login.role)
    writer.member("time", login.time)
    writer.member("policy", source)
    writer.member("prefixes", decisions.allowedAddresses)
    writer.member("allowed", decisions.allowed)
    writer.member("denied", decisions.denied)
    writer.member("self") { writer in writer.object { $0.members(of: decisions.machine) } }
    writer.member("local") { writer in
      writer.object {
        $0.member("service", localService)
        $0.members(of: decisions.local)
      }
    }
    writer.member("grants", grants)
    writer.member("notes", notes)
  }
}

extension DecisionMap.Part: JSONWritable {
  /// Writes an object of the prefixes and the members of a decision.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("prefixes", addresses)
      $0.members(of: decision)
    }
  }
}

extension PolicyIdentity: JSONWritable {
  /// Writes an object of `sha256` and `mode`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("sha256", digest)
      $0.member("mode", mode.rawValue)
    }
  }
}
