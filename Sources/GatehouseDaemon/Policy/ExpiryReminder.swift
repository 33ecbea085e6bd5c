import GatehousePlatform
import GatehousePolicy

/// Logs which lists of the serving policy will match nothing in a few days, because their last
/// entries end: as soon as a policy serves, and then once a day.
///
/// The search runs on the worker's thread: a long policy takes a while.
final class ExpiryReminder {
  private let worker: Worker
  private let log: Log
  private let interval: Duration
  private var policy: Policy?
  private var place = ""
  private var timer: EventSource?

  /// The interval is a day, except in tests.
  init(
    loop: EventLoop, worker: Worker, log: Log,
    interval: Duration = .seconds(86_400)
  ) throws(SystemError) {
    self.worker = worker
    self.log = log
    self.interval = interval
    timer = try loop.timer { [unowned self] in remind() }
  }

  /// Starts again with the policy that serves from now on; `place` says where it comes from.
  func watch(_ policy: Policy, from place: String) {
    self.policy = policy
    self.place = place
    remind()
  }

  private func remind() {
    guard let policy else { return }
    worker.run { [log, place] in
      log.post(policy.endingLists(), of: place)
    } then: { [unowned self] in
      timer?.set(after: interval)
    }
  }
}
