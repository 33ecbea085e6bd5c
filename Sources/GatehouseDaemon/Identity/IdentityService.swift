import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// Reads users and groups, without blocking the loop.
///
/// Readings run on a few threads, one at a time for each user, and come back through a mailbox. The
/// readings of users who have logged in lately are renewed before they end. Lives on the loop.
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
    let begunAt: Uptime
  }

  private struct Reading: Sendable {
    let job: Job
    let result: Result<UserIdentity, DirectoryError>
  }

  private final class Waiter {
    let scope: IdentityScope
    /// Whether the user logs in, rather than an administrator asking about them.
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
  private let uptime: () -> Uptime
  private let jobs: WorkQueue<Job>
  private let mailbox: Mailbox<Reading>
  private var mailboxSource: EventSource?
  private var cache: IdentityCache
  private var inFlight: [Key: [Waiter]] = [:]
  private var complaints = RateLimit(every: .seconds(60))
  private var isComplaining = false

  /// What is renewed ahead of time: what the serving generation needs.
  private var scope: IdentityScope?
  private var ageing: [Name] = []
  private let mostAhead: Int
  private let lookEvery: Duration
  private var lookTimer: EventSource?
  /// Whether the timer runs that renews readings ahead of time.
  private(set) var isLookingAhead = false

  /// Called when a reading has succeeded after others have failed.
  var onRecovery: () -> Void = {}

  /// When the newest reading failed and why; nil once one has succeeded since.
  private(set) var failing: (since: Instant, problem: String)?

  /// Starts the threads.
  ///
  /// At most `bound` readings wait for a thread; further callers get an older reading or nil.
  init(
    loop: EventLoop, directory: any Directory, log: Log, threads: Int = 4, bound: Int = 256,
    cache: IdentityCache = IdentityCache(), lookEvery: Duration = IdentityService.lookEvery,
    uptime: @escaping () -> Uptime = { Uptime.now }
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
      // Not joined: a directory may block it for ever.
      thread.detach()
    }
    mailboxSource = try loop.onReadable(mailbox.descriptor) { [unowned self] in
      for reading in mailbox.take() { finish(reading) }
    }
    lookTimer = try loop.timer(accuracy: lookEvery / 3) { [unowned self] in
      lookAhead()
    }
  }

  /// The number of users whose readings are kept.
  var userCount: Int { cache.count }

  /// The identity of a user who asks; nil if it is not known or not fresh.
  func known(_ user: Name, for scope: IdentityScope) -> UserIdentity? {
    let identity = cache.ask(user, covering: scope.groups, at: uptime())
    if identity != nil, !isLookingAhead { planLook() }
    return identity
  }

  /// Gives the identity of a user whom somebody else asks about: at once if it is known and fresh,
  /// else as `read` does.
  func find(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (UserIdentity?) -> Void
  ) {
    if let identity = cache.fresh(user, covering: scope.groups, at: uptime()) {
      return completion(identity)
    }
    read(user, for: scope, within: time, Waiter(scope, isUser: false, completion))
  }

  /// Reads a user and calls back within the time: with the new reading, else with an older one that
  /// may still serve, else with nil.
  ///
  /// If there is an older one, it waits only half the time: while a directory hangs, a known user
  /// should not wait long for it.
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

  /// Makes every reading that was begun before now stale, for a new generation that needs other
  /// groups; the readings of users who have logged in lately are renewed at once.
  func makeStale(for scope: IdentityScope) {
    cache.makeStale(at: uptime())
    self.scope = scope
    ageing = []
    lookAhead()
  }

  /// Tells the threads to end after their present work; does not wait for them.
  func close() { jobs.close() }

  // MARK: Ahead

  private func planLook() {
    isLookingAhead = true
    lookTimer?.set(after: lookEvery)
  }

  /// Renews ageing readings, and sets the timer again if somebody has logged in lately.
  private func lookAhead() {
    isLookingAhead = false
    guard let ageing = cache.ageing(at: uptime()) else { return }
    // First those that a failing directory has left, then those that had their turn.
    if self.ageing.isEmpty { self.ageing = ageing }
    readAhead()
    planLook()
  }

  /// Starts renewals, on at most half of the threads: the others are for users who log in.
  ///
  /// The next one starts when one is done; while readings fail, only at the timer's next time.
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
      if failing != nil {
        failing = nil
        onRecovery()
      }
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

  /// Remembers that the directory fails, and logs it once a minute.
  private func fail(_ error: DirectoryError) {
    failing = (failing?.since ?? .now(), error.description)
    guard complaints.take(at: uptime()) != nil else { return }
    isComplaining = true
    log.post(
      .warning,
      "users and groups cannot be read (\(error)); readings younger than identity.max_age serve on")
  }
}
