import ArgumentParser
import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import SystemPackage

/// What is kept of a `pam enable` that is to be confirmed.
struct PAMTrialRecord: Equatable, Sendable {
  /// The profile that was on before; nil if none was.
  let before: PAMProfile?
  /// When it began, for people and for the journal.
  let began: Instant
  /// The boot that it belongs to.
  let boot: String
  /// When it began, by the clock of that boot.
  let start: Duration
  /// When it is undone, by the same clock.
  let end: Duration
  /// The login sessions that were open when it began.
  let sessions: Set<String>

  /// Its layout in a file.
  static let kind = StateKind<PAMTrialRecord>(
    "pam trial", version: 1,
    .record(
      "pam trial", .text("before", atMost: 16), .instant("began"), .text("boot", atMost: 64),
      .sinceBoot("start"), .sinceBoot("end"),
      .list("sessions", of: .text("session", atMost: 255), atMost: 4096),
      make: { before, began, boot, start, end, sessions in
        guard before.isEmpty || PAMProfile(rawValue: before) != nil else { return nil }
        return PAMTrialRecord(
          before: PAMProfile(rawValue: before), began: began, boot: boot, start: start, end: end,
          sessions: Set(sessions))
      },
      take: {
        ($0.before?.rawValue ?? "", $0.began, $0.boot, $0.start, $0.end, $0.sessions.sorted())
      }))
}

/// A `pam enable` that is undone by itself unless somebody confirms it.
enum PAMTrial {
  private static let timer = "gatehouse-pam-undo.timer"
  /// Only root can write this folder.
  private static let file = StateFile(
    folder: "/var/lib/gatehouse-history", name: ".pam-trial", PAMTrialRecord.kind)

  /// The one that is under way; nil if there is none.
  ///
  /// What is damaged counts as over, so that it is undone.
  static func current() throws(CommandFailure) -> PAMTrialRecord? {
    do throws(SystemError) {
      switch try file.read() {
      case .absent: return nil
      case .value(let record): return record
      case .setAside(let problem):
        Terminal.say("warning: what was kept of `pam enable --confirm-within`: \(problem)\n")
        return PAMTrialRecord(
          before: nil, began: .now(), boot: "", start: .zero, end: .zero, sessions: [])
      }
    } catch {
      throw .unreadable(file.path, error)
    }
  }

  /// Begins one, before anything is changed: whatever happens then, it is undone.
  static func begin(for length: Duration) throws(CommandFailure) -> PAMTrialRecord {
    guard try current() == nil else {
      throw .refused(
        "an earlier `pam enable --confirm-within` is not confirmed yet",
        remedy: "gatehouse confirm keeps it, gatehouse pam disable ends it")
    }
    guard let boot = SystemClock.bootID() else {
      throw .unreachable("the id of this boot cannot be read, so nothing could be undone at a boot")
    }
    let now = SystemClock.sinceBoot()
    let record = PAMTrialRecord(
      before: PAMState.now().effective, began: .now(), boot: boot, start: now, end: now + length,
      sessions: (try? LoginManager().openSessions()) ?? [])
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

  private static func systemctl(_ verb: String) throws(CommandFailure) {
    guard let program = Programs.find("systemctl") else {
      throw .unreachable(
        "--confirm-within needs systemd, and there is no systemctl: nothing was changed")
    }
    do throws(SystemError) {
      let status = try Programs.run(
        program, [program, "--quiet", verb, timer], withoutInput: true,
        reportsToStandardError: true)
      guard status == 0 else {
        throw SystemError(
          "\(verb) \(timer)", .ioError, because: "systemctl ended with status \(status)")
      }
    } catch {
      throw .unreachable(
        "\(timer) cannot be \(verb == "start" ? "started" : "stopped"): \(error.reason)",
        remedy: "it comes with the package gatehouse")
    }
  }

  /// Why this session may not confirm it; nil if it may.
  ///
  /// The session must have begun later and been judged, or be on the console.
  static func objection(_ record: PAMTrialRecord) -> String? {
    guard let session = try? LoginManager().session(ofProcess: CurrentProcess.id) else {
      return "this is no login session"
    }
    if session.isOpen, session.isAtMachine(isLocalByPolicy: { _ in false }) { return nil }
    guard session.isRemoteLogin else { return "this session has no address" }
    guard !record.sessions.contains(session.id) else {
      return "this session was open before, so it shows nothing"
    }
    guard let user = OwnSession.name(of: session.user) else { return "its user is not known" }
    var origin = Origin(remoteHost: session.remoteHost ?? "")
    if !origin.isListed, let own = OwnSession.current() { origin = own.origin }
    return wasJudged(user, from: origin, since: record.began)
      ? nil : "no judged login of \(user) from \(origin) is in the journal since then"
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
    guard let record = try PAMTrial.current() else { return }
    let isOver = record.boot != SystemClock.bootID() || SystemClock.sinceBoot() >= record.end
    guard isOver else { return }
    let outcome = try PAMSwitch.restore(record.before)
    // If it is not undone yet, the timer tries again.
    if outcome.checks.isEmpty { try PAMTrial.end() }
    let state = PAMState.now()
    try output.print(
      PAMReport(
        action: .disable, profile: state.effective, lines: state.reportLines,
        checks: outcome.checks, changes: outcome.changes))
  }
}
