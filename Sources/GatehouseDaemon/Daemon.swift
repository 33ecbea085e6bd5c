import GatehouseIdentity
import GatehousePlatform

/// The daemon, from its start to its end.
public enum Daemon {
  /// Serves until a signal ends it, and returns the exit status: 0, or 1 where it could not start.
  ///
  /// To be called once, before the process has any other thread.
  public static func run(_ options: Options) -> Int32 {
    CurrentProcess.leaveSignalsToLoop()
    FreedMemory.giveBack()
    do {
      let manager = ServiceManager()
      let clock = BootClock.system(boot: options.boot)
      // Nobody starts a daemon again and again that was started by hand.
      let starts =
        manager.isThere ? StartCount(state: options.state, boot: clock.boot ?? "-") : nil
      if let starts, !starts.wait(manager) { return 0 }
      let sink = sink(options.log)
      let log = try Log { sink.write($0) }
      defer { log.close() }
      do {
        return try serve(options, log, manager, clock, starts)
      } catch {
        log.post(.error, "\(error)")
        starts?.fail()
        // Whoever started it by hand reads no journal.
        if sink != .standardError { StandardStream.error.say("gatehoused: \(error)\n") }
        return 1
      }
    } catch {
      StandardStream.error.say("gatehoused: \(error)\n")
      return 1
    }
  }

  private static func serve(
    _ options: Options, _ log: Log, _ manager: ServiceManager, _ clock: BootClock,
    _ starts: StartCount?
  ) throws -> Int32 {
    let listener = try ListeningSocket.acquire(options.socket)
    defer { listener.withdraw() }
    let loop = try EventLoop()
    let parts = try Parts(
      options, loop: loop, listener: listener, limit: Server.connectionLimit(),
      directory: SystemDirectory(), sessions: LoginManager(),
      clock: clock, hostName: Machine.hostName, log: log, manager: manager)
    defer { parts.close() }

    let reload = try loop.onSignal(.hangUp) { parts.keeper.reload() }
    var isStopping = false
    let stop = {
      // Asked twice, it does not wait any longer.
      if isStopping { return loop.exit(0) }
      isStopping = true
      manager.stopping()
      parts.server.stop { loop.exit(0) }
    }
    let ends = [try loop.onSignal(.terminate, stop), try loop.onSignal(.interrupt, stop)]

    manager.ready(parts.keeper.summary)
    starts?.succeed()
    log.post(
      .info, "listening on \(listener.path)\(listener.isOwn ? "" : ", handed over by systemd")")
    let status = try withExtendedLifetime((reload, ends)) { try loop.run() }
    log.post(.info, "ended by a signal")
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
