import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseReport

/// `gatehouse report`: what happened in a time.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show what happened: who was refused, who is new, which rules nobody needs.",
    discussion: """
      Counts the decisions of the last seven days, or of another time: refusals by user, place and \
      rule; who came from where for the first time; exceptions that were used; second factors; \
      codes that authorised a new place; services; entries of the policy that nobody has needed for 90 days, and those that end soon; \
      doors that are not judged. Only entries are believed that the journal itself attributes to \
      gatehoused. On a machine without a journal it counts the lines of /var/log/auth.log, and says \
      so.

      With --html the same is written as a page that needs nothing else, and with --mail it is sent; \
      then the text is not printed.

      Exit status: 0, or 3 if the journal cannot be read, or the report cannot be written or sent.
      """)

  @Option(
    name: .customLong("since"),
    help: ArgumentHelp(
      "From this time on: a length of time ago, such as 30d, a day, or an RFC 3339 time "
        + "(default: 7d).", valueName: "time"))
  var sinceText: String?

  @Option(
    help: ArgumentHelp(
      "Write it as a page into this file, which only its owner can read.", valueName: "file"),
    completion: .file())
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Send it to this address, with the page attached, by the machine's sendmail.",
      valueName: "address"))
  var mail: String?

  @OptionGroup var source: LogSource

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try LogSelection.validate("--since", sinceText)
    if let html, html.isEmpty { throw ValidationError("--html: the name of the file is empty") }
    if let mail, MailAddress(mail) == nil {
      throw ValidationError(
        "--mail \(mail): neither a user of this machine nor an address such as ops@example.org")
    }
  }

  func run() throws {
    let since = LogSelection.time(sinceText ?? "7d") ?? .now()
    let now = Instant.now()
    let (tally, beginning, syslog) = try source.tally(
      periods: Self.periods(from: since, until: now), from: since, until: now)
    let report = ActivityReport(
      since: since, until: now, beginning: beginning, syslog: syslog, tally: tally,
      machine: source.isOfMachine
        ? .now(RunningDaemon(daemon), tally, from: since, until: now) : nil,
      columns: mail == nil ? StandardStream.output.columns : Self.columnsOfMail)
    if let html { try ReportDelivery.write(report.page(), to: html) }
    if let address = mail.flatMap({ MailAddress($0) }) {
      try ReportDelivery.send(
        MailMessage(
          to: [address], subject: report.subject, text: report.text(coloured: false),
          page: report.page()))
    }
    guard output.json || html == nil && mail == nil else { return }
    try output.print(report)
  }

  /// How wide the text of a mail is.
  private static let columnsOfMail = 76

  /// Hours, days or weeks, so that there are not too many of them.
  private static func periods(from start: Instant, until end: Instant) -> [Instant] {
    let days = (end - start).wholeSeconds / 86_400
    let first = start.microseconds
    let hour: Int64 = 3_600_000_000
    let beginnings =
      switch days {
      case ..<3: Array(stride(from: first, to: max(first + 1, end.microseconds), by: Int(hour)))
      case ..<93: LocalTime.days(from: first, to: end.microseconds, each: 1)
      default: LocalTime.days(from: first, to: end.microseconds, each: Int(days / 93) * 7)
      }
    return (beginnings.isEmpty ? [first] : beginnings).map {
      Instant(microsecondsSinceEpoch: $0)
    }
  }
}

extension ActivityReport.EarlierPolicy {
  /// The policy that this machine's daemon had accepted last at a time; nil if the history has none.
  static func accepted(by time: Instant) -> Self? {
    guard let entry = (try? PolicyLocation.standard.kept.accepted(by: time)).flatMap(\.self),
      let policy = Policy.load(entry.archive.snapshot).policy
    else { return nil }
    return Self(policy, since: entry.record.time)
  }
}

extension ActivityReport.OfMachine {
  /// The most refused logins that the daemon is asked about.
  private static let mostExplained = 100

  /// What is known of this machine now; what cannot be asked is left out.
  static func now(
    _ daemon: RunningDaemon, _ tally: LoginTally, from since: Instant, until: Instant
  ) -> Self {
    var machine = Self(name: Machine.hostName)
    let policy = MachineDoors.policy()
    let doors = Pending { MachineDoors.now(for: policy) }
    machine.policy = policy
    machine.earlier = .accepted(by: until - ActivityReport.period)
    machine.unchecked = try? UncheckedLogins(.machine, from: since, until: until)
    machine.record = try? daemon.places()
    if let record = machine.record {
      let places = Dictionary(grouping: record.places) { $0.isAdmitted }
      let byUser = Dictionary(grouping: places[true] ?? [], by: \.user)
      machine.isRecordFull =
        places[true]?.count ?? 0 >= LoginRecord.limit
        || byUser.values.contains { $0.count >= LoginRecord.limitPerUser }
      machine.shadow = try? daemon.ask(ShadowRequest())
      machine.endings = (try? daemon.status())?.endings ?? []
    }
    machine.doors = doors.value()
    machine.explain(tally, daemon)
    return machine
  }

  /// Asks the daemon what it makes of the most frequent refusals now, until one takes too long.
  private mutating func explain(_ tally: LoginTally, _ daemon: RunningDaemon) {
    let end = Uptime.now + .seconds(5)
    let refusals = tally.groups.filter {
      $0.newest.outcome == .deny || $0.newest.outcome == .wouldDeny
    }
    .sorted { $0.count > $1.count }
    for newest in refusals.prefix(Self.mostExplained).map(\.newest) where Uptime.now < end {
      let question = ExplainQuestion(
        user: newest.user, origin: newest.origin, service: newest.service, time: nil,
        role: newest.askedRole)
      guard case .explained(let login)? = try? daemon.explain(question) else { return }
      explanations[newest.id] = login
    }
  }
}
