import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The grants in effect: given, ended on time, and kept over restarts.
///
/// A grant counts once it is on the disk, and no longer from the moment it ends, even if the disk
/// fails. Ended grants are deleted, so setting the clock back cannot revive one. While the daemon
/// runs, none lasts longer than it was given for, by a clock that nobody can set. Lives on the loop.
final class GrantBook {
  /// The grants on the disk; one may have ended since.
  private(set) var grants: [Grant] = []
  /// Grants that are not on the disk yet.
  private var proposed: [Grant] = []

  private let file: StateFile<[Grant]>
  private let log: Log
  private let clock: () -> Instant
  private let uptime: () -> Uptime
  /// The latest end of each grant, by its id.
  private var deadlines: [String: Uptime] = [:]
  private var saved: SavedState<[Grant]>?
  private var alarm: EventSource?
  private var deadlineTimer: EventSource?

  /// A book without grants, until `start` takes up those that were kept; `clock` decides when one is
  /// over, and `uptime` when it is at the latest.
  init(
    loop: EventLoop, state: String, worker: Worker, log: Log,
    clock: @escaping () -> Instant = Instant.now,
    uptime: @escaping () -> Uptime = { Uptime.now }
  ) throws(SystemError) {
    file = StateFile(folder: state, name: "grants", KeptState.grants)
    self.log = log
    self.clock = clock
    self.uptime = uptime
    saved = SavedState(file, worker: worker) { [unowned self] in
      grants.filter { grant in !proposed.contains { $0.id == grant.id } } + proposed
    }
    alarm = try loop.alarm { [unowned self] in endOver() }
    deadlineTimer = try loop.bootTimer { [unowned self] in endOver() }
  }

  /// The number of grants, including those that are just being given.
  var count: Int { grants.count + proposed.count }

  /// Takes up what was kept; a file that cannot be used means that there are no grants.
  func start() {
    let kept = file.value(
      reportingTo: log,
      ifLost: "the grants are lost, and nobody is let in by one (`gatehouse grant` gives new ones)")
    grants = kept ?? []
    for grant in grants {
      setDeadline(of: grant)
      log.post(.notice) { GrantRecord(event: .kept, grant: grant).entry }
    }
    endOver()
  }

  /// The grant that there is for the same user, place, service and role; nil if there is none.
  func twin(of grant: Grant) -> Grant? {
    grants.first {
      $0.user == grant.user && $0.place == grant.place && $0.service == grant.service
        && $0.role == grant.role && !isOver($0)
    }
  }

  /// Gives a grant, and calls back once it counts, or with the error.
  ///
  /// It replaces one with the same id.
  func give(
    _ grant: Grant, denial: String?, completion: @escaping (SystemError?) -> Void
  ) {
    proposed.append(grant)
    saved?.save { [unowned self] error in
      proposed.removeAll { $0.id == grant.id }
      if error == nil {
        let isLengthened = grants.contains { $0.id == grant.id }
        grants.removeAll { $0.id == grant.id }
        deadlines[grant.id] = nil
        grants.append(grant)
        setDeadline(of: grant)
        setAlarm()
        let event: GrantRecord.Event = isLengthened ? .lengthened : .given
        log.post(.notice) { GrantRecord(event: event, grant: grant, denial: denial).entry }
      } else {
        sayUnsaved(error)
      }
      completion(error)
    }
  }

  /// Ends a grant now; nil if there is none with that id.
  ///
  /// It no longer counts when this returns; calls back once that is on the disk, too.
  func revoke(
    _ id: String, by author: String, why: String?, completion: @escaping (SystemError?) -> Void
  ) -> Grant? {
    guard let index = grants.firstIndex(where: { $0.id == id }) else { return nil }
    let grant = grants.remove(at: index)
    setAlarm()
    log.post(.notice) { GrantRecord(event: .revoked(by: author, why: why), grant: grant).entry }
    saved?.save { [unowned self] error in
      sayUnsaved(error)
      completion(error)
    }
    return grant
  }

  /// Holds the grants to what a generation's policy allows, unless the policy is only on trial.
  func obey(_ generation: Generation) {
    guard generation.source != .candidate else { return }
    obey(generation.policy.grantLimits)
  }

  /// Ends the grants that are too wide, and shortens those that are too long, from their beginning.
  func obey(_ limits: GrantLimits) {
    let tooWide = grants.filter { limits.isTooWide($0.place) }
    grants.removeAll { limits.isTooWide($0.place) }
    for grant in tooWide { log.post(.notice) { GrantRecord(event: .tooWide, grant: grant).entry } }
    var isChanged = !tooWide.isEmpty
    for index in grants.indices {
      // Also not later than a grant that is given now: `since` comes from a file.
      let end = min(grants[index].since, clock()) + limits.longestDuration
      guard end < grants[index].until else { continue }
      grants[index].until = end
      isChanged = true
      let grant = grants[index]
      setDeadline(of: grant)
      log.post(.notice) { GrantRecord(event: .shortened, grant: grant).entry }
    }
    guard isChanged else { return }
    save()
    endOver()
  }

