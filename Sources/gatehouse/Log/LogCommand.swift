import ArgumentParser
import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse log`: past decisions, or the story of one.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show what was decided about logins, or all that is known of one.",
    discussion: """
      A line for each decision, the newest last: when, what, who, from where, by which service, \
      why, by which rule, and the id that the user can quote. Only entries are believed that the \
      journal itself attributes to gatehoused.

      With an ID, the whole story of one decision: the question, the steps as the policy of that \
      time has them with today's groups, the rule as it stood, and what a login would get now.

      Without --since, the last 100 decisions are shown; with it, all of that time. With --json, \
      each is a line.

      Exit status: 0, or 1 if there is no such decision.
      """)

  @Argument(help: ArgumentHelp("The id of one decision.", valueName: "id"), completion: .decision)
  var id: String?

  @OptionGroup var selection: LogSelection

  @OptionGroup var source: LogSource

  @Option(
    name: [.customShort("n"), .customLong("lines")],
    help: ArgumentHelp("Show at most the newest of so many.", valueName: "number"))
  var lines: Int?

  @Flag(name: [.short, .long], help: "Go on, and show each decision as it comes.")
  var follow = false

  @OptionGroup var locationOptions: PolicyLocationOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    if let lines, lines < 1 { throw ValidationError("--lines \(lines): a number from 1 on") }
    guard !output.quiet || !follow else {
      throw ValidationError("--follow has no end, so there is no answer for --quiet")
    }
    guard id != nil else { return }
    guard !selection.isGiven, lines == nil, !follow else {
      throw ValidationError("an id names one decision, so there is nothing else to choose")
    }
  }

  func run() throws {
    if let id { return try tell(id) }
    try Self.show(
      selection, of: source, lines: lines ?? (selection.hasStart ? nil : 100), follow: follow,
      daemon, in: output.format)
  }

  /// Shows the decisions that were chosen, and if wanted goes on without end.
  static func show(
    _ selection: LogSelection, of source: LogSource, lines limit: Int?, follow: Bool,
    _ daemon: DaemonOptions, in format: ReportFormat?
  ) throws {
    var filter = try selection.filter()
    let first = FirstLogins(source.isOfMachine ? RunningDaemon(daemon) : nil)
    if selection.first {
      // Whether it can be asked at all is said before anything else.
      try first.require()
      filter.demand { first.mayHold($0) }
    }
    let start = Instant.now()
    var printer = LogPrinter(
      format: format, showsMachine: !source.isOfMachine, first: first, isFirstAlone: selection.first
    )
    let found = try source.read(filter, limit) { try printer.print($0) }
    found.warn()
    guard follow else {
      if !printer.hasPrinted {
        if let format, format != .json {
          Terminal.say(
            "gatehouse: no \(selection.showsCodes ? "code" : "decision")\(found.since)\n")
        }
        selection.hintNames()
        throw ExitCode(1)
      }
      return
    }
    try source.follow(filter, after: found.newest, from: start) { decision in
      try printer.print([decision])
    }
  }
}

/// `gatehouse watch`: decisions as they come; the same as `gatehouse log --follow`.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show each decision about a login as it comes: gatehouse log --follow.",
    discussion: "It shows the last ten, and goes on until it is interrupted.")

  @OptionGroup var selection: LogSelection

  @OptionGroup var source: LogSource

  @OptionGroup var daemon: DaemonOptions

  @Flag(help: "Print JSON, a line for each decision.")
  var json = false

  func run() throws {
    try LogCommand.show(
      selection, of: source, lines: 10, follow: true, daemon,
      in: Terminal.format(json: json))
  }
}

/// Prints decisions, each time some.
private struct LogPrinter {
  private var lines: LogLines
  /// The format of a decision; nil if none is printed.
  private let format: ReportFormat?
  private let first: FirstLogins

  /// Whether there was anything to print.
  private(set) var hasPrinted = false
  /// Whether others than first logins are left out.
  private let isFirstAlone: Bool

  init(format: ReportFormat?, showsMachine: Bool, first: FirstLogins, isFirstAlone: Bool) {
    self.format = format
    self.first = first
    self.isFirstAlone = isFirstAlone
    lines = LogLines(
      coloured: format == .colouredText, columns: StandardStream.output.columns,
      showsMachine: showsMachine)
  }

  mutating func print(_ decisions: [LoggedDecision]) throws(CommandFailure) {
    let some = decisions.map { LogLines.Line($0, isFirst: $0.code == nil && first.holds($0)) }
      .filter { $0.isFirst || !isFirstAlone }
    guard !some.isEmpty else { return }
    hasPrinted = true
    guard let format else { return }
    try Terminal.print(format == .json ? some.flatMap(LogLines.json) : lines.text(some))
  }
}
