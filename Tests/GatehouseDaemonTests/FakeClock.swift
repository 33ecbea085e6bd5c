import GatehousePlatform
import GatehousePolicy
import Synchronization

@testable import GatehouseDaemon

/// The clocks of a test: they stand still until the test moves them on, and then fire the timers
/// that are due.
final class FakeClock: Sendable {
  private struct State {
    /// Since the boot.
    var now = Duration.seconds(1000)
    var timers: [(due: Duration, bell: Mailbox<Void>)] = []
  }

  private let state = Mutex(State())
  /// 2026-11-21T12:00:00Z.
  private static let start = Instant(microsecondsSinceEpoch: 1_795_262_400_000_000)

  /// Moves them on.
  func advance(_ seconds: UInt64) {
    state.withLock { state in
      state.now += .seconds(seconds)
      for timer in state.timers where timer.due <= state.now { timer.bell.post(()) }
      state.timers.removeAll { [now = state.now] in $0.due <= now }
    }
  }

  /// The same clocks, as they are in a boot of the machine.
  func clock(boot: String? = "this") -> some TrialClock { Clock(time: self, boot: boot) }

  private struct Clock: TrialClock {
    let time: FakeClock
    let boot: String?

    func sinceBoot() -> Duration { time.state.withLock { $0.now } }

    func timeOfDay() -> Instant { FakeClock.start + (sinceBoot() - .seconds(1000)) }

    func timer(
      on loop: EventLoop, _ handler: @escaping () -> Void
    ) throws(SystemError) -> any TrialTimer {
      let bell = try Mailbox<Void>()
      let source = try loop.onReadable(bell.descriptor) {
        for _ in bell.take() { handler() }
      }
      return Timer(time: time, bell: bell, source: source)
    }
  }

  private final class Timer: TrialTimer {
    private let time: FakeClock
    private let bell: Mailbox<Void>
    private let source: EventSource

    init(time: FakeClock, bell: Mailbox<Void>, source: EventSource) {
      self.time = time
      self.bell = bell
      self.source = source
    }

    func set(after interval: Duration) {
      time.state.withLock { state in
        state.timers.removeAll { $0.bell === bell }
        state.timers.append((state.now + interval, bell))
      }
    }
  }
}
