import GatehouseControl
import GatehouseDoors
import GatehouseJournal
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// Reads the log as it grows, and tells what is to be told.
struct NotifyLoop: ~Copyable {
  /// How far back the log is read after a restart.
  private static let longestAbsence = Duration.seconds(86_400)
  /// The most entries that are read before what is due is told.
  private static let readAtOnce = 1000
  /// How often the doors are looked at.
  private static let doorPause = Duration.seconds(300)
  /// The longest pause between two looks at anything.
  private static let longestPause = Duration.seconds(60)

  private var log: EventLog
  private let daemon: RunningDaemon
  private let first: FirstLogins
  private var policy: NotifyPolicy
  private var letters: LetterPost
  private let delivery: NoticeDelivery
  private let file: StateFile<NoticeState>
  private let isOfMachine: Bool
  private var state: NoticeState
  /// What was written last; nil if nothing was.
  private var saved: NoticeState?
  private var attempts: [NoticeDelivery.Way: Attempts] = [:]
  /// The messages that are being handed over, by each way at most one: a way that takes long holds up
  /// neither the other nor the reading.
  private var underWay: [NoticeDelivery.Way: (notice: Notice, problem: Pending<String?>)] = [:]
  private var nextDoors = Uptime.now

  /// The attempts that failed since one succeeded.
  private struct Attempts {
    /// How long to wait after the next one that fails.
    var pause = Duration.seconds(10)
    var next = Uptime.now
  }

  init(
    _ source: LogSource, _ daemon: RunningDaemon, _ policy: NotifyPolicy,
    _ delivery: NoticeDelivery, _ file: StateFile<NoticeState>
  ) throws {
    var state = try Self.kept(in: file)
    let log = try EventLog(
      source.source, after: state.position, notBefore: .now() - Self.longestAbsence)
    state.position = log.position
    self.daemon = daemon
    self.policy = policy
    letters = LetterPost(daemon, delivery)
    self.delivery = delivery
    self.file = file
    self.state = state
    isOfMachine = source.isOfMachine
    first = FirstLogins(
      source.isOfMachine ? daemon : nil, asking: .init(patience: .seconds(5), perMinute: 120))
    self.log = log
  }

  /// What was kept; what is damaged is set aside.
  private static func kept(in file: StateFile<NoticeState>) throws(CommandFailure) -> NoticeState {
    do throws(SystemError) {
      switch try file.read() {
      case .value(let state): return state
      case .absent: return NoticeState()
      case .setAside(let damage):
        Terminal.say("gatehouse: warning: \(damage)\n")
        return NoticeState()
      }
    } catch { throw .unreadable(file.path, error) }
  }

  /// Goes on until the policy has neither `notify` nor `authorize` any more.
  mutating func run() throws {
    while policy.isForSomebody {
      let isAtEnd = try read()
      if policy.hasCodes { letters.work() }
      let settings = policy.current ?? NotifySettings()
      look(at: settings)
      for way in NoticeDelivery.Way.allCases {
        if way.isWanted(settings) {
          tell(way, settings)
        } else {
          state[way] = NoticeState.Way()
          underWay[way] = nil
        }
      }
      save(state)
      guard isAtEnd else { continue }
      try log.wait(atMost: pause(settings))
    }
  }

  // MARK: What happens

  /// Takes up what came; returns whether that is all there is.
  private mutating func read() throws -> Bool {
    defer { state.position = log.position }
    for _ in 0..<Self.readAtOnce {
      guard let (time, event) = try log.next() else { return true }
      if event == .policyServes { policy.read() }
      if case .code(let code) = event, [.made, .ended].contains(code.event) { letters.expect() }
      guard let settings = policy.current else { continue }
      let noted = NotedEvent(event, at: time, telling: settings.events) { first.holds($0) }
      if let noted { note(noted, settings) }
    }
    return false
  }

  private mutating func note(_ event: NotedEvent, _ settings: NotifySettings) {
    let now = Instant.now()
    if NoticeDelivery.Way.mail.isWanted(settings) { state.mail.book.note(event, at: now) }
    if NoticeDelivery.Way.command.isWanted(settings) { state.command.book.note(event, at: now) }
  }

  /// Looks now and then whether logins by a service are not judged any more.
  private mutating func look(at settings: NotifySettings) {
    guard policy.current != nil, settings.events.contains(.doors), isOfMachine,
      Uptime.now >= nextDoors
    else { return }
    nextDoors = .now + Self.doorPause
    let open = MachineDoors.now(for: MachineDoors.policy()).findings.filter(\.isOpening)
    let before = state.openDoors
    state.openDoors = open.map(\.subject)
    // The first look only shows how it is.
    guard let before else { return }
    for finding in open where !before.contains(finding.subject.escapedForTerminal) {
      let message = "\(finding.subject): \(finding.message)"
      CommandLog.post(.doorOpened, priority: 4, message)
      note(NotedEvent(.doors, at: .now(), saying: message), settings)
    }
  }

