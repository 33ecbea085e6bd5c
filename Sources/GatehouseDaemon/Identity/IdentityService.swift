import GatehouseIdentity
import GatehousePolicy

/// Finds out who users are, without ever holding up the loop.
///
/// Readings run on a few threads, one at a time for a user, and come back through a mailbox. Lives
/// on the loop.
final class IdentityService {
  private struct Key: Hashable {
    let user: Name
    let generation: Int
  }

  private struct Job: Sendable {
    let user: Name
    let scope: IdentityScope
    let begunAt: MonotonicTime
  }

  private struct Reading: Sendable {
    let job: Job
    let result: Result<Identity, DirectoryError>
  }

  private final class Waiter {
    let scope: IdentityScope
    let completion: (Identity?) -> Void
    var timer: EventSource?

    init(_ scope: IdentityScope, _ completion: @escaping (Identity?) -> Void) {
      self.scope = scope
      self.completion = completion
    }
  }

  private let loop: EventLoop
  private let log: Log
  private let jobs: WorkQueue<Job>
  private let mailbox: Mailbox<Reading>
  private var mailboxSource: EventSource?
  private var cache: IdentityCache
  private var inFlight: [Key: [Waiter]] = [:]
  private var complaints = RateLimit(every: Microseconds(seconds: 60))

  /// When the newest reading failed and why; nil once one has succeeded since.
  private(set) var failing: (since: Instant, problem: String)?

  /// Starts the threads.
  ///
  /// At most `bound` readings wait for one of them; whoever comes then is told what is known.
  init(
    loop: EventLoop, directory: any Directory, log: Log, threads: Int = 4, bound: Int = 256,
    cache: IdentityCache = IdentityCache()
  ) throws(SystemError) {
    self.loop = loop
    self.log = log
    self.cache = cache
    jobs = try WorkQueue(bound: bound)
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
  }

  /// How many users' readings are kept.
  var userCount: Int { cache.count }

  /// Who a user is, where that is known and fresh.
  ///
  /// Where it will not be for long, it is read ahead in the background.
  func known(_ user: Name, for scope: IdentityScope) -> Identity? {
    let now = MonotonicTime.now()
    guard let (identity, isAgeing) = cache.fresh(user, covering: scope.groups, at: now) else {
      return nil
    }
    let key = Key(user: user, generation: scope.number)
    if isAgeing, inFlight[key] == nil { begin(key, scope) }
    return identity
  }

  /// Hands over who a user is: at once where that is known, else as `read` does.
  func find(
    _ user: Name, for scope: IdentityScope, within time: Microseconds,
    completion: @escaping (Identity?) -> Void
  ) {
    if let identity = known(user, for: scope) { return completion(identity) }
    read(user, for: scope, within: time, completion: completion)
  }

  /// Reads who a user is, and hands it over within the time: the new reading, else an older one
  /// that may still serve, else nil.
  ///
  /// With an older one to fall back on, only half the time is waited: while a directory hangs, a
  /// user it knows should not wait much for it.
  func read(
    _ user: Name, for scope: IdentityScope, within time: Microseconds,
    completion: @escaping (Identity?) -> Void
  ) {
    let key = Key(user: user, generation: scope.number)
    let fallback = cache.fallback(user, for: scope, at: .now())
    if inFlight[key] == nil, !begin(key, scope) {
      fail(DirectoryError("too many users wait for the directory"))
      return completion(fallback)
    }
    let waiter = Waiter(scope, completion)
    inFlight[key]?.append(waiter)
    do {
      waiter.timer = try loop.timer { [unowned self, unowned waiter] in giveUp(waiter, key) }
      waiter.timer?.set(after: fallback == nil ? time : Microseconds(time.count / 2))
    } catch {
      log.post(.error, "\(error)")
      giveUp(waiter, key)
    }
  }

  /// Every reading begun until now wants another look before it is used.
  func makeStale() { cache.makeStale(at: .now()) }

  /// Lets the threads end after what they are doing.
  func close() { jobs.close() }

  @discardableResult
  private func begin(_ key: Key, _ scope: IdentityScope) -> Bool {
    guard jobs.push(Job(user: key.user, scope: scope, begunAt: .now())) else { return false }
    inFlight[key] = []
    return true
  }

  private func finish(_ reading: Reading) {
    let job = reading.job
    let waiters = inFlight.removeValue(forKey: Key(user: job.user, generation: job.scope.number))
    switch reading.result {
    case .success(let identity):
      cache.keep(identity, of: job.user, readAt: job.begunAt)
      if failing != nil { log.post(.notice, "users and groups can be read again") }
      failing = nil
      for waiter in waiters ?? [] { waiter.completion(identity) }
    case .failure(let error):
      fail(error)
      for waiter in waiters ?? [] {
        waiter.completion(cache.fallback(job.user, for: job.scope, at: .now()))
      }
    }
  }

  private func giveUp(_ waiter: Waiter, _ key: Key) {
    inFlight[key]?.removeAll { $0 === waiter }
    fail(DirectoryError("user \"\(key.user)\": no answer in time"))
    waiter.completion(cache.fallback(key.user, for: waiter.scope, at: .now()))
  }

  /// Notes that the directory is in trouble, and says so in the log once a minute.
  private func fail(_ error: DirectoryError) {
    failing = (failing?.since ?? .now(), error.description)
    guard complaints.take(at: .now()) != nil else { return }
    log.post(
      .warning,
      "users and groups cannot be read (\(error)); readings younger than identity.max_age serve on")
  }
}
