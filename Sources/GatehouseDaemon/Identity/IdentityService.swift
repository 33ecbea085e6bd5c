import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// Finds out who users are, without ever holding up the loop.
///
/// Readings run on a few threads, one at a time for a user, and come back through a mailbox. Those
/// of users who have asked lately are made anew before they end. Lives on the loop.
final class IdentityService {
  /// The interval of the timer that looks for ageing readings; it may be up to a third longer.
  ///
  /// The timer runs only while users have asked lately.
  private static let lookEvery = Duration.seconds(15)

  private struct Key: Hashable {
    let user: Name
    let generation: Int
  }

  private struct Job: Sendable {
    let user: Name
    let scope: IdentityScope
    let begunAt: ContinuousClock.Instant
  }

  private struct Reading: Sendable {
    let job: Job
    let result: Result<UserIdentity, DirectoryError>
  }

  private final class Waiter {
    let scope: IdentityScope
    /// It is the user who asks, by a login.
    let isUser: Bool
    let completion: (UserIdentity?) -> Void
    var timer: EventSource?

    init(
      _ scope: IdentityScope, isUser: Bool, _ completion: @escaping (UserIdentity?) -> Void
    ) {
      self.scope = scope
      self.isUser = isUser
      self.completion = completion
    }
  }

  private let loop: EventLoop
  private let log: Log
  private let uptime: () -> ContinuousClock.Instant
  private let jobs: WorkQueue<Job>
  private let mailbox: Mailbox<Reading>
  private var mailboxSource: EventSource?
  private var cache: IdentityCache
  private var inFlight: [Key: [Waiter]] = [:]
  private var complaints = RateLimit(every: .seconds(60))
  private var isComplaining = false

  /// What is read ahead: for the serving generation.
  private var scope: IdentityScope?
  private var ageing: [Name] = []
  private let mostAhead: Int
  private let lookEvery: Duration
  private var lookTimer: EventSource?
  /// Whether the timer runs by which readings are made ahead.
  private(set) var isLookingAhead = false

  /// When the newest reading failed and why; nil once one has succeeded since.
  private(set) var failing: (since: Instant, problem: String)?

  /// Starts the threads.
  ///
  /// At most `bound` readings wait for one of them; who comes then gets what is known.
  init(
    loop: EventLoop, directory: any Directory, log: Log, threads: Int = 4, bound: Int = 256,
    cache: IdentityCache = IdentityCache(), lookEvery: Duration = IdentityService.lookEvery,
    uptime: @escaping () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) throws(SystemError) {
    self.loop = loop
    self.log = log
    self.cache = cache
    self.lookEvery = lookEvery
    self.uptime = uptime
    mostAhead = max(1, threads / 2)
    jobs = WorkQueue(bound: bound)
    mailbox = try Mailbox()
    for number in 1...threads {
      let thread = try Thread("nss-\(number)") { [jobs, mailbox] in
        while let job = jobs.pop() {
          let result = Result { () throws(DirectoryError) in
            try directory.reading(of: job.user, among: job.scope.groups)
          }
          mailbox.post(Reading(job: job, result: result))
        }
      }
      // A directory may keep it for ever.
      thread.detach()
    }
    mailboxSource = try loop.onReadable(mailbox.descriptor) { [unowned self] in
      for reading in mailbox.take() { finish(reading) }
    }
    lookTimer = try loop.timer(accuracy: lookEvery / 3) { [unowned self] in
      lookAhead()
    }
  }

  /// How many users' readings are kept.
  var userCount: Int { cache.count }

  /// The identity of a user who asks; nil if it is not known or not fresh.
  func known(_ user: Name, for scope: IdentityScope) -> UserIdentity? {
    let identity = cache.ask(user, covering: scope.groups, at: uptime())
    if identity != nil, !isLookingAhead { planLook() }
    return identity
  }

  /// Hands over who a user is that somebody else asks about: at once if that is known, else as
  /// `read` does.
  func find(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (UserIdentity?) -> Void
  ) {
    if let identity = cache.fresh(user, covering: scope.groups, at: uptime()) {
      return completion(identity)
    }
    read(user, for: scope, within: time, Waiter(scope, isUser: false, completion))
  }

