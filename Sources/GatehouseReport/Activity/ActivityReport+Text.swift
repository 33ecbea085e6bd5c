import GatehouseControl
import GatehouseDoors
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

extension ActivityReport {
  /// How many rows of a table are shown; `--json` and `--html` have more.
  private static let mostRows = 20

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(StyledText(title, .strong))
    page.line()
    page.fields(summary.map { [StyledText($0.name), StyledText($0.value, $0.style)] })
    for note in reach { page.sentence("note: \(note)", .faint, fitting: columns) }
    addRefusals(.deny, "Refused", to: &page)
    addRefusals(.wouldDeny, "Would have been refused, but for monitor mode", to: &page)
    addShadow(to: &page)
    addNewcomers(to: &page)
    addExceptions(to: &page)
    addFactors(to: &page)
    addCodes(to: &page)
    addServices(to: &page)
    addPeriods(to: &page)
    addUnused(to: &page)
    addEnding(to: &page)
    addDoors(to: &page)
    return page.bytes
  }

  /// What a mail is about: `Gatehouse on gate: 44 logins refused in 7 days`.
  public var subject: String {
    let refused = tally.total[.deny]
    let length = durationInWords(.seconds((until - since).wholeSeconds))
    return "Gatehouse\(machine.map { " on \($0.name)" } ?? ""): "
      + "\(refused == 0 ? "no login" : counted(refused, "login")) refused in \(length)"
  }

  /// What it is about: `Gatehouse on gate, 7 days until 2026-11-26 17:03`.
  var title: String {
    let length = durationInWords(.seconds((until - since).wholeSeconds))
    return "Gatehouse\(machine.map { " on \($0.name)" } ?? ""), \(length) until "
      + "\(until.localMinute)"
  }

  /// The first lines: how much there was, and how far it reaches.
  var summary: [(name: String, value: String, style: TextStyle)] {
    let total = tally.total
    var rows: [(String, String, TextStyle)] = [
      ("logins", "\(grouped(total.total))", .plain)
    ]
    func add(_ name: String, _ outcome: LoggedDecision.Outcome, _ style: TextStyle) {
      let count = total[outcome]
      if count > 0 { rows.append((name, grouped(count), style)) }
    }
    add("let in", .allow, .plain)
    add("refused", .deny, .bad)
    add("would be", .wouldDeny, .doubtful)
    add("not checked", .ignore, .plain)
    add("no policy", .noPolicy, .bad)
    let open = machine?.doors?.findings.count { $0.weight != .note } ?? 0
    if open > 0 { rows.append(("doors", "\(open) need attention, see below", .bad)) }
    return rows
  }

  /// What the report does not know, in sentences.
  var reach: [String] {
    var notes: [String] = []
    let source = syslog.isEmpty ? "the journal" : syslog.joined(separator: " and ")
    if !syslog.isEmpty {
      notes.append(
        "there is no journal: these are lines of \(source), which any user can have written "
          + "(logger), so they prove nothing")
    }
    if let beginning, beginning > since {
      let begins = syslog.count > 1 ? "begin" : "begins"
      notes.append(
        "\(source) \(begins) \(beginning.localMinute), so earlier logins are not counted")
    } else if beginning == nil {
      notes.append(
        syslog.isEmpty
          ? "the journal has no entries" : "their first line has no year, so their age is not known"
      )
    }
    if tally.omitted > 0 {
      let entries = tally.omitted == 1 ? "1 entry looks" : "\(grouped(tally.omitted)) entries look"
      notes.append("\(entries) like gatehoused's, but cannot be believed or read")
    }
    if tally.ungrouped.total > 0 {
      notes.append(
        "\(grouped(tally.ungrouped.total)) logins are counted, but in no list: there were too many "
          + "different ones")
    }
    if tally.factors.ungrouped > 0 {
      notes.append(
        "\(grouped(tally.factors.ungrouped)) answers about the second factor are in no list: there "
          + "were too many different ones")
    }
    if tally.codes.ungrouped > 0 {
      notes.append(
        "\(grouped(tally.codes.ungrouped)) steps of codes are in no list: there were too many "
          + "different users")
    }
    guard let machine else {
      return notes + [
        "of a journal of other machines it is not known who came for the first time, what the policy "
          + "says and which doors ask"
      ]
    }
    if let others = machine.unchecked?.others, others > 0 {
      notes.append("\(grouped(others)) more lines about onerr=succeed are not shown")
    }
    if let record = machine.record {
      if record.since > since, !record.hasHistory {
        notes.append(
          "the login record begins \(record.since.localMinute): every place seen since then counts as "
            + "a first time")
      }
    } else {
      notes.append("the daemon cannot be asked, so nobody's first time is known")
    }
    return notes
  }

  // MARK: - Sections

  private func addRefusals(
    _ outcome: LoggedDecision.Outcome, _ title: String, to page: inout TextPage
  ) {
    let chosen = refusals.filter { $0.group.newest.outcome == outcome }
    guard !chosen.isEmpty else { return }
    page.heading(title)
    var table = FittedTable(
      machineColumn + [
        .number("times"), .cut("last").leftOut(4), .cut("user"), .cut("from"),
        .cut("service").leftOut(3), .cut("why").leftOut(5), .cut("rule").leftOut(2),
        .init("id").leftOut(1),
      ])
    table.rows = chosen.prefix(Self.mostRows).map { refusal in
      let newest = refusal.group.newest
      return machineCell(newest) + [
        StyledText(grouped(refusal.group.count)), StyledText(newest.time.localShort, .faint),
        StyledText(newest.user.description, .strong),
        StyledText(newest.place) + StyledText(refusal.isFirst ? " new" : "", .doubtful),
        StyledText(newest.service.description), StyledText(newest.reason),
        StyledText(newest.rule ?? "", .faint), StyledText(newest.id),
      ]
    }
    page.table(table, fitting: columns)
    addRest(chosen.count, to: &page)
    guard chosen.count > 5 else { return }
    let groups = chosen.map(\.group)
    addMost("users", groups) { $0.user.description }
    addMost("places", groups) { $0.place }
    addMost("rules", groups) { $0.rule ?? "no rule" }
    func addMost(
      _ name: String, _ groups: [LoginTally.Group], _ key: (LoggedDecision) -> String
    ) {
      var counts: [String: Int] = [:]
      for group in groups { counts[key(group.newest), default: 0] += group.count }
      let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
      let text = most.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
      let line = StyledText("  most by \(name): ", .faint) + StyledText(text)
      page.line(columns.map { line.width > $0 ? line.cut(to: $0) : line } ?? line)
    }
  }

  /// The column of machines, if decisions of several are counted.
  private var machineColumn: [FittedTable.Column] { isOfSeveral ? [.cut("machine")] : [] }

  private func machineCell(_ decision: LoggedDecision) -> [StyledText] {
    isOfSeveral ? [StyledText(decision.machine?.description ?? "")] : []
  }

  private func addRest(_ count: Int, to page: inout TextPage) {
    guard count > Self.mostRows else { return }
    page.line(
      StyledText(
        "  and \(grouped(count - Self.mostRows)) more (--html and --json have more)", .faint)
    )
  }

  private func addShadow(to page: inout TextPage) {
    for watched in machine?.shadow?.watched ?? [] where !watched.changes.isEmpty {
      page.heading(
        watched.kind == .candidate
          ? "A candidate decides differently" : "What monitor mode would refuse")
      page.sentence(
        "\(watched.changes.share) since \(watched.since.localMinute); gatehouse shadow",
        fitting: columns)
    }
  }

  private func addNewcomers(to page: inout TextPage) {
    guard !newcomers.isEmpty else { return }
    page.heading("First time from a place")
    var table = FittedTable([
      .init("when"), .cut("user"), .cut("from"), .cut("service").leftOut(1), .number("let in"),
      .number("refused"),
    ])
    table.rows = newcomers.prefix(Self.mostRows).map { one in
      [
        StyledText(one.first.localShort, .faint), StyledText(one.user.description, .strong),
        StyledText(one.place), StyledText(one.services.joined),
        StyledText(grouped(one.allowed)),
        StyledText(one.refused > 0 ? grouped(one.refused) : "", .bad),
      ]
    }
    page.table(table, fitting: columns)
    addRest(newcomers.count, to: &page)
  }

  private func addExceptions(to page: inout TextPage) {
    let unchecked = machine?.unchecked?.lines ?? []
    guard !exceptions.isEmpty || !unchecked.isEmpty else { return }
    page.heading("Exceptions that were used")
    if !exceptions.isEmpty {
      var table = FittedTable(
        machineColumn + [
          .init("what"), .number("times"), .init("last").leftOut(2), .cut("user"), .cut("from"),
          .cut("service").leftOut(1), .init("id").leftOut(3),
        ])
      table.rows = exceptions.prefix(Self.mostRows).map { group in
        machineCell(group.newest) + [
          StyledText(group.exception, .doubtful), StyledText(grouped(group.count)),
          StyledText(group.newest.time.localShort, .faint),
          StyledText(group.newest.user.description, .strong), StyledText(group.newest.place),
          StyledText(group.newest.service.description), StyledText(group.newest.id),
        ]
      }
      page.table(table, fitting: columns)
      addRest(exceptions.count, to: &page)
    }
    if !unchecked.isEmpty {
      page.line(StyledText("  let in without a question (onerr=succeed):", .bad))
      for one in unchecked.prefix(Self.mostRows) {
        page.sentence(
          "\(counted(one.count, "time")), last \(one.last.localShort): \(one.text)",
          fitting: columns)
      }
      addRest(unchecked.count, to: &page)
    }
  }

  private func addFactors(to page: inout TextPage) {
    guard !factors.isEmpty else { return }
    page.heading("Second factor")
    var table = FittedTable([
      .init("answer"), .number("times"), .init("last").leftOut(3), .cut("service").leftOut(2),
      .cut("why"), .cut("rule").leftOut(1),
    ])
    table.rows = factors.prefix(Self.mostRows).map { group in
      [
        group.answer.outcome.text, StyledText(grouped(group.count)),
        StyledText(group.last.localShort, .faint), StyledText(group.answer.service.description),
        StyledText(group.answer.reason), StyledText(group.answer.rule ?? "", .faint),
      ]
    }
    page.table(table, fitting: columns)
    addRest(factors.count, to: &page)
  }

  private func addCodes(to page: inout TextPage) {
    guard !codes.isEmpty else { return }
    page.heading("Codes to authorise a new place")
    var table = FittedTable([
      .cut("user"), .number("made"), .number("used"), .number("wrong"), .number("ended"),
      .number("over limit").leftOut(2), .init("last").leftOut(3), .cut("from").leftOut(1),
    ])
    table.rows = codes.prefix(Self.mostRows).map { group in
      func cell(_ event: CodeEvent, _ style: TextStyle = .plain) -> StyledText {
        group[event] > 0 ? StyledText(grouped(group[event]), style) : ""
      }
      return [
        StyledText(group.user.description, .strong), cell(.made), cell(.used),
        cell(.wrong, .doubtful), cell(.ended, .bad), cell(.overLimit, .doubtful),
        StyledText(group.last.localShort, .faint), StyledText(group.origin.description),
      ]
    }
    page.table(table, fitting: columns)
    addRest(codes.count, to: &page)
  }

  /// The services with their counts, the busiest first.
  var busiestServices: [(name: String, byPeriod: [LoginTally.Outcomes], total: LoginTally.Outcomes)]
  {
    tally.services.map { service in
      (
        name: service.name?.description ?? "all others", byPeriod: service.byPeriod,
        total: service.byPeriod.reduce(into: LoginTally.Outcomes()) { $0 += $1 }
      )
    }
    .filter { $0.total.total > 0 }
    .sorted { ($1.total.total, $0.name) < ($0.total.total, $1.name) }
  }

  private func addServices(to page: inout TextPage) {
    let services = busiestServices
    guard !services.isEmpty else { return }
    page.heading("Services")
    var table = Self.outcomes(.cut("service"))
    table.rows = services.prefix(Self.mostRows).map { Self.row(StyledText($0.name), $0.total) }
    page.table(table, fitting: columns)
    addRest(services.count, to: &page)
  }

  private func addPeriods(to page: inout TextPage) {
    guard tally.total.total > 0, tally.periods.count > 1 else { return }
    page.heading("Over time")
    var table = Self.outcomes(.init("from"))
    // The newest are the ones that fit.
    table.rows = zip(periodNames, tally.byPeriod).suffix(31).map { name, outcomes in
      Self.row(StyledText(name, .faint), outcomes)
    }
    page.table(table, fitting: columns)
  }

  /// The beginnings of the periods: days, if each is at midnight.
  var periodNames: [String] {
    let names = tally.periods.map(\.localMinute)
    let areDays = names.allSatisfy { $0.hasSuffix(" 00:00") }
    return areDays ? names.map { String($0.prefix(10)) } : names
  }

  private static func outcomes(_ first: FittedTable.Column) -> FittedTable {
    FittedTable([
      first, .number("let in"), .number("refused"), .number("would be"),
      .number("not checked").leftOut(1),
      .number("no policy"),
    ])
  }

  private static func row(
    _ name: StyledText, _ outcomes: LoginTally.Outcomes
  ) -> [StyledText] {
    func cell(_ outcome: LoggedDecision.Outcome, _ style: TextStyle = .plain) -> StyledText {
      outcomes[outcome] > 0 ? StyledText(grouped(outcomes[outcome]), style) : ""
    }
    return [
      name, cell(.allow), cell(.deny, .bad), cell(.wouldDeny, .doubtful), cell(.ignore),
      cell(.noPolicy, .bad),
    ]
  }

  private func addUnused(to page: inout TextPage) {
    guard let unused else { return }
    page.heading(unused.title(until: until))
    if let caution = unused.caution { page.sentence(caution, .doubtful, fitting: columns) }
    if let note = unused.note { page.sentence(note, .faint, fitting: columns) }
    if unused.entries.isEmpty {
      let others = unused.younger > 0 ? "each older entry" : "each entry"
      page.line("  none: somebody came from \(others)")
    }
    if let lists = unused.lists, !lists.isEmpty {
      page.line(
        StyledText(
          "  lists that decided no login since \(unused.listsSince.localMinute):", .faint))
      page.rows(lists.prefix(Self.mostRows).map { ["", StyledText($0.description)] })
      addRest(lists.count, to: &page)
    }
    guard !unused.entries.isEmpty else { return }
    var table = FittedTable([
      .cut("list"), .cut("entry"), .cut("description").leftOut(1), .cut("place").leftOut(2),
    ])
    table.rows = unused.entries.prefix(Self.mostRows).map { entry in
      [
        StyledText(entry.list), StyledText(entry.text), StyledText(entry.comment ?? "", .faint),
        StyledText(entry.location.fileAndLine, .faint),
      ]
    }
    page.table(table, fitting: columns)
    addRest(unused.entries.count, to: &page)
  }

  private func addEnding(to page: inout TextPage) {
    let endings = machine?.endings ?? []
    guard !ending.isEmpty || !endings.isEmpty else { return }
    page.heading("Entries about to end")
    var table = FittedTable([
      .init("ends"), .cut("list"), .cut("entry"), .cut("place").leftOut(1),
    ])
    table.rows = ending.prefix(Self.mostRows).map { entry in
      [
        StyledText(entry.until?.localMinute ?? "", .faint), StyledText(entry.list),
        StyledText(entry.text), StyledText(entry.location.fileAndLine, .faint),
      ]
    }
    page.table(table, fitting: columns)
    addRest(ending.count, to: &page)
    for login in endings.prefix(Self.mostRows) {
      page.sentence(
        "\(login.user) from \(login.origin) will then be refused (\(login.service))", .doubtful,
        fitting: columns)
    }
  }

  private func addDoors(to page: inout TextPage) {
    guard let doors = machine?.doors else { return }
    page.heading("Doors")
    page.line(StyledText("  ") + (doors.headline ?? doors.summary))
    let findings = doors.findings.filter { $0.weight != .note }
    for finding in findings.prefix(Self.mostRows) {
      page.sentence("\(finding.subject): \(finding.message)", .bad, fitting: columns)
      if let remedy = finding.remedy { page.sentence("  \(remedy)", .faint, fitting: columns) }
    }
  }
}

