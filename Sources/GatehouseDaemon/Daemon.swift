import CPosix
import GatehouseIdentity
import Glibc

/// The daemon, from its start to its end.
public enum Daemon {
  /// Serves until a signal ends it, and returns the exit status: 0, or 1 where it could not start.
  ///
  /// To be called once, before the process has any other thread.
  public static func run(_ options: Options) -> Int32 {
    blockSignals()
    gh_give_memory_back()
    do {
      let sink = sink(options.log)
      let log = try Log { sink.write($0) }
      defer { log.close() }
      do {
        return try serve(options, log)
      } catch {
        log.post(.error, "\(error)")
        // Whoever started it by hand reads no journal.
        if sink != .standardError { write("gatehoused: \(error)\n", to: STDERR_FILENO) }
        return 1
      }
    } catch {
      write("gatehoused: \(error)\n", to: STDERR_FILENO)
      return 1
    }
  }

  private static func serve(_ options: Options, _ log: Log) throws -> Int32 {
    let listener = try ListeningSocket.acquire(options.socket)
    defer { listener.withdraw() }
    let manager = ServiceManager()
    let loop = try EventLoop()
    let parts = try Parts(
      options, loop: loop, listener: listener, limit: Server.connectionLimit(),
      directory: SystemDirectory(), sessions: SystemSessions(),
      clock: .system(boot: options.boot), hostName: hostName(), log: log, manager: manager)
    defer { parts.close() }

    let reload = try loop.onSignal(SIGHUP) { parts.keeper.reload() }
    var isStopping = false
    let stop = {
      // Asked twice, it does not wait any longer.
      if isStopping { return loop.exit(0) }
      isStopping = true
      manager.stopping()
      parts.server.stop { loop.exit(0) }
    }
    let ends = [try loop.onSignal(SIGTERM, stop), try loop.onSignal(SIGINT, stop)]

    manager.ready(parts.keeper.summary)
    log.post(
      .info, "listening on \(listener.path)\(listener.isOwn ? "" : ", handed over by systemd")")
    let status = try withExtendedLifetime((reload, ends)) { try loop.run() }
    log.post(.info, "ended by a signal")
    return status
  }

  /// The loop takes these by signalfd, so that no thread may be interrupted by one; a peer that has
  /// gone is an error of the call that finds out.
  private static func blockSignals() {
    var signals = sigset_t()
    // SAFETY: `signals` is of this frame.
    unsafe sigemptyset(&signals)
    for number in [SIGHUP, SIGTERM, SIGINT] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  private static func sink(_ target: Options.LogTarget) -> LogSink {
    switch target {
    case .auto: .automatic()
    case .journal: .journal
    case .syslog: .syslog
    case .stderr: .standardError
    }
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // SAFETY: one byte less than the array has, so that its last stays the end of the text.
    _ = unsafe gethostname(&name, name.count - 1)
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Writes a text to a descriptor, whatever becomes of it.
public func write(_ text: String, to descriptor: Int32) {
  let bytes = Array(text.utf8)
  // SAFETY: the pointer is valid for the count of the array.
  _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
