import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseState
import Synchronization

/// The login record: who came from where, kept over restarts.
///
/// The record itself lives beside the loop, on a thread that takes up what was noted and writes it. On
/// the loop are only the arrivals of this boot, by which sessions are judged.
final class LoginBook {
  /// How long a note waits, to be taken up together with others.
  private static let noteDelay = Duration.milliseconds(500)
  /// The most notes that wait; more are left out of the record.
  private static let noteLimit = 20_000
  /// The shortest time between two writes.
  private static let writeInterval = Duration.seconds(10)

  /// What a daemon leaves that has ended in good order.
  struct Ending: Equatable, Sendable {
    let boot: String
    /// The socket on which questions went on to wait, by its inode.
    let socket: Int
    /// Since when no login was missed, since the boot.
    let seenSince: Duration
    /// From where users had come in.
    let arrivals: Arrivals
    let selfLogins: [SelfLogin]
    /// The logins whose asking process still ran.
    let open: OpenLogins
  }

  /// A login that waits to be taken up.
  fileprivate struct Noted {
    // The parts of a note, which the thread makes of them.
    let user: Name
    let origin: Origin
    let service: Name
    let outcome: LoginNote.Outcome
    let time: Instant
    let isKnown: Bool
    let provesPlace: Bool
    let list: DecidingList?
    /// The process that asked, and when, since the boot; nil if the login opens no session.
    let opened: (process: Int32, time: Duration)?

    var note: LoginNote {
      LoginNote(
        user: user, origin: origin, service: service, outcome: outcome, time: time,
        isKnown: isKnown, provesPlace: provesPlace, list: list?.path)
    }
  }

  private let file: StateFile<LoginRecord>
  private let ending: StateFile<Ending>
  private let boot: String
  private let socket: Int?
  private let log: Log
  private let worker: Worker
  private let shared: SharedRecord
  private var timer: EventSource?
  private var notes: [Noted] = []
  private var isTaking = false
  private var nextWrite = Uptime.now
  private var writeTimer: EventSource?
  private var willWrite = false

  /// From where users have come in during this boot.
  private(set) var arrivals = Arrivals()
  /// The logins from the machine itself whose sessions do not tell it, the oldest first.
  private(set) var selfLogins: [SelfLogin] = []
  /// Since when no login was missed, since the boot.
  private(set) var seenSince: Duration

  /// Takes up what was kept.
  ///
  /// If the daemon before has ended in good order, and its socket, which belongs to systemd, is still
  /// the same, then no question was lost between the two: it waited there.
  ///
  /// - Parameters:
  ///   - loop: The loop that it lives on.
  ///   - state: The folder of what is kept.
  ///   - boot: The id of this boot; nil if it is not known.
  ///   - socket: The inode of the socket that systemd has handed over; nil if it is the daemon's own.
  ///   - now: The time since the boot, without that of sleep.
  ///   - log: Where it says that something is lost.
  /// - Throws: That there is no thread or timer for it.
  init(
    loop: EventLoop, state: String, boot: String?, socket: Int?, now: Duration, log: Log
  ) throws(SystemError) {
    file = StateFile(folder: state, name: "logins", LoginRecord.kind)
    ending = StateFile(folder: state, name: "logins-end", KeptState.loginsEnd)
    self.boot = boot ?? ""
    self.socket = socket
    self.log = log
    worker = try Worker("logins", loop: loop)
    seenSince = now
    let kept = file.value(
      reportingTo: log, .warning, ifLost: "who has come from where until now is not known any more")
    shared = SharedRecord(kept ?? LoginRecord(since: .now()))
    timer = try loop.timer { [unowned self] in takeNotes() }
    writeTimer = try loop.timer(accuracy: .seconds(1)) { [unowned self] in write() }
    takeOver(at: now)
  }

  /// Goes on where the daemon before has ended.
  private func takeOver(at now: Duration) {
    do throws(SystemError) {
      guard case .value(let end) = try ending.read() else { return }
      // From here on arrivals may be lost with the daemon: nobody may go on from that end again.
      try ending.remove()
      guard !boot.isEmpty, end.boot == boot else { return }
      shared.state.withLock { $0.record.open = end.open }
      guard end.socket == socket, end.seenSince <= now else { return }
      seenSince = end.seenSince
      arrivals = end.arrivals
      selfLogins = end.selfLogins
    } catch {
      log.post(
        .warning, .stateNotKept, "who has come in before this start is not known any more: \(error)"
      )
    }
  }