  /// Reads who a user is, and hands it over within the time: the new reading, else an older one
  /// that may still serve, else nil.
  ///
  /// With an older one to fall back on, only half the time is waited: while a directory hangs, a
  /// user it knows should not wait much for it.
  func read(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (UserIdentity?) -> Void
  ) {
    read(user, for: scope, within: time, Waiter(scope, isUser: true, completion))
  }

  private func read(
    _ user: Name, for scope: IdentityScope, within time: Duration, _ waiter: Waiter
  ) {
    let key = Key(user: user, generation: scope.number)
    let fallback = cache.fallback(user, for: scope, at: uptime())
    if inFlight[key] == nil, !begin(key, scope) {
      fail(DirectoryError("too many users wait for the directory"))
      return waiter.completion(fallback)
    }
    inFlight[key]?.append(waiter)
    do {
      waiter.timer = try loop.timer { [unowned self, unowned waiter] in giveUp(waiter, key) }
      waiter.timer?.set(after: fallback == nil ? time : time / 2)
    } catch {
      log.post(.error, "\(error)")
      giveUp(waiter, key)
    }
  }

  /// Every reading begun before now wants another look before it is used, for what a new generation
  /// needs; users who have asked lately get it at once.
  func makeStale(for scope: IdentityScope) {
    cache.makeStale(at: uptime())
    self.scope = scope
    ageing = []
    lookAhead()
  }

  /// Lets the threads end after what they are doing.
  func close() { jobs.close() }

  // MARK: Ahead

  private func planLook() {
    isLookingAhead = true
    lookTimer?.set(after: lookEvery)
  }

  /// Reads those whose readings are ageing, and goes on looking as long as somebody has asked
  /// lately.
  private func lookAhead() {
    isLookingAhead = false
    guard let ageing = cache.ageing(at: uptime()) else { return }
    // Those whom a directory in trouble has left come before those who had their turn.
    if self.ageing.isEmpty { self.ageing = ageing }
    readAhead()
    planLook()
  }

  /// Has as many read as leaves half of the threads to those who ask.
  ///
  /// The next comes when one is done, but while readings fail not before the next look.
  private func readAhead() {
    guard let scope else { return }
    while inFlight.count < mostAhead, let user = ageing.popLast() {
      let key = Key(user: user, generation: scope.number)
      guard inFlight[key] == nil, cache.isAgeing(user, at: uptime()) else { continue }
      _ = begin(key, scope)
    }
  }

  // MARK: Readings

  private func begin(_ key: Key, _ scope: IdentityScope) -> Bool {
    guard jobs.push(Job(user: key.user, scope: scope, begunAt: uptime())) else { return false }
    inFlight[key] = []
    return true
  }

  private func finish(_ reading: Reading) {
    let job = reading.job
    let waiters = inFlight.removeValue(forKey: Key(user: job.user, generation: job.scope.number))
    switch reading.result {
    case .success(let identity):
      let isAsked = waiters?.contains(where: \.isUser) ?? false
      cache.keep(identity, of: job.user, readAt: job.begunAt, isAsked: isAsked)
      failing = nil
      if isComplaining { log.post(.notice, "users and groups can be read again") }
      isComplaining = false
      for waiter in waiters ?? [] { waiter.completion(identity) }
      if isAsked, !isLookingAhead { planLook() }
      readAhead()
    case .failure(let error):
      fail(error)
      for waiter in waiters ?? [] {
        waiter.completion(cache.fallback(job.user, for: job.scope, at: uptime()))
      }
    }
  }

  private func giveUp(_ waiter: Waiter, _ key: Key) {
    inFlight[key]?.removeAll { $0 === waiter }
    fail(DirectoryError("user \"\(key.user)\": no answer in time"))
    waiter.completion(cache.fallback(key.user, for: waiter.scope, at: uptime()))
  }

  /// Notes that the directory is in trouble, and says so in the log once a minute.
  private func fail(_ error: DirectoryError) {
    failing = (failing?.since ?? .now(), error.description)
    guard complaints.take(at: uptime()) != nil else { return }
    isComplaining = true
    log.post(
      .warning,
      "users and groups cannot be read (\(error)); readings younger than identity.max_age serve on")
  }
}
