import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// Reads users and groups, without blocking the loop.
///
/// A user is first looked for in the machine's own files, which nothing can hold up. Root is known by them
/// alone. For everybody else the directory is asked, once at a time for each user. What is known is kept
/// over restarts, but for the last minute of a daemon that was killed. Lives on the loop.
final class IdentityService {
  /// How long a user of the machine's own files waits for the directory, at most.
  private static let localPatience = Duration.milliseconds(250)
  /// How long after a reading it is on the disk at the latest.
  private static let savePause = Duration.seconds(60)

  private struct Key: Hashable {
    let user: Name
    let generation: Int
  }

  private struct Job: Sendable {
    let key: Key
    let scope: IdentityScope
    let begunAt: Uptime
    /// An answer about a group serves that is from no earlier look-up.
    var groupsSince: Uptime
    /// Whether sssd and winbind are asked about themselves afterwards, by the same thread.
    var asksServices = false
  }

  private enum News: Sendable {
    /// What the machine's own files say.
    case local(Key, UserIdentity?)
    case reading(Job, Result<UserIdentity, DirectoryError>, Trust)
    /// What sssd and winbind say of themselves; the thread that asked them is free again.
    case services([DirectoryService])
  }

  /// How long what sssd and winbind said of themselves counts: each question to them is one more to the
  /// server.
  private static let serviceInterval = Duration.seconds(30)

  /// What the machine's settings let a reading prove; to find that out reads a file, and so is not done
  /// on the loop.
  private struct Trust: Sendable {
    let provesGroupLists: Bool
    let isCertainOfAbsence: Bool
  }

  /// A user who is being read.
  private final class Reading {
    let scope: IdentityScope
    var waiters: [Waiter] = []
    /// What the machine's own files say; nil if they do not have the user, or were not read yet.
    var local: UserIdentity?
    /// Whether the directory is being asked.
    var isBegun = false
    /// Whether the directory is believed, whatever it has lost.
    var isBelieved = false

    init(_ scope: IdentityScope) { self.scope = scope }
  }

  /// What comes of waiting.
  private struct Answer {
    /// What is known of the user; nil if nothing is.
    let identity: UserIdentity?
    /// What was read just now; nil if nothing came in time.
    var reading: Result<UserIdentity, DirectoryError>?
  }

  private final class Waiter {
    /// Whether it waits for the directory also if the machine's own files have the user.
    let isPatient: Bool
    let end: Uptime
    let completion: (Answer) -> Void
    var timer: EventSource?

    init(end: Uptime, isPatient: Bool, _ completion: @escaping (Answer) -> Void) {
      self.end = end
      self.isPatient = isPatient
      self.completion = completion
    }
  }

  private let loop: EventLoop
  private let log: Log
  private let uptime: () -> Uptime
  private let threads: DirectoryThreads<Job>
  private let locals: WorkQueue<Job>
  private let mailbox: Mailbox<News>
  private var mailboxSource: EventSource?
  private var cache: IdentityCache
  private let file: StateFile<KnownUsers>
  private var saved: SavedState<KnownUsers>?
  private var saveTimer: EventSource?
  private var isUnsaved = false
  private var readings: [Key: Reading] = [:]
  /// The users for whom the directory is to be asked as soon as there is a thread, oldest first.
  private var pending: [Key] = []
  private let bound: Int
  private var complaints = RateLimit(every: .seconds(60))
  private var isComplaining = false

  /// Called when a reading has succeeded after others have failed.
  var onRecovery: () -> Void = {}

  /// When the newest reading failed and why; nil once one has succeeded since.
  private(set) var failing: (since: Instant, problem: String)?

  /// What sssd and winbind said of themselves last, by their names, and when.
  private(set) var services: [String: (isOnline: Bool?, at: Instant)] = [:]

  private var servicesAskedAt: Uptime?

  /// When the newest reading was made that the directory answered; nil if none was.
  private(set) var lastReadAt: Instant?

