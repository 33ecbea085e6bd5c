import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import Synchronization

extension LogSource {
  /// Counts the decisions of a time, on as many threads as the machine has processors.
  ///
  /// - Parameters:
  ///   - periods: The beginnings of the periods of the tally.
  ///   - start: The first moment of the time.
  ///   - end: Its end.
  /// - Returns: The tally, the time of the oldest entry of the whole journal, and the files of syslog
  ///   that were read because there is no journal.
  /// - Throws: If the journal cannot be read.
  func tally(
    periods: [Instant], from start: Instant, until end: Instant
  ) throws(CommandFailure) -> (tally: LoginTally, beginning: Instant?, syslog: [String]) {
    do throws(JournalError) {
      let beginning = try DecisionCount(source, from: start, until: end).beginning
      let first = max(start, beginning ?? start)
      let reading = TallyReading(files, periods: periods, from: first, until: max(first, end))
      return (try reading.result(), beginning, [])
    } catch {
      var tally = LoginTally(periods: periods)
      var filter = DecisionFilter()
      filter.since = start
      filter.until = end
      if isOfMachine, error.isMissing, let found = SyslogFiles.read(filter, { tally.count($0) }) {
        return (tally, found.beginning, found.paths)
      }
      throw .unreadable(error, folder: folder)
    }
  }
}

/// Counts the decisions of a time, several files of the journal at once.
///
/// A file is read for itself, since to find the next entry in all of them together takes longer the more
/// there are. If there are few of them, they are read in parts.
private final class TallyReading: Sendable {
  private let files: [Journal.Source]
  private let periods: [Instant]
  /// The beginnings of the parts of each file, and the end of the last.
  private let borders: [Instant]
  private let nextPart = Atomic(0)
  private let finishedParts = Atomic(0)
  private let entries = Atomic(0)
  private let sum: Mutex<LoginTally>
  /// The files that cannot be read, and why.
  private let failures = Mutex<[String: JournalError]>([:])

  init(_ files: [Journal.Source], periods: [Instant], from start: Instant, until end: Instant) {
    self.files = files
    self.periods = periods
    sum = Mutex(LoginTally(periods: periods))
    // Logins come at some hours more than at others, so there are more parts than threads.
    let count = Int64(max(1, 8 * Machine.processors / max(1, files.count)))
    let length = end.microseconds - start.microseconds
    borders =
      (0..<count).map { part in
        Instant(microsecondsSinceEpoch: start.microseconds + length / count * part)
      } + [end]
  }

  /// What was counted; throws if no file could be read.
  func result() throws(JournalError) -> LoginTally {
    let threads = (0..<Machine.processors).compactMap { _ in
      try? Thread("journal") { [self] in readParts() }
    }
    if threads.isEmpty { readParts() }
    var line = ProgressLine()
    for thread in threads {
      while !thread.join(within: .milliseconds(200)) {
        let percent = finishedParts.load(ordering: .relaxed) * 100 / max(1, parts)
        line.show("\(percent)% of the journal, \(entries.load(ordering: .relaxed)) entries")
      }
    }
    line.finish()
    let failures = self.failures.withLock { $0 }
    if failures.count == files.count, let failure = failures.values.first { throw failure }
    for (path, failure) in failures.sorted(by: { $0.key < $1.key }) {
      Terminal.say("gatehouse: warning: \(path.escapedForTerminal) is left out: \(failure)\n")
    }
    return sum.withLock { $0 }
  }

  /// How many parts there are of all files.
  private var parts: Int { files.count * (borders.count - 1) }

  private func readParts() {
    var tally = LoginTally(periods: periods)
    while true {
      let part = nextPart.add(1, ordering: .relaxed).oldValue
      guard part < parts else { break }
      let (slice, file) = part.quotientAndRemainder(dividingBy: files.count)
      read(files[file], from: borders[slice], until: borders[slice + 1], into: &tally)
      finishedParts.add(1, ordering: .relaxed)
    }
    sum.withLock { [tally] in $0.add(tally) }
  }

  private func read(
    _ file: Journal.Source, from start: Instant, until end: Instant, into tally: inout LoginTally
  ) {
    do throws(JournalError) {
      var count = try DecisionCount(file, from: start, until: end)
      try count.read(into: &tally) { read in entries.add(read, ordering: .relaxed) }
    } catch {
      // One that is not there any more was old enough to be removed since its name was read.
      guard case .files(let paths, _) = file, let path = paths.first, Files.exists(path) else {
        return
      }
      failures.withLock { $0[path] = error }
    }
  }
}