extension ActivityReport.UnusedEntries {
  /// What is claimed, and not more.
  func title(until: Instant) -> String {
    let days = Int((until - since).wholeSeconds / 86_400)
    return caution == nil
      ? "Nobody would miss these: nobody came from them in \(days) days"
      : "Nobody came from these in \(counted(days, "day")), as far as the record has it"
  }

  /// What is not named; nil if nothing is left out.
  var note: String? {
    guard younger > 0 else { return nil }
    let entries = counted(younger, "more entry", plural: "more entries")
    return "\(entries) had no use, too, but came into the policy later."
  }
}

extension ActivityReport.Newcomer {
  /// The address, `self`, or the network for which the record has it.
  var place: String { isNetwork ? "\(origin)/64" : origin.description }
}

extension LoginTally.Group {
  /// By which exception they were let in.
  var exception: String {
    newest.outcome == .noPolicy
      ? "no policy" : newest.reason == Reason.granted.rawValue ? "grant" : "break-glass"
  }
}

extension Instant {
  private var local: LocalTime { LocalTime(microsecondsSinceEpoch: microseconds) }

  /// Its day and time of day on this machine: `2026-11-26 17:03`.
  var localMinute: String { "\(local.day) \(local.minute)" }

  /// The same without the year.
  var localShort: String { String(localMinute.dropFirst(5)) }
}

extension FactorTally.Outcome {
  /// The answer in words and its colour.
  var text: StyledText {
    switch self {
    case .needed: StyledText(words)
    case .wouldSpare: StyledText(words, .doubtful)
    case .notNeeded: StyledText(words, .good)
    }
  }

  /// The answer in words.
  var words: String {
    switch self {
    case .needed: FactorVerdict.needed.words
    case .wouldSpare: "would be spared"
    case .notNeeded: FactorVerdict.notNeeded.words
    }
  }
}

extension CodeEvent {
  /// What became of the code, in words and its colour.
  var text: StyledText {
    switch self {
    case .made: StyledText(words)
    case .used: StyledText(words, .good)
    case .wrong, .overLimit: StyledText(words, .doubtful)
    case .ended: StyledText(words, .bad)
    }
  }

  /// What became of the code, in words.
  var words: String { self == .overLimit ? "over limit" : rawValue }
}
