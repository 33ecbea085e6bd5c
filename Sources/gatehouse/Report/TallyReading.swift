import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import Synchronization

extension LogSource {
  /// Counts the decisions of a time, on as many threads as the machine has processors.
  ///
  /// - Parameters:
  ///   - periods: The beginnings of the periods of the tally.
  ///   - start: The first moment of the time.
  ///   - end: Its end.
  /// - Returns: The tally, and the time of the oldest entry of the whole journal.
  /// - Throws: If the journal cannot be read.
  func tally(
    periods: [Instant], from start: Instant, until end: Instant
  ) throws(CommandFailure) -> (tally: LoginTally, beginning: Instant?) {
    do throws(JournalError) {
      let beginning = try DecisionCount(source, from: start, until: end).beginning
      let first = max(start, beginning ?? start)
      let reading = TallyReading(source, periods: periods, from: first, until: max(first, end))
      return (try reading.result(), beginning)
    } catch { throw .unreadable(error, folder: folder) }
  }
}

/// Counts the decisions of a time in parts, several at once.
private final class TallyReading: Sendable {
  private let source: Journal.Source
  private let periods: [Instant]
  /// The beginnings of the parts, and the end of the last.
  private let borders: [Instant]
  private let nextPart = Atomic(0)
  private let entries = Atomic(0)
  /// How many microseconds of the time were read.
  private let covered = Atomic<Int64>(0)
  private let sum: Mutex<LoginTally>
  private let failure = Mutex<JournalError?>(nil)

  init(_ source: Journal.Source, periods: [Instant], from start: Instant, until end: Instant) {
    self.source = source
    self.periods = periods
    sum = Mutex(LoginTally(periods: periods))
    // Logins come at some hours more than at others, so there are more parts than threads.
    let count = 8 * Int64(Machine.processors)
    let length = end.microseconds - start.microseconds
    borders =
      (0...count).map { part in
        Instant(microsecondsSinceEpoch: start.microseconds + length / count * part)
      }.dropLast() + [end]
  }

  func result() throws(JournalError) -> LoginTally {
    let threads = (0..<Machine.processors).compactMap { _ in
      try? Thread("journal") { [self] in readParts() }
    }
    if threads.isEmpty { readParts() }
    let whole = (borders[borders.count - 1] - borders[0]).wholeMicroseconds
    var line = ProgressLine()
    for thread in threads {
      while !thread.join(within: .milliseconds(200)) {
        let percent = min(100, covered.load(ordering: .relaxed) * 100 / max(1, whole))
        line.show("\(percent)% of the journal, \(entries.load(ordering: .relaxed)) entries")
      }
    }
    line.finish()
    if let failure = failure.withLock({ $0 }) { throw failure }
    return sum.withLock { $0 }
  }

  private func readParts() {
    var tally = LoginTally(periods: periods)
    do throws(JournalError) {
      while true {
        let part = nextPart.add(1, ordering: .relaxed).oldValue
        guard part < borders.count - 1 else { break }
        var count = try DecisionCount(source, from: borders[part], until: borders[part + 1])
        var reached = borders[part]
        try count.read(into: &tally) { time, read in
          entries.add(read, ordering: .relaxed)
          covered.add((time - reached).wholeMicroseconds, ordering: .relaxed)
          reached = time
        }
      }
    } catch {
      failure.withLock { $0 = error }
    }
    sum.withLock { [tally] in $0.add(tally) }
  }
}
