import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseIdentity
import GatehouseImport
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse setup`: from the installation to logins that are judged, step by step.
struct Setup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Set up Gatehouse on this machine, step by step.",
    discussion: """
      Four steps: what is on this machine; a first policy, learned from past logins, with your own \
      address and break_glass; PAM, on trial; and what to look at next. Each is shown, and done \
      only after a yes. They are the steps of `doors`, `learn`, `apply` and `pam enable`, with \
      their checks. Only a policy that is as the package put it there is replaced. PAM is as \
      before after ten minutes, and at a boot before that, unless you run `gatehouse confirm` in \
      a new session. Run it again to go on where it ended.

      On a terminal it asks. Without one it wants --yes and what it would have asked for.

      Exit status: 0 if each step is done, or with --dry-run could be; 1 if one was refused or \
      answered with no; 3 if the daemon cannot be asked, or something could not be written; 130 \
      if it was interrupted.
      """)

  /// The policy that the package puts into its folder.
  private static let shippedPolicy = "/usr/share/gatehouse/policy.yaml"
  /// For how long PAM is on trial if nothing else is said.
  private static let trialLength = Duration.seconds(600)
  private static let source = "the policy above"

  @Option(
    help: ArgumentHelp(
      "The user who gets in whatever the lists say (default on a terminal: it asks).",
      valueName: "user"), completion: .user)
  var breakGlass: String?

  @Option(
    help: ArgumentHelp(
      "From where that user does: an address, a prefix, a range, or anywhere (default: your own "
        + "address).", valueName: "address"))
  var breakGlassFrom: String?

  @Option(
    help: ArgumentHelp(
      "Your own address (default: where this session comes from).", valueName: "address"))
  var from: String?

  @Option(
    help: ArgumentHelp("The mode of the policy: monitor or enforce.", valueName: "mode"),
    completion: .list(["monitor", "enforce"]))
  var mode = Mode.monitor.rawValue

  @Flag(name: .customLong("no-pam"), help: "Leave PAM as it is.")
  var leavesPAM = false

  @Flag(help: "Do not ask: do each step that its checks allow.")
  var yes = false

  @Flag(name: .customLong("dry-run"), help: "Show each step, ask nothing, and do nothing.")
  var isDryRun = false

  @OptionGroup var trial: TrialOptions

  @OptionGroup var journal: JournalOptions

  @OptionGroup var options: ChangeOptions

  /// Whether somebody at a terminal is asked.
  private var asks: Bool { !yes && !isDryRun }

  func validate() throws {
    try validateNames([breakGlass])
    if let from, IPAddress(from) == nil {
      throw ValidationError("--from \(from): not an IP address")
    }
    guard [Mode.monitor.rawValue, Mode.enforce.rawValue].contains(mode) else {
      throw ValidationError("--mode \(mode): monitor or enforce is expected")
    }
    guard !options.output.json || !asks else {
      throw ValidationError("--json asks nothing: --yes or --dry-run is expected with it")
    }
  }

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    guard !asks || StandardStream.input.isTerminal else {
      throw CommandFailure.misuse(
        "without a terminal nobody can be asked",
        remedy: "--dry-run shows each step; --yes does them, with --break-glass USER, and --from "
          + "ADDRESS if you do not come by ssh")
    }
    let progress = try SetupProgress()
    let daemon = options.daemon
    try PolicyFiles.requireFolder(options.location.path)
    let status = try? daemon.status()
    let past = pastLogins(daemon)
    var report = SetupReport(
      machine(status, past), columns: StandardStream.output.columns)
    let learned = try? past.get()
    try show(.machine, of: report)
    // Nothing of the rest can be done without it.
    if status == nil { _ = try daemon.status() }
    try show(.policy, of: report)
    var planned: Policy?
    if case .written = report.machine.policy {
    } else {
      planned = try writePolicy(learned, &report, progress)
    }
    if !leavesPAM { try turnOnPAM(daemon, by: planned, &report, progress) }
    report.advice = advice(after: report)
    try show(.advice, of: report)
    try finish(report)
  }

  // MARK: This machine

  private func pastLogins(_ daemon: RunningDaemon) -> Result<PastLogins, CommandFailure> {
    Result { () throws(CommandFailure) in
      try PastLogins(journal, daemon, leavesAbsentOut: true)
    }
  }

  private func machine(
    _ status: DaemonStatus?, _ past: Result<PastLogins, CommandFailure>
  ) -> SetupReport.Machine {
    var problem: String?
    if case .failure(let failure) = past { problem = failure.problem }
    let present = PolicySnapshot.read(path: options.location.path, insecure: .error).snapshot
    return SetupReport.Machine(
      user: OwnSession.loginUser(),
      address: from.flatMap { IPAddress($0) } ?? OwnSession.current()?.address,
      doors: MachineDoors.now(for: Policy.load(present).policy),
      directories: NameServices.current.distant.sorted(),
      services: status?.identity.services ?? [], folder: options.location.path,
      policy: state(of: present), profile: PAMState.now().effective,
      logins: (try? past.get()).map { past in
        SetupReport.Logins(
          count: past.learned.logins, networks: past.learned.networkCount,
          users: past.learned.userCount, since: past.since, absent: past.absent.sorted())
      }, problem: problem)
  }

  private func state(of present: PolicySnapshot) -> SetupReport.PolicyState {
    guard Files.exists("\(options.location.path)/policy.yaml") || !present.inside.isEmpty else {
      return .absent
    }
    if let shipped = try? Files.content(
      of: Self.shippedPolicy, atMost: PolicySnapshot.maximumPolicyLength),
      present.inside == ["policy.yaml": shipped], present.policyFiles.count == 1
    {
      return .asShipped
    }
    return .written(Policy.load(present).policy?.mode)
  }

  // MARK: The policy

  /// Writes the first policy; in a dry run returns the one that would be written.
  private func writePolicy(
    _ past: PastLogins?, _ report: inout SetupReport, _ progress: SetupProgress
  ) throws -> Policy? {
    var frame = LearnedLogins.Frame()
    frame.command = "gatehouse setup"
    if let mode = Mode(rawValue: mode) { frame.mode = mode }
    let now = Instant.now()
    var learned = past?.learned ?? LearnedLogins()
    let address = report.machine.address ?? (asks ? askForAddress() : nil)
    if let user = report.machine.user, let address {
      learned.include(user, from: address, at: now)
      frame.login = (user, address)
    }
    frame.breakGlass = try breakGlass(from: address, user: report.machine.user)
    if frame.breakGlass == nil, asks { try decline(&report) }
    if asks { Terminal.say("\n") }
    let text = learned.policy(since: past?.since ?? now, now: now, in: frame)
    let candidate = Candidate(["policy.yaml": Array(text.utf8)], listsIn: options.location.path)
    let looking = try options.update(as: "gatehouse setup", isDone: false)
    let purpose = PolicyUpdate.Purpose(means: .setup, reason: options.reason)
    report.text = text
    report.change = try looking.put(candidate, source: Self.source, base: "", for: purpose)
    try show(.plan, of: report)
    guard report.change?.status == .yes else { try finish(report) }
    guard !isDryRun else { return candidate.policy }
    let path = "\(options.location.path)/policy.yaml"
    guard yes || SetupQuestions.agrees(to: "Write it to \(path)?") else {
      try decline(&report)
    }
    let change = try progress.step("the policy is written (`gatehouse rollback` takes it back)") {
      () throws(CommandFailure) -> ChangeReport in
      let update = try options.update(as: "gatehouse setup")
      guard update.present.snapshot == looking.present.snapshot else {
        throw .refused("the policy was changed meanwhile", remedy: "`gatehouse setup` looks again")
      }
      return try update.put(candidate, source: Self.source, base: "", for: purpose)
    }
    report.change = change
    try show(change)
    guard change.status == .yes else { try finish(report) }
    return nil
  }

  private func askForAddress() -> IPAddress? {
    let answer = SetupQuestions.answer(
      to: "From which address do you log in?", proposing: "none"
    ) { (text) throws(CommandFailure) -> IPAddress? in
      if text == "none" { return nil }
      guard let address = IPAddress(text) else {
        throw .misuse("`\(text)` is not an IP address", remedy: "such as 192.0.2.7")
      }
      return address
    }
    return answer.flatMap(\.self)
  }

  /// Who gets in whatever the lists say, and from where; nil if nobody wants to say, or in a dry run
  /// nobody is asked.
  ///
  /// - Throws: If an option cannot be used, or one is missing.
  private func breakGlass(
    from address: IPAddress?, user own: Name?
  ) throws(CommandFailure) -> (user: Name, from: String)? {
    let proposed = own.flatMap { SystemDirectory.localUsers().contains($0) ? $0 : nil }
    let user: Name
    if let breakGlass {
      user = try Self.knownUser(breakGlass)
    } else if asks {
      guard
        let answer = SetupQuestions.answer(
          to: "Which user for break_glass?", proposing: proposed?.description, Self.knownUser)
      else { return nil }
      user = answer
    } else {
      guard isDryRun else { throw Self.missing("--break-glass USER") }
      guard let proposed else { return nil }
      user = proposed
    }
    let place = address?.description
    if let breakGlassFrom { return (user, try Self.place(breakGlassFrom, for: user)) }
    if asks {
      return SetupQuestions.answer(
        to: "From which address or network, or anywhere?", proposing: place
      ) { (text) throws(CommandFailure) in (user, try Self.place(text, for: user)) }
    }
    guard let place else {
      guard isDryRun else {
        throw Self.missing("--from ADDRESS, or --break-glass-from ADDRESS")
      }
      return nil
    }
    return (user, place)
  }

  private static func missing(_ option: String) -> CommandFailure {
    .misuse(
      "somebody has to get in if the lists are wrong: \(option) is needed",
      remedy: "`gatehouse setup --help` says how it is used")
  }

  private static func knownUser(_ text: String) throws(CommandFailure) -> Name {
    var users = KnownUsers(among: [])
    let user = users[Name(text)]
    guard user.isKnown else {
      throw .misuse(
        "there is no user `\(text)` on this machine",
        remedy: "name one who can become root, best one of /etc/passwd")
    }
    return user.name
  }

  private static func place(_ text: String, for user: Name) throws(CommandFailure) -> String {
    let isEverywhere = text == "anywhere" || text.hasSuffix("/0")
    guard !isEverywhere || user != "root" else {
      throw .misuse(
        "root from anywhere is what everybody on the internet tries",
        remedy: "name an address or a network, or another user")
    }
    if text == "anywhere" { return text }
    do throws(EntryProblem) {
      if case .address = try TypedEntry(text).origin { return text }
    } catch {
      throw .misuse(error.message, remedy: error.remedy)
    }
    throw .misuse(
      "`\(text)` is not an address", remedy: "such as 192.0.2.7, 192.0.2.0/24 or anywhere")
  }

  private func decline(_ report: inout SetupReport) throws -> Never {
    report.isDeclined = true
    Terminal.say(
      """
      gatehouse: nothing was written. To write a policy by hand:
        gatehouse learn >FILE    what past logins make; edit it
        gatehouse apply FILE     then gatehouse setup goes on from there

      """)
    try finish(report)
  }

  // MARK: PAM

  private func turnOnPAM(
    _ daemon: RunningDaemon, by planned: Policy?, _ report: inout SetupReport,
    _ progress: SetupProgress
  ) throws {
    let reached = Readiness.daemon(daemon)
    guard report.machine.profile == nil else {
      var state = PAMStatus.report(mode: reached.status?.serving?.mode)
      state.columns = report.columns
      report.pam = state
      return try show(.pam, of: report)
    }
    let length = trial.duration ?? Self.trialLength
    let enabling = PAMEnabling(
      .trial, allowing: options.lockout.allowance, daemon, reached, planning: planned)
    report.pam = enabling.plan(isDryRun: true)
    report.trial = length
    try show(.pam, of: report)
    guard !enabling.isRefused else { try finish(report) }
    guard !isDryRun else { return }
    guard yes || SetupQuestions.agrees(to: "Turn it on for \(durationInWords(length))?") else {
      report.isDeclined = true
      return
    }
    let done = try progress.step(
      "PAM is on trial (`gatehouse confirm` keeps it, `gatehouse pam disable` ends it)"
    ) { () throws(CommandFailure) in try enabling.turnOn(for: length) }
    // The others were shown before.
    var news = done
    news.checks.removeAll { report.pam?.checks.contains($0) ?? false }
    report.pam = done
    try show(news)
    guard done.status == .yes else { try finish(report) }
  }

  // MARK: What next

  private func advice(after report: SetupReport) -> [SetupReport.Advice] {
    let place =
      report.machine.folder == Check.standardPath
      ? "" : " --folder \(options.location.path) --history \(options.location.kept.path)"
    let mode = Mode(rawValue: self.mode)
    var isMonitoring = report.text != nil && mode == .monitor
    if case .written(let mode) = report.machine.policy { isMonitoring = mode == .monitor }
    let isOnTrial = PAMTrial.state != nil || isDryRun && report.trial != nil
    var advice: [SetupReport.Advice] = []
    if isOnTrial {
      advice.append(
        .init(
          "Now, in a second session that you open anew; keep this one until that has worked",
          "gatehouse confirm", to: "keeps PAM as it is; if nobody does it, it is undone by itself"))
    } else if PAMState.now().effective == nil {
      advice.append(
        .init(
          "Now, or nobody is checked", "gatehouse pam enable --confirm-within 10m",
          to: "makes logins ask; undone by itself unless it is confirmed"))
    }
    let later = "In a week"
    advice += [
      .init(later, "gatehouse status", to: "what needs attention; each day, too"),
      .init(later, "gatehouse report --since 7d", to: "who was refused, who is new"),
    ]
    if isMonitoring {
      advice.append(.init(later, "gatehouse shadow", to: "whom the policy would have refused"))
    }
    advice.append(
      .init(later, "gatehouse edit\(place)", to: "add what is missing, take out what is not meant"))
    let end = "When only those are refused who should be"
    if isMonitoring {
      if report.text != nil {
        advice.append(
          .init(
            end, "sed 's/^mode: monitor/mode: enforce/' \(report.machine.folder)/policy.yaml |",
            "  gatehouse apply - --confirm-within 10m\(place)",
            to: "enforces the policy, on trial for ten minutes"))
        advice.append(
          .init(end, "gatehouse confirm\(place)", to: "in a session that you open anew: keeps it"))
      } else {
        advice.append(.init(end, "gatehouse edit\(place)", to: "write mode: enforce"))
      }
    }
    if report.machine.profile != .strict {
      advice.append(
        .init(
          end, "gatehouse pam enable --strict",
          to: "from then on, a login is refused if the daemon gives no answer"))
    }
    return advice
  }

  // MARK: Showing

  private var isColoured: Bool {
    if case .colouredText = Terminal.format(json: options.output.json) { true } else { false }
  }

  private func show(_ part: SetupReport.Part, of report: SetupReport) throws {
    guard !options.output.json else { return }
    try Terminal.print(text: report.text(of: part, coloured: isColoured))
  }

  /// Shows what a step has done.
  private func show(_ report: some Report) throws {
    guard !options.output.json else { return }
    try Terminal.print(text: report.text(coloured: isColoured))
  }

  /// Ends the command with the status of a report, which was shown in parts.
  private func finish(_ report: SetupReport) throws -> Never {
    if options.output.json { try options.output.print(report) }
    throw ExitCode(Int32(report.status.rawValue))
  }
}