  /// Notes a login that was answered; what it costs does not depend on the record.
  ///
  /// - Parameters:
  ///   - asked: The login.
  ///   - user: Its user's name, as it was decided on.
  ///   - isKnown: Whether a directory has confirmed the name.
  ///   - outcome: What became of it.
  ///   - provesPlace: Whether the policy itself let it in; see `LoginNote.provesPlace`.
  ///   - list: The list that decided.
  ///   - process: The process that asked, if the login may have opened a session.
  func add(
    _ asked: AskedLogin, as user: Name, isKnown: Bool, _ outcome: LoginNote.Outcome,
    provesPlace: Bool, by list: DecidingList?, openedBy process: Int32?
  ) {
    add(
      Noted(
        user: user, origin: asked.origin, service: asked.service, outcome: outcome, time: .now(),
        isKnown: isKnown, provesPlace: provesPlace, list: list, opened: opening(by: process)))
  }

  /// Notes a login whose session was seen.
  func add(_ note: LoginNote, openedBy process: Int32? = nil) {
    add(
      Noted(
        user: note.user, origin: note.origin, service: note.service, outcome: note.outcome,
        time: note.time, isKnown: note.isKnown, provesPlace: note.provesPlace, list: nil,
        opened: opening(by: process)))
  }

  private func opening(by process: Int32?) -> (process: Int32, time: Duration)? {
    process.map { (process: $0, time: SystemClock.sinceBoot()) }
  }

  private func add(_ noted: consuming Noted) {
    let isFirst = notes.add(noted, atMost: Self.noteLimit)
    if isFirst, !isTaking { timer?.set(after: Self.noteDelay) }
  }

  /// A user has come in by a service that may have opened a session.
  func arrive(_ user: Name, from origin: Origin, at time: Duration) {
    arrivals.add(user, from: origin, at: time)
  }

  /// Somebody has come in from the machine itself, whose session will not tell it.
  func add(_ login: SelfLogin) {
    if selfLogins.count >= SelfLogin.limit { selfLogins.removeFirst() }
    selfLogins.append(login)
  }

  /// Somebody may have come in until now who was not seen.
  func miss(at now: Duration) { seenSince = max(seenSince, now) }

  /// Calls back with what the record has of the services, with every login until now.
  func uses(_ completion: @escaping (ServiceUses) -> Void) {
    takeNotes()
    worker.run({ [shared] in shared.state.withLock { $0.record.uses } }, then: completion)
  }

  /// Calls back with those of some origins from which a user has come in since a time, by every login
  /// until now.
  func visited(
    by user: Name, among origins: [Origin], since time: Instant,
    _ completion: @escaping (Set<Origin>) -> Void
  ) {
    takeNotes()
    worker.run(
      { [shared] in
        let now = Instant.now()
        return shared.state.withLock { state in
          Set(origins.filter { state.record.hasComeIn(user, from: $0, since: time, until: now) })
        }
      }, then: completion)
  }

  /// Calls back with the record, with every login until now.
  func read(_ completion: @escaping (LoginRecord) -> Void) {
    takeNotes()
    worker.run({ [shared] in shared.current() }, then: completion)
  }

  /// The record as it was at most a second ago, for a thread beside the loop.
  var record: @Sendable () -> LoginRecord { { [shared] in shared.current() } }

  /// Takes up what the machine's journal knew of the time before the record, and calls back with how
  /// many places that were; nil if it has had a history before.
  ///
  /// `history` is called beside the loop, and gives nil if it cannot be read.
  func take(
    history: @escaping @Sendable () -> LoginRecord?,
    _ completion: @escaping (HistoryVerdict) -> Void
  ) {
    worker.run { [shared] in
      history().map { shared.take(history: $0) } ?? .unreadable
    } then: { [unowned self] verdict in
      if case .taken = verdict { scheduleWrite() }
      completion(verdict)
    }
  }

