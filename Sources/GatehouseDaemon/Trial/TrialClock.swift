import GatehousePlatform
import GatehousePolicy

/// The clocks of a trial: the machine's, or those of a test.
protocol TrialClock: Sendable {
  /// Tells this boot of the machine from every other; nil if that is not known.
  var boot: String? { get }

  /// The time since the boot: it runs on while the machine sleeps and while the daemon does not run,
  /// and nobody can set it.
  func sinceBoot() -> Duration

  /// The time of day, for people to read.
  func timeOfDay() -> Instant

  /// A timer by `sinceBoot`; it starts unset.
  func timer(
    on loop: EventLoop, _ handler: @escaping () -> Void
  ) throws(SystemError) -> any TrialTimer
}

/// A timer that fires once at each time it is set to.
protocol TrialTimer: AnyObject {
  /// Sets it to fire once, this long from now.
  func set(after time: Duration)
}

extension EventSource: TrialTimer {}

/// The machine's clocks.
struct MachineClock: TrialClock {
  let boot: String?

  /// `boot` is the service manager's id of this boot; if it is nil, it is the kernel's.
  init(boot: String?) { self.boot = boot ?? SystemClock.bootID() }

  func sinceBoot() -> Duration { SystemClock.sinceBoot() }

  func timeOfDay() -> Instant { .now() }

  func timer(
    on loop: EventLoop, _ handler: @escaping () -> Void
  ) throws(SystemError) -> any TrialTimer {
    try loop.bootTimer(handler)
  }
}