  /// Takes up what was kept in the folder `state`, and starts the thread for the machine's own files.
  ///
  /// What is known is written by `worker`.
  /// At most `bound` users are read at a time or wait for it; further callers get what is known, or nil.
  /// At most `threads` are read at once.
  init(
    loop: EventLoop, directory: any Directory, state: String, worker: Worker, log: Log,
    threads: Int = 64, bound: Int = 4096, cache: IdentityCache = IdentityCache(),
    uptime: @escaping () -> Uptime = { Uptime.now }
  ) throws(SystemError) {
    self.loop = loop
    self.log = log
    self.cache = cache
    file = StateFile(folder: state, name: "identities", KeptState.identities)
    self.bound = bound
    self.uptime = uptime
    locals = WorkQueue(bound: bound)
    let mailbox = try Mailbox<News>()
    self.mailbox = mailbox
    let table = GroupTable()
    self.threads = DirectoryThreads(atMost: threads) { job in
      let result = Result { () throws(DirectoryError) in
        try directory.reading(
          of: job.key.user, among: job.scope.groups,
          sharing: .init(of: table, at: job.begunAt, since: job.groupsSince))
      }
      let trust = Trust(
        provesGroupLists: directory.provesGroupLists,
        isCertainOfAbsence: directory.isCertainOfAbsence)
      mailbox.post(.reading(job, result, trust))
      // Nobody waits for these.
      if job.asksServices { mailbox.post(.services(directory.services(for: job.key.user))) }
    }
    let thread = try Thread("files") { [locals] in
      while let job = locals.pop() {
        let local = directory.localReading(of: job.key.user, among: job.scope.groups)
        mailbox.post(.local(job.key, local))
      }
    }
    thread.detach()
    saved = SavedState(file, worker: worker) { [unowned self] in
      isUnsaved = false
      return self.cache.known
    }
    saveTimer = try loop.timer { [unowned self] in save() }
    let kept = file.value(
      reportingTo: log, .warning,
      ifLost: "what was known of users is lost; if a directory is away, they are unknown")
    if let kept { self.cache.restore(kept) }
    mailboxSource = try loop.onReadable(mailbox.descriptor) { [unowned self] in
      for news in mailbox.take() {
        switch news {
        case .local(let key, let local): begin(key, local)
        case .reading(let job, let result, let trust): finish(job, result, trust)
        case .services(let services):
          note(services)
          self.threads.finish()
          startPending()
        }
      }
    }
  }

  /// The number of users of whom something is known.
  var userCount: Int { cache.count }

  /// The identity of a user, if it was read just now.
  func known(_ user: Name, for scope: IdentityScope) -> UserIdentity? {
    cache.fresh(user, covering: scope.groups, at: uptime())
  }

  /// Gives the identity of a user: at once if it was read just now, else as `read` does.
  func find(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (UserIdentity?) -> Void
  ) {
    if let identity = known(user, for: scope) { return completion(identity) }
    read(user, for: scope, within: time, completion: completion)
  }

  /// Reads a user and calls back within the time, with the new reading, or with what is known if that
  /// does not come; nil if nothing is known.
  ///
  /// If something is known, it waits only half the time, and for a user of the machine's own files a
  /// quarter of a second: while a directory hangs, they should not wait long for it.
  func read(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (UserIdentity?) -> Void
  ) {
    let isKnown = cache.identity(user, for: scope, at: uptime())?.isKnown ?? false
    wait(for: user, scope, within: isKnown ? time / 2 : time) { completion($0.identity) }
  }

  /// Reads a user, whatever is known, and calls back within the time with what the directory says.
  ///
  /// That is believed from then on, also if all groups of the user are gone, or the user is.
  func refresh(
    _ user: Name, for scope: IdentityScope, within time: Duration,
    completion: @escaping (Result<UserIdentity, DirectoryError>) -> Void
  ) {
    wait(for: user, scope, within: time, isRefreshing: true) { answer in
      completion(
        answer.reading ?? .failure(DirectoryError("user \"\(user)\": no answer in time")))
    }
  }

  private func wait(
    for user: Name, _ scope: IdentityScope, within time: Duration, isRefreshing: Bool = false,
    _ completion: @escaping (Answer) -> Void
  ) {
    let now = uptime()
    let key = Key(user: user, generation: scope.number)
    if readings[key] == nil {
      let job = Job(key: key, scope: scope, begunAt: now, groupsSince: now)
      guard readings.count < bound, locals.push(job) else {
        fail(DirectoryError("too many users wait for the directory"))
        return completion(Answer(identity: known(key, scope, nil)))
      }
      readings[key] = Reading(scope)
    }
    guard let reading = readings[key] else { return }
    if isRefreshing { reading.isBelieved = true }
    let waiter = Waiter(end: now + time, isPatient: isRefreshing, completion)
    reading.waiters.append(waiter)
    do {
      waiter.timer = try loop.timer { [unowned self, unowned waiter] in giveUp(waiter, key) }
      waiter.timer?.set(after: time)
      if reading.local != nil { hurry(waiter) }
    } catch {
      log.post(.error, .failed, "\(error)")
      giveUp(waiter, key)
    }
  }

  /// Has a waiter for a user of the machine's own files wait no longer than such users do.
  private func hurry(_ waiter: Waiter) {
    guard !waiter.isPatient else { return }
    waiter.timer?.set(after: min(max(.zero, waiter.end - uptime()), Self.localPatience))
  }

  /// When the directory said what is known of a user, the oldest answer that counts; nil if it never did.
  func readAt(_ user: Name, for scope: IdentityScope) -> Instant? {
    let now = uptime()
    return cache.oldestAnswer(of: user, for: scope, at: now).map { .now() - (now - $0) }
  }

  /// Makes every reading that was begun before now stale, for a new generation that needs other groups.
  func makeStale() {
    cache.makeStale(at: uptime())
    servicesAskedAt = nil
  }

