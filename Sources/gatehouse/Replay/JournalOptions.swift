import ArgumentParser
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// The options that say which part of which journal to read.
struct JournalOptions: ParsableArguments {
  @Option(
    name: .customLong("since"),
    help: ArgumentHelp(
      "How far back: a number and one of s, m, h, d, such as 30d.", valueName: "length"))
  private var length: String?

  @Option(
    name: .customLong("from-journal"),
    help: ArgumentHelp(
      "Read the journal files in this folder instead of this machine's journal.",
      valueName: "folder"), completion: .directory)
  private var folder: String?

  func validate() throws {
    guard let length, duration(of: length) == nil else { return }
    throw ValidationError(
      "--since \(length): not a duration of at most 366 days, such as 30d or 12h")
  }

  /// Whether it is this machine's own journal.
  var isOfMachine: Bool { folder == nil }

  /// The time from which on logins are read.
  ///
  /// - Parameter defaultLength: How far back to read if the option does not say it.
  /// - Returns: A time before now.
  func start(last defaultLength: Duration) -> Instant {
    .now() - (length.flatMap { duration(of: $0) } ?? defaultLength)
  }

  /// Reads the logins, and shows the progress on standard error.
  ///
  /// - Parameters:
  ///   - defaultLength: How far back to read if the option does not say it.
  ///   - visit: Called with each login.
  /// - Returns: What was read, and the time from which on logins were read.
  /// - Throws: If the journal cannot be read.
  func read(
    last defaultLength: Duration, _ visit: (RecordedLogin) -> Void
  ) throws(CommandFailure) -> (record: LoginHistory.Summary, since: Instant) {
    let now = Instant.now()
    let since = now - (length.flatMap { duration(of: $0) } ?? defaultLength)
    do throws(JournalError) {
      let history = try LoginHistory(folder.map { .folder($0) } ?? .machine, since: since)
      var progress = Progress(from: history.since, to: now)
      defer { progress.finish() }
      let record = try history.read(progress: { progress.reach($0) }, visit: visit)
      return (record, since)
    } catch {
      throw .unreadable(error, folder: folder)
    }
  }
}

extension CommandFailure {
  /// A journal cannot be read: that in a folder, or the machine's.
  static func unreadable(_ error: JournalError, folder: String?) -> Self {
    let remedy =
      folder == nil
      ? "run this as root, on a machine whose systemd-journald keeps its journal"
      : "the folder must have files that end in .journal, as in /var/log/journal"
    return .unreachable("\(error)", remedy: error.isMissing ? remedy : nil)
  }
}

/// Shows on standard error how much of the journal has been read.
struct Progress {
  /// The number of entries between two looks at the clock.
  private static let stride = 1024

  private let start: Instant
  private let end: Instant
  private var count = 0
  private var line = ProgressLine()

  init(from start: Instant, to end: Instant) {
    self.start = start
    self.end = end
  }

  /// Counts one more entry.
  ///
  /// - Parameter time: The time of the entry.
  mutating func reach(_ time: Instant) {
    count += 1
    guard count % Self.stride == 0 else { return }
    // Negative if the journal is read from its end.
    let whole = end.microseconds - start.microseconds
    let part = (time.microseconds - start.microseconds) * 100
    let percent = whole == 0 ? 100 : min(100, max(0, part / whole))
    line.show("\(percent)% of the journal, \(count) entries")
  }

  /// Removes the line.
  func finish() { line.finish() }
}

/// Shows on standard error how far something that takes long is.
///
/// On a terminal that is one line, removed at the end; elsewhere a line every ten seconds. Nothing is
/// shown for what takes less than a second.
struct ProgressLine {
  private static let isTerminal = StandardStream.error.isTerminal
  private static let patience: Duration = isTerminal ? .seconds(1) : .seconds(10)
  private static let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(10)

  private var next = Uptime.now + patience
  private var isShown = false

  /// Shows how far it is, if it is time.
  mutating func show(_ text: @autoclosure () -> String) {
    let now = Uptime.now
    guard now >= next else { return }
    next = now + Self.pause
    isShown = true
    let line = "gatehouse: \(text())"
    Terminal.say(Self.isTerminal ? "\r\(line)" : "\(line)\n")
  }

  /// Removes the line.
  func finish() {
    if isShown && Self.isTerminal { Terminal.say("\r\u{1B}[K") }
  }
}