  /// Writes what was not written yet; once the loop has ended.
  func close() {
    worker.close()
    shared.add(notes)
    do throws(SystemError) {
      try shared.write(to: file)
      guard let socket, !boot.isEmpty else { return }
      let end = Ending(
        boot: boot, socket: socket, seenSince: seenSince, arrivals: arrivals,
        selfLogins: selfLogins, open: shared.current().open)
      try ending.write(end, durably: false)
    } catch {
      log.post(
        .warning, .stateNotKept, "the last logins are not remembered over the restart: \(error)")
    }
  }

  /// Calls back once the record has every login until now.
  func settle(_ completion: @escaping () -> Void) {
    let batch = notes
    notes = []
    worker.run { [shared] in
      shared.add(batch)
    } then: { [unowned self] in
      if !batch.isEmpty { scheduleWrite() }
      completion()
    }
  }

  private func takeNotes() {
    guard !isTaking, !notes.isEmpty else { return }
    let batch = notes
    notes = []
    isTaking = true
    worker.run { [shared] in
      shared.add(batch)
    } then: { [unowned self] in
      isTaking = false
      if !notes.isEmpty { timer?.set(after: Self.noteDelay) }
      scheduleWrite()
    }
  }

  private func scheduleWrite() {
    guard !willWrite else { return }
    willWrite = true
    writeTimer?.set(after: max(.zero, nextWrite - .now))
  }

  private func write() {
    willWrite = false
    nextWrite = .now + Self.writeInterval
    worker.run { [shared, file] () -> SystemError? in
      do throws(SystemError) {
        try shared.write(to: file)
        return nil
      } catch {
        return error
      }
    } then: { [log] error in
      if let error {
        log.post(.warning, .stateNotKept, "logins are not remembered over a restart: \(error)")
      }
    }
  }
}

extension [LoginBook.Noted] {
  /// Adds a login if there is room; true if it is the first.
  fileprivate mutating func add(_ noted: consuming Element, atMost limit: Int) -> Bool {
    let place = count
    if place < limit { append(noted) }
    return place == 0
  }
}

/// The record, for the thread that keeps it and those that read it.
private final class SharedRecord: Sendable {
  struct State {
    var record: LoginRecord
    /// Whether the file has all of it.
    var isWritten = true
  }

  let state: Mutex<State>

  init(_ record: LoginRecord) { state = Mutex(State(record: record)) }

  func add(_ notes: [LoginBook.Noted]) {
    guard !notes.isEmpty else { return }
    // Programs that ask for many logins are looked at once.
    var starts: [Int32: UInt64?] = [:]
    let open = notes.map { noted -> OpenLogin? in
      guard let (process, time) = noted.opened, process > 0 else { return nil }
      let found = starts[process] ?? (try? ProcessDescriptor.start(of: process))
      starts[process] = found
      // One that was started later has the number of the one that asked, which has ended.
      guard let start = found, start <= ProcessDescriptor.ticks(at: time) else { return nil }
      return OpenLogin(
        process: process, start: start, user: noted.user, origin: noted.origin,
        service: noted.service)
    }
    state.withLock { state in
      for (noted, login) in zip(notes, open) {
        state.record.add(noted.note)
        if let login { state.record.open.add(login, at: noted.time) }
      }
      state.isWritten = false
    }
  }

  /// The record, with the logins alone as open whose processes still run.
  func current() -> LoginRecord {
    let open = state.withLock { $0.record.open }
    let ended = open.times.keys.filter { login in
      (try? ProcessDescriptor.start(of: login.process)) != login.start
    }
    return state.withLock { state in
      if !ended.isEmpty {
        let ended = Set(ended)
        state.record.open.keep { !ended.contains($0) }
      }
      return state.record
    }
  }

  func take(history: LoginRecord) -> HistoryVerdict {
    state.withLock { state in
      guard let count = state.record.take(history: history, at: .now()) else { return .present }
      state.isWritten = false
      return .taken(places: count)
    }
  }

  /// Writes what was not written yet; by one thread at a time.
  func write(to file: StateFile<LoginRecord>) throws(SystemError) {
    guard state.withLock({ !$0.isWritten }) else { return }
    // Processes that have ended are forgotten as often as the record is written.
    _ = current()
    let record = state.withLock { state in
      state.record.forgetOld(at: .now())
      return state.record
    }
    try file.write(record)
    state.withLock { $0.isWritten = true }
  }
}