  /// Writes what was not written yet, and tells the threads to end after their present work; does not
  /// wait for them.
  ///
  /// To be called once the loop and the worker have ended.
  func close() {
    if isUnsaved { try? file.write(cache.known) }
    locals.close()
    threads.close()
  }

  // MARK: Keeping

  private func planSave() {
    guard !isUnsaved else { return }
    isUnsaved = true
    saveTimer?.set(after: Self.savePause)
  }

  private func save() {
    saved?.save { [log] error in
      guard let error else { return }
      log.post(
        .warning, .stateNotKept, "what is known of users is not kept over a restart: \(error)")
    }
  }

  // MARK: Readings

  /// The machine's own files were read: asks the directory, unless they know everything.
  private func begin(_ key: Key, _ local: UserIdentity?) {
    guard let reading = readings[key] else { return }
    if let local, local.userID == 0 {
      readings[key] = nil
      for waiter in reading.waiters {
        waiter.completion(Answer(identity: local, reading: .success(local)))
      }
      return
    }
    reading.local = local
    if local != nil { reading.waiters.forEach(hurry) }
    pending.append(key)
    startPending()
  }

  private func note(_ services: [DirectoryService]) {
    for service in services { self.services[service.name] = (service.isOnline, .now()) }
  }

  private func startPending() {
    while let key = pending.first {
      guard let reading = readings[key], !reading.isBegun else {
        // Everybody who waited for it has had their answer.
        pending.removeFirst()
        continue
      }
      let now = uptime()
      let isDue = servicesAskedAt.map { now - $0 >= Self.serviceInterval } ?? true
      let job = Job(
        key: key, scope: reading.scope, begunAt: now,
        groupsSince: reading.isBelieved ? now : cache.groupsSince(at: now), asksServices: isDue)
      guard threads.start(job) else { return }
      if isDue { servicesAskedAt = now }
      reading.isBegun = true
      pending.removeFirst()
    }
  }

  private func finish(
    _ job: Job, _ result: Result<UserIdentity, DirectoryError>, _ trust: Trust
  ) {
    if !job.asksServices { threads.finish() }
    let reading = readings.removeValue(forKey: job.key)
    switch result {
    case .success(let identity):
      cache.keep(
        identity, of: job.key.user,
        readAt: job.begunAt + (.zero - max(identity.age, identity.groupAge)),
        maxAge: job.scope.maxAge,
        isProved: trust.provesGroupLists,
        isBelieved: reading?.isBelieved == true && identity.problem == nil)
      planSave()
      lastReadAt = .now()
      if let problem = identity.problem {
        fail(DirectoryError(problem))
      } else if identity.age > .zero {
        fail(
          DirectoryError(
            "user \"\(identity.name)\": sssd is away from its server, and answers with what it has")
        )
      } else if identity.isSure, reading?.local == nil || trust.isCertainOfAbsence {
        // A user of the machine's own files says nothing of the directory.
        recover()
      }
    case .failure(let error): fail(error)
    }
    for waiter in reading?.waiters ?? [] {
      waiter.completion(
        Answer(identity: known(job.key, job.scope, reading?.local), reading: result))
    }
    startPending()
  }

  private func giveUp(_ waiter: Waiter, _ key: Key) {
    guard let reading = readings[key] else { return }
    reading.waiters.removeAll { $0 === waiter }
    if reading.waiters.isEmpty, !reading.isBegun { readings[key] = nil }
    if reading.local == nil { fail(DirectoryError("user \"\(key.user)\": no answer in time")) }
    waiter.completion(Answer(identity: known(key, reading.scope, reading.local)))
  }

  /// What is known of a user, also by the machine's own files; nil if nothing is.
  private func known(
    _ key: Key, _ scope: IdentityScope, _ local: UserIdentity?
  ) -> UserIdentity? {
    let identity = cache.identity(key.user, for: scope, at: uptime())
    guard let local else { return identity }
    guard let identity, identity.isKnown else { return local }
    return identity.completed(by: local)
  }

  private func recover() {
    if failing != nil {
      failing = nil
      onRecovery()
    }
    if isComplaining { log.post(.notice, .directoryAnswers, "users and groups can be read again") }
    isComplaining = false
  }

  /// Remembers that the directory fails, and logs it once a minute.
  private func fail(_ error: DirectoryError) {
    failing = (failing?.since ?? .now(), error.description)
    guard complaints.take(at: uptime()) != nil else { return }
    isComplaining = true
    log.post(
      .warning, .directoryFails,
      "users and groups cannot be read (\(error)); readings younger than identity.max_age serve on")
  }
}

extension UserIdentity {
  /// The same, with what the machine's own files know of groups that are unsure.
  fileprivate func completed(by local: UserIdentity) -> UserIdentity {
    guard let userID, !unsureGroups.isEmpty else { return self }
    return UserIdentity(
      name: name, userID: userID,
      groups: groups.union(local.groups.intersection(unsureGroups)),
      unsureGroups: unsureGroups.intersection(local.unsureGroups), askedGroups: askedGroups,
      source: source)
  }
}
