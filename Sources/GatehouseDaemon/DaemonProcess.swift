import GatehouseFit
import GatehouseGuard
import GatehouseIdentity
import GatehouseJournal
import GatehousePlatform
import GatehouseState

/// The daemon, from its start to its end.
public enum DaemonProcess {
  /// Serves until a signal ends it, and returns the exit status: 0, or 1 if it could not start.
  ///
  /// To be called once, before the process has any other thread.
  public static func run(_ options: Options) -> Int32 {
    CurrentProcess.leaveSignalsToLoop()
    FreedMemory.giveBack()
    do {
      let manager = ServiceManager()
      let clock = MachineClock(boot: options.boot)
      // A daemon that was started by hand is not started again and again.
      let starts =
        manager.isThere ? StartCount(state: options.state, boot: clock.boot ?? "-") : nil
      if let starts, !starts.wait(manager) { return 0 }
      let sink = sink(options.log)
      let log = try Log { sink.write($0) }
      defer { log.close() }
      do {
        return try serve(options, log, manager, clock, starts)
      } catch {
        log.post(.error, .failed, "\(error)")
        starts?.fail()
        // A person who started it by hand does not read the journal.
        if sink != .standardError { StandardStream.error.say("gatehoused: \(error)\n") }
        return 1
      }
    } catch {
      StandardStream.error.say("gatehoused: \(error)\n")
      return 1
    }
  }

  private static func serve(
    _ options: Options, _ log: Log, _ manager: ServiceManager, _ clock: MachineClock,
    _ starts: StartCount?
  ) throws -> Int32 {
    let listener = try ListeningSocket.acquire(options.socket)
    defer { listener.withdraw() }
    let stateLock = try StateLock.acquire(folder: options.state, log: log)
    defer { withExtendedLifetime(stateLock) {} }
    let loop = try EventLoop()
    let components = try DaemonComponents(
      options, loop: loop, listener: listener, limit: Server.connectionLimit(),
      directory: SystemDirectory(),
      fit: PolicyFit(directory: SystemDirectory(), calls: BlockingCalls(atMost: 4)),
      sessions: LoginManager(), monitor: try? SessionMonitor(),
      clock: clock, machine: Machine.id, scene: { .machine }, hostName: Machine.hostName, log: log,
      manager: manager)
    defer { components.close() }

    let reload = try loop.onSignal(.hangUp) {
      components.keeper.reload(LoadOrder(occasion: .signal))
    }
    var isStopping = false
    let stop = {
      // AskedLogin twice, it does not wait any longer.
      if isStopping { return loop.exit(0) }
      isStopping = true
      manager.stopping()
      components.stop { loop.exit(0) }
    }
    let ends = [try loop.onSignal(.terminate, stop), try loop.onSignal(.interrupt, stop)]

    starts?.succeed()
    manager.ready(components.keeper.summary)
    log.post(
      .info, .started,
      "listening on \(listener.path)\(listener.isOwn ? "" : ", handed over by systemd")")
    let status = try withExtendedLifetime((reload, ends)) { try loop.run() }
    log.post(.info, .ended, "ended by a signal")
    return status
  }

  private static func sink(_ target: Options.LogTarget) -> LogSink {
    switch target {
    case .auto: .automatic()
    case .journal: .journal
    case .syslog: .syslog
    case .stderr: .standardError
    }
  }
}

/// Counts failed starts in a row, and makes each one wait longer.
///
/// systemd starts the daemon again a tenth of a second after it has ended. That is right for one that
/// was killed while it answered; one that cannot start would fill the log with its attempts.
struct StartCount {
  /// How many starts in a row have failed before this one, in this boot.
  let failures: Int
  private let file: StateFile<Record>
  /// Whether this start counts as failed until it has succeeded.
  private let isKept: Bool

  /// What is kept.
  struct Record: Sendable {
    let boot: String
    let failures: Int
    static let failureLimit = 1 << 20
  }

  /// The longest pause.
  static let maximumPause = Duration.seconds(10)

  /// Counts this start as one that fails.
  init(state folder: String, boot: String) {
    file = StateFile(folder: folder, name: "failed-starts", KeptState.failedStarts)
    if case .value(let record)? = try? file.read(), record.boot == boot {
      failures = record.failures
    } else {
      failures = 0
    }
    let record = Record(boot: boot, failures: min(failures + 1, Record.failureLimit))
    isKept = (try? file.write(record, durably: false)) != nil
  }

  /// How long a start waits after this many failures.
  static func pause(after failures: Int) -> Duration {
    guard failures > 0 else { return .zero }
    return min(.milliseconds(100 << min(failures - 1, 10)), maximumPause)
  }

  /// Waits before this start; false if a signal asks the daemon to end.
  func wait(_ manager: ServiceManager) -> Bool {
    let pause = Self.pause(after: failures)
    guard pause > .zero else { return true }
    manager.waiting(pause, after: failures)
    return !CurrentProcess.isToldToEnd(within: pause)
  }

  /// The daemon is ready: the next start does not wait.
  func succeed() { try? file.remove() }

  /// This start has failed; if that cannot be kept for the next one, the pause is now.
  func fail() {
    if !isKept { _ = CurrentProcess.isToldToEnd(within: Self.maximumPause) }
  }
}