  /// Deletes every grant whose time is over.
  func endOver() {
    let over = grants.filter { isOver($0) }
    if !over.isEmpty {
      let ids = Set(over.map(\.id))
      grants.removeAll { ids.contains($0.id) }
      for grant in over { log.post(.notice) { GrantRecord(event: .ended, grant: grant).entry } }
      save()
    }
    setAlarm()
  }

  private func isOver(_ grant: Grant) -> Bool {
    grant.until <= clock() || deadlines[grant.id].map { $0 <= uptime() } ?? false
  }

  /// Sets the latest end of a grant: never later than its whole length, or than was set before.
  private func setDeadline(of grant: Grant) {
    let left = min(grant.until - clock(), grant.until - grant.since)
    let deadline = uptime() + max(.zero, left)
    deadlines[grant.id] = min(deadlines[grant.id] ?? deadline, deadline)
  }

  private func setAlarm() {
    let ids = Set(grants.map(\.id))
    deadlines = deadlines.filter { id, _ in ids.contains(id) }
    if let next = grants.map(\.until).min() { alarm?.set(at: next) }
    if let next = deadlines.values.min() { deadlineTimer?.set(after: next - uptime()) }
  }

  private func save() {
    saved?.save { [unowned self] error in sayUnsaved(error) }
  }

  private func sayUnsaved(_ error: SystemError?) {
    guard let error else { return }
    log.post(
      .error, .stateNotKept,
      "the grants cannot be kept (\(error)); those that count do so until the daemon ends. Then "
        + "there are none, or those in \(file.path) if it is still there: remove it")
  }
}

/// The log entry of a grant that begins or ends.
struct GrantRecord: Sendable {
  /// What became of the grant.
  enum Event: Sendable {
    case given
    /// It was given again, and ends later now.
    case lengthened
    /// It counts on after a start of the daemon, by what the state folder says of it.
    case kept
    case revoked(by: String, why: String?)
    /// Its time is over.
    case ended
    /// The policy allows less time than it was given; it ends earlier now.
    case shortened
    /// The policy allows no network that wide; it has ended.
    case tooWide

    fileprivate var word: String {
      switch self {
      case .given: "given"
      case .lengthened: "lengthened"
      case .kept: "kept"
      case .revoked: "revoked"
      case .ended, .tooWide: "ended"
      case .shortened: "shortened"
      }
    }
  }

  let event: Event
  let grant: Grant
  /// The denial that it came from.
  var denial: String?

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(.notice, .grant) { $0.append(sentence) }
    entry.add("GATEHOUSE_GRANT", grant.id)
    entry.add("GATEHOUSE_GRANT_EVENT", event.word)
    entry.add("GATEHOUSE_USER", grant.user)
    entry.add("GATEHOUSE_ORIGIN", grant.place.description)
    entry.add("GATEHOUSE_ORIGIN_KIND", grant.place.kind)
    entry.add("GATEHOUSE_SERVICE", grant.service)
    entry.add("GATEHOUSE_ROLE", grant.role)
    entry.add("GATEHOUSE_UNTIL", grant.until.description)
    entry.add("GATEHOUSE_DENIAL", denial)
    switch event {
    case .revoked(let author, let why):
      entry.add("GATEHOUSE_BY", author)
      entry.add("GATEHOUSE_WHY", why)
    case .given, .lengthened, .kept, .ended, .shortened, .tooWide:
      entry.add("GATEHOUSE_BY", grant.author)
      entry.add("GATEHOUSE_WHY", grant.why)
    }
    return entry
  }

  private var sentence: String {
    let what = "grant \(grant.id) for \(grant)"
    return switch event {
    case .given:
      "\(grant.author) gave \(what) until \(grant.until): \(grant.why)"
    case .lengthened:
      "\(grant.author) lengthened \(what) until \(grant.until): \(grant.why)"
    case .kept:
      "\(what) until \(grant.until) is still in effect after this start of gatehoused; its file "
        + "says that \(grant.author) gave it: \(grant.why)"
    case .revoked(let author, let why):
      "\(author) revoked \(what)" + (why.map { ": \($0)" } ?? "")
    case .ended: "\(what) has ended"
    case .tooWide: "\(what) has ended: it is wider than grants.widest of the policy says"
    case .shortened: "\(what) ends earlier, at \(grant.until): grants.longest of the policy says so"
    }
  }
}
