public import GatehouseControl
public import GatehousePolicy

/// The report of `gatehouse where --factor`: from where a user needs a second factor.
public struct FactorMapReport: Report {
  /// The login that was asked about; its origin does not matter.
  public var login: Login
  /// Where the user's groups are from.
  public var groupSource: ExplainedLogin.GroupSource
  /// The policy that was asked.
  public var source: PolicyIdentity
  /// What it says.
  public var factors: FactorMap

  /// A report of what a policy says about every address.
  public init(
    login: Login, groupSource: ExplainedLogin.GroupSource, source: PolicyIdentity,
    factors: FactorMap
  ) {
    self.login = login
    self.groupSource = groupSource
    self.source = source
    self.factors = factors
  }

  /// Yes if there is an origin from which none is needed, new place or not.
  public var status: ReportStatus {
    let all = factors.parts.map(\.verdict) + [factors.machine, factors.local]
    return all.contains { $0.reach != .needed } ? .yes : .no
  }

  private var notices: [String] { groupSource.notices(about: login) }

  /// How many prefixes of each part are shown.
  private static let mostLines = 20

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.notices(notices)
    page.line(headline)
    page.line()
    page.fields([
      ["user", StyledText(login.user.description)],
      ["groups", groupSource.text(of: login)],
      ["time", StyledText(login.time.roundedToSeconds.description)],
      ["policy", source.text],
    ])
    for (reach, title) in [
      (FactorReach.notNeeded, "Not needed from"), (.newPlaces, "Needed if the place is new, from"),
      (.needed, "Needed from"),
    ] {
      let parts = factors.parts.filter { $0.verdict.reach == reach }
      guard !parts.isEmpty else { continue }
      page.heading(title)
      page.rows(parts.flatMap(rows))
    }
    page.heading("Apart from addresses")
    page.rows([row(factors.machine, from: "self"), row(factors.local, from: "local")])
    return page.bytes
  }

  private var headline: StyledText {
    let reaches = Set(factors.parts.map(\.verdict.reach))
    return switch reaches {
    case [.needed]: StyledText("EVERYWHERE", .doubtful, then: "\(login.user) needs a second factor")
    case [.notNeeded]: StyledText("NOWHERE", .good, then: "\(login.user) needs a second factor")
    default: StyledText("\(login.user) needs a second factor from some addresses", .strong)
    }
  }

  private func rows(of part: FactorMap.Part) -> [[StyledText]] {
    AddressText(part.addresses, atMost: Self.mostLines).lines.enumerated().map { index, line in
      index > 0 ? [StyledText(line)] : row(part.verdict, from: line, saysReach: false)
    }
  }

  private func row(
    _ verdict: FactorMap.Verdict, from origin: String, saysReach: Bool = true
  ) -> [StyledText] {
    [StyledText(origin)] + (saysReach ? [StyledText(verdict.reach.words)] : []) + [
      StyledText(verdict.reason.rawValue),
      StyledText(verdict.rule?.fileAndLine ?? "-", .faint),
    ]
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("notices", notices)
    writer.members(ofUser: login, groupsFrom: groupSource)
    writer.member("time", login.time)
    writer.member("policy", source)
    writer.member("parts", factors.parts)
    writer.member("self") { writer in writer.object { $0.members(of: factors.machine) } }
    writer.member("local") { writer in writer.object { $0.members(of: factors.local) } }
  }
}

extension FactorReach {
  fileprivate var words: String {
    switch self {
    case .needed: "needed"
    case .newPlaces: "needed if new"
    case .notNeeded: "not needed"
    }
  }
}

extension FactorMap.Part: JSONWritable {
  /// Writes an object of the prefixes and what is said of them.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("prefixes", addresses)
      $0.members(of: verdict)
    }
  }
}

extension JSONWriter {
  fileprivate mutating func members(of verdict: FactorMap.Verdict) {
    member("factor", verdict.reach.rawValue)
    member("reason", verdict.reason.rawValue)
    member("rule", verdict.rule?.fileAndLine)
  }
}
