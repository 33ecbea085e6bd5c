import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseGuard
import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import SystemPackage

/// A `pam enable` that is undone by itself unless somebody confirms it.
enum PAMTrial {
  private static let timer = "gatehouse-pam-undo.timer"
  /// Its subject is the profile that was on before; empty if none was.
  private static let kind = StateKind<TrialRecord>("pam trial", version: 2, TrialRecord.layout)
  /// Only root can write this folder.
  private static let file = StateFile(folder: History.standardPath, name: ".pam-trial", kind)

  /// The one that is under way; nil if there is none.
  ///
  /// What is damaged counts as over, so that it is undone. It stays where it is until then: nobody who
  /// only looks takes it away from the unit that undoes it.
  static func current() -> TrialRecord? {
    guard Files.exists(file.path) else { return nil }
    if let record = file.valueIfUsable() { return record }
    Terminal.say("warning: what was kept of `pam enable --confirm-within` is damaged\n")
    return TrialRecord(
      author: "", exempt: nil, began: .now(), boot: "", start: .zero, end: .zero, sessions: [],
      subject: "")
  }

  /// The one that is under way, for a report.
  static var state: PAMReport.Trial? {
    guard let record = file.valueIfUsable() else { return nil }
    return PAMReport.Trial(
      author: record.author, timeLeft: max(.zero, record.end - SystemClock.sinceBoot()))
  }

  /// Begins one, before anything is changed: whatever happens then, it is undone.
  ///
  /// Nobody else can begin one, or change the policy, at the same time.
  static func begin(
    for length: Duration, allowing allowance: LockoutAllowance
  ) throws(CommandFailure) -> TrialRecord {
    let change = try PolicyLocation.standard.change(as: "gatehouse pam enable")
    defer { withExtendedLifetime(change) {} }
    guard current() == nil else {
      throw .refused(
        "an earlier `pam enable --confirm-within` is not confirmed yet",
        remedy: "`gatehouse confirm` keeps it, `gatehouse pam disable` ends it")
    }
    guard let boot = SystemClock.bootID() else {
      throw .unreachable("the id of this boot cannot be read, so nothing could be undone at a boot")
    }
    let now = SystemClock.sinceBoot()
    let sessions: Set<String>
    do throws(SystemError) {
      sessions = try LoginManager().openSessions()
    } catch {
      throw .unreachable("nobody could confirm it: the login sessions cannot be read: \(error)")
    }
    let record = TrialRecord(
      author: ChangeRecord.Author.own()?.description ?? "root",
      exempt: allowance.request?.description, began: .now(), boot: boot, start: now,
      end: now + length, sessions: sessions,
      subject: PAMState.now().effective?.rawValue ?? "")
    do throws(SystemError) {
      try file.write(record)
    } catch {
      throw .unwritten(error)
    }
    do throws(CommandFailure) {
      try systemctl("start")
    } catch {
      try? Files.remove(file.path)
      throw error
    }
    return record
  }

  /// Forgets the one that is under way, if any.
  static func end() throws(CommandFailure) {
    guard Files.exists(file.path) else { return }
    do throws(SystemError) {
      try Files.remove(file.path)
    } catch {
      throw .unwritten(error)
    }
    try? systemctl("stop")
  }

  /// Has the timer try again.
  static func retry() { try? systemctl("start", waits: false) }

  private static func systemctl(_ verb: String, waits: Bool = true) throws(CommandFailure) {
    let status: Int32?
    do throws(SystemError) {
      status = try Systemctl.status(of: [verb, timer], waits: waits)
      if let status, status != 0 {
        throw SystemError(
          "\(verb) \(timer)", .ioError, because: "systemctl ended with status \(status)")
      }
    } catch {
      throw .unreachable(
        "\(timer) cannot be \(verb == "start" ? "started" : "stopped"): \(error.reason)",
        remedy: "it comes with the package gatehouse")
    }
    guard status != nil else {
      throw .unreachable(
        "--confirm-within needs systemd, and there is no systemctl: nothing was changed")
    }
  }

  /// Why this session may not confirm it; nil if it may.
  static func objection(_ record: TrialRecord) -> TrialRefusal? {
    let session = (try? LoginManager().session(ofProcess: CurrentProcess.id)).flatMap(\.self)
    let user = session.flatMap { OwnSession.name(of: $0.user) ?? $0.userName.map { Name($0) } }
    return record.objection(
      to: user ?? "", from: OwnSession.current()?.address, in: session
    ) { user, origin in wasJudged(user, from: origin, since: record.began) }
  }

  /// Whether the journal has such a login; what was decided a moment ago may take one to get there.
  private static func wasJudged(_ user: Name, from origin: Origin, since: Instant) -> Bool {
    for turn in 0..<10 {
      if turn > 0 { SystemClock.sleep(.milliseconds(200)) }
      if hasJudged(user, from: origin, since: since) { return true }
    }
    return false
  }

  private static func hasJudged(_ user: Name, from origin: Origin, since: Instant) -> Bool {
    var isFound = false
    let history = try? LoginHistory(.machine, since: since)
    _ = try? history?.read(progress: { _ in }) { login in
      isFound =
        isFound
        || login.isDecided && login.user == user && login.origin == origin
          && login.outcome.verdict != .deny && !login.outcome.wouldDeny
    }
    return isFound
  }
}

/// `gatehouse pam undo`: what a unit of root's runs, at a boot and while a trial is under way.
struct PAMUndo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Undo a `pam enable --confirm-within` whose time is up.",
    shouldDisplay: false)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    guard let record = PAMTrial.current() else { return }
    let isOver = record.boot != SystemClock.bootID() || SystemClock.sinceBoot() >= record.end
    guard isOver else { return }
    let outcome = try PAMSwitch.restore(PAMProfile(rawValue: record.subject))
    if outcome.checks.isEmpty {
      try PAMTrial.end()
    } else {
      // It is not undone yet: the timer tries again, also after a boot, which does not start it.
      PAMTrial.retry()
    }
    let state = PAMState.now()
    if outcome.checks.isEmpty {
      let profile = state.effective?.rawValue ?? "no profile"
      CommandLog.post(
        .pamUndone, priority: 4,
        "`gatehouse pam enable` of \(record.author) is undone, since nobody confirmed it in time: "
          + "\(profile) is on")
    }
    try output.print(
      PAMReport(
        action: .disable, profile: state.effective, lines: state.reportLines,
        checks: outcome.checks, changes: outcome.changes))
  }
}
