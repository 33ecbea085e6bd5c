import GatehousePlatform
import GatehouseState

/// Counts the starts that fail one after the other, and has each of them wait longer.
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
    static let most = 1 << 20
  }

  /// The longest pause.
  static let longestPause = Duration.seconds(10)

  /// Counts this start as one that fails.
  init(state folder: String, boot: String) {
    file = StateFile(folder: folder, name: "failed-starts", KeptState.failedStarts)
    if case .value(let record)? = try? file.read(), record.boot == boot {
      failures = record.failures
    } else {
      failures = 0
    }
    let record = Record(boot: boot, failures: min(failures + 1, Record.most))
    isKept = (try? file.write(record, durably: false)) != nil
  }

  /// How long a start waits after so many failures.
  static func pause(after failures: Int) -> Duration {
    guard failures > 0 else { return .zero }
    return min(.milliseconds(100 << min(failures - 1, 10)), longestPause)
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
    if !isKept { _ = CurrentProcess.isToldToEnd(within: Self.longestPause) }
  }
}
