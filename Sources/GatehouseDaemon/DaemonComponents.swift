import GatehouseFit
import GatehouseGuard
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// Everything that serves, on one loop.
final class DaemonComponents {
  let keeper: PolicyKeeper
  let server: Server
  private let identities: IdentityService
  private let denials: DenialBook
  private let codes: CodeBook
  private let shadows: ShadowKeeper
  /// Work that must not wait while a policy is being loaded.
  private let worker: Worker
  /// Replies to administrators, and what the shadow judges.
  private let replies: Worker
  private let tests: PAMTests
  private let book: LoginBook
  private let watch: SessionWatch
  /// Looks at what serves, for nobody who waits.
  private let reviewer: Worker

  /// Reads what is kept on the disk and loads a policy; it answers as soon as the loop runs.
  init(
    _ options: Options, loop: EventLoop, listener: ListeningSocket, limit: Int,
    directory: some Directory, fit: PolicyFit?, sessions: some LoginSessions,
    monitor: (any SessionNews)?, clock: any TrialClock, machine: String?,
    scene sources: @escaping @Sendable () -> SceneSources,
    hostName: String, log: Log, manager: ServiceManager
  ) throws {
    let own = try OwnAddresses(loop: loop, log: log)
    book = try LoginBook(
      loop: loop, state: options.state, boot: clock.boot,
      socket: listener.isOwn ? nil : listener.inode, now: SystemClock.awakeSinceBoot(), log: log)
    worker = try Worker("grants", loop: loop)
    let identities = try IdentityService(
      loop: loop, directory: directory, state: options.state, worker: worker, log: log)
    let grants = try GrantBook(loop: loop, state: options.state, worker: worker, log: log)
    let codes = CodeBook(state: options.state, worker: worker, log: log)
    denials = try DenialBook(loop: loop, state: options.state, worker: worker, log: log)
    grants.start()
    denials.start()
    codes.start()
    let reviewer = try Worker("review", loop: loop)
    self.reviewer = reviewer
    let endings = try EndingWatch(
      loop: loop, worker: reviewer, directory: directory, record: book.record)
    let scene: SceneReader = { [record = book.record] old, new, asker in
      GuardScene.read(old: old, new: new, asker: asker, record: record(), from: sources())
    }
    let mark = LoadMark(folder: options.state, boot: clock.boot, log: log)
    keeper = try PolicyKeeper(
      loop: loop, folder: options.config, state: options.state, machine: machine, mark: mark,
      review: PolicyReview(fit: fit), reviewer: reviewer, scene: scene,
      settle: { [book] in book.settle($0) },
      clock: clock, log: log, manager: manager,
      onSwap: { generation in
        identities.makeStale()
        endings.watch(generation.policy)
        grants.obey(generation)
        codes.obey(generation)
      })
    identities.onRecovery = { [unowned keeper] in keeper.directoryAnswers() }
    keeper.start()
    // At a start whatever serves is the bound: what the grants' file says proves nothing.
    if let limits = keeper.serving?.policy.grantLimits {
      grants.obey(limits)
    }
    replies = try Worker("replies", loop: loop)
    shadows = try ShadowKeeper(
      loop: loop, identities: identities, worker: keeper.worker, judging: replies, scene: scene,
      state: options.state, mark: mark, log: log)
    shadows.start()
    keeper.onChange = { [unowned shadows] in shadows.obey($0, after: $1) }
    tests = PAMTests(loop: loop, log: log)
    // Who watches is not made yet, and whoever is seen needs the one who judges.
    var watching: SessionWatch?
    let origins = OriginResolver(own: own, sessions: sessions, book: book, log: log) { watching }
    watch = try SessionWatch(
      loop: loop, sessions: sessions, monitor: monitor, log: log,
      onGap: { [book] in book.miss(at: SystemClock.awakeSinceBoot()) },
      onNew: { [keeper] in origins.see($0, for: keeper.serving?.policy) })
    watching = watch
    let answerer = Answerer(
      replies: replies, tests: tests, keeper: keeper, identities: identities, grants: grants,
      codes: codes,
      denials: denials, shadows: shadows, sessions: sessions, origins: origins, book: book,
      endings: endings,
      own: own, log: log, hostName: hostName, folder: options.config, socket: listener.path)
    server = try Server(
      loop: loop, listener: listener, limit: limit, log: log, catchUp: { own.readNews() }
    ) { (frame, connection) throws(WireError) in try answerer.answer(frame, for: connection) }
    self.identities = identities
    self.codes = codes
  }

  /// Accepts no new clients, and calls back once every client that has come has its reply.
  func stop(onEmpty: @escaping () -> Void) {
    tests.endAll()
    server.stop(onEmpty: onEmpty)
  }

  /// Waits until everything that is kept is on the disk; to be called once the loop has ended.
  func close() {
    replies.close()
    watch.close()
    reviewer.close()
    book.close()
    shadows.close()
    keeper.close()
    worker.close()
    denials.close()
    codes.close()
    identities.close()
  }
}