  // MARK: Telling

  private mutating func tell(_ way: NoticeDelivery.Way, _ settings: NotifySettings) {
    if let (notice, pending) = underWay[way] {
      guard let problem = pending.ready else { return }
      underWay[way] = nil
      note(problem, of: notice, by: way, settings)
    }
    if let attempt = attempts[way], Uptime.now < attempt.next { return }
    let now = Instant.now()
    guard let notice = state[way].waiting ?? state[way].book.take(at: now, settings) else { return }
    // Saved as if it was told: if this ends here, it is not told twice.
    state[way].waiting = nil
    save(state)
    let message = report(notice).message
    underWay[way] = (notice, Pending { [delivery] in delivery.send(message, by: way, settings) })
  }

  /// Takes up why a message was not taken; nil if it was.
  private mutating func note(
    _ problem: String?, of notice: Notice, by way: NoticeDelivery.Way, _ settings: NotifySettings
  ) {
    if let problem {
      state[way].waiting = notice
      state[way].failure = .init(
        since: state[way].failure?.since ?? .now(), problem: problem.escapedForTerminal)
      var attempt = attempts[way] ?? Attempts()
      if attempts[way] == nil {
        CommandLog.post(
          .notTold, priority: 4, "\(problem); it is tried again until it succeeds")
      }
      attempt.next = .now + attempt.pause
      attempt.pause = min(attempt.pause * 2, .seconds(300))
      attempts[way] = attempt
    } else {
      state[way].lastTold = .now()
      state[way].failure = nil
      if attempts.removeValue(forKey: way) != nil {
        CommandLog.post(
          .notTold, priority: 5, "\(way.inWords(settings)): messages are taken again")
      }
    }
    save(state)
  }

  private func report(_ notice: Notice) -> NoticeReport {
    var known: [String: NoticeReport.Knowledge] = [:]
    for event in notice.groups[0].events {
      guard event.kind == .denials, let login = event.login else { continue }
      var knowledge = NoticeReport.Knowledge()
      knowledge.isFirst = first.holds(login.id, login.user, from: login.origin, at: event.time)
      knowledge.isApprovable = isOfMachine ? isApprovable(login.id) : nil
      known[login.id] = knowledge
    }
    return NoticeReport(notice, on: Machine.hostName, knowing: known)
  }

  /// Whether `gatehouse approve` would let a login in; nil if the daemon does not say.
  private func isApprovable(_ id: String) -> Bool? {
    var request = ApproveRequest()
    request.id = id
    request.author = "gatehouse-notify"
    guard ApproveRequest.format(of: .id)?.accepts(Array(id.utf8)) == true,
      let verdict = try? daemon.ask(request, patience: .seconds(5))
    else { return nil }
    if case .approvable = verdict.outcome { return true }
    return false
  }

  private mutating func save(_ value: NoticeState) {
    guard value != saved else { return }
    do throws(SystemError) {
      try file.write(value, durably: false)
      saved = value
    } catch {
      Terminal.say("gatehouse: warning: \(file.path) cannot be written: \(error.reason)\n")
    }
  }

  /// How long nothing has to be done unless something happens.
  private func pause(_ settings: NotifySettings) -> Duration {
    // Whether a message was taken is looked at once a second.
    var pause = underWay.isEmpty ? Self.longestPause : .seconds(1)
    if policy.hasCodes { pause = min(pause, letters.pause) }
    for way in NoticeDelivery.Way.allCases where way.isWanted(settings) {
      if let attempt = attempts[way] {
        pause = min(pause, attempt.next - .now)
      } else if let next = state[way].book.next(at: .now(), settings) {
        pause = min(pause, next - .now())
      }
    }
    // The journal waits whole seconds.
    return max(.seconds(1), .seconds(pause.wholeSecondsRoundedUp))
  }
}

extension NoticeState {
  /// What is known of a way.
  subscript(way: NoticeDelivery.Way) -> Way {
    get { way == .mail ? mail : command }
    set { if way == .mail { mail = newValue } else { command = newValue } }
  }
}

extension DoorFinding {
  /// Whether somebody gets in by it who is not judged.
  fileprivate var isOpening: Bool {
    weight == .urgent && (kind == .unjudged || kind == .wayAround || kind == .beside)
  }
}
