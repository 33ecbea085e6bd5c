public import GatehousePlatform
internal import GatehousePolicy
internal import Synchronization

/// The ids of the groups of the policy, which everybody who is looked at has in common.
///
/// They are asked for beside the users, each once for all the users who are looked at within a few seconds.
/// A group whose look-up hangs or fails makes no other unknown, and a failure is an answer only for those
/// who waited for it. Times are those of whoever asks.
public final class GroupTable: Sendable {
  /// The most look-ups of one group at a time, those that hang included.
  private static let lookUpLimit = 2

  private struct Entry {
    /// The answer of the newest look-up that has ended; nil if none has.
    var answer: GroupAnswer?
    /// The number of that look-up.
    var answered = 0
    /// When that was begun.
    var readAt: Uptime?
    /// The number of the newest look-up.
    var asked = 0
    /// When that was begun.
    var askedAt: Uptime?
    /// How many have not ended.
    var open = 0
  }

  private let entries = Mutex<[Name: Entry]>([:])
  private let calls: BlockingCalls
  private let patience: Duration

  /// - Parameters:
  ///   - threads: The most look-ups at a time, those that hang included.
  ///   - patience: How long whoever waits for a group does so at most.
  public init(threads: Int = 48, patience: Duration = .seconds(10)) {
    calls = BlockingCalls(atMost: threads)
    self.patience = patience
  }

  /// What one look at a user takes from a table.
  public struct Share: Sendable {
    let table: GroupTable
    let begunAt: Uptime
    let since: Uptime

    /// - Parameters:
    ///   - table: The table.
    ///   - begunAt: When the look begins.
    ///   - since: An answer serves that is from no earlier look-up.
    public init(of table: GroupTable, at begunAt: Uptime, since: Uptime) {
      self.table = table
      self.begunAt = begunAt
      self.since = since
    }

    /// Has the groups looked up of which there is no such answer; does not wait.
    func begin(_ groups: Set<Name>, of directory: some Directory) -> Pending {
      table.begin(groups, self, of: directory)
    }
  }

  /// Answers that are there, or on their way.
  struct Pending {
    let share: Share
    /// The answers that are there.
    let known: [Name: GroupAnswer]
    /// The number of the look-up that is waited for.
    let awaited: [Name: Int]

    /// How long before the look at the user the first of them was asked for.
    let age: Duration

    /// The answers, and how long before the look at the user the first of them was asked for; waits for
    /// those that are on their way, but not for ever.
    func answers() -> (answers: [Name: GroupAnswer], age: Duration) {
      let late = share.table.answers(to: awaited, share)
      return (late.answers.merging(known) { _, known in known }, max(age, late.age))
    }
  }

  private func begin(
    _ groups: Set<Name>, _ share: Share, of directory: some Directory
  ) -> Pending {
    var due: [(group: Name, number: Int)] = []
    var known: [Name: GroupAnswer] = [:]
    var awaited: [Name: Int] = [:]
    var age = Duration.zero
    entries.withLock { entries in
      // What no policy names any more is let go.
      if entries.count > 2 * groups.count + 64 {
        entries = entries.filter { groups.contains($0.key) || $0.value.open > 0 }
      }
      for group in groups {
        var entry = entries[group] ?? Entry()
        if case .success? = entry.answer, let readAt = entry.readAt, readAt >= share.since {
          known[group] = entry.answer
          age = max(age, share.begunAt - readAt)
          continue
        }
        let isOnItsWay =
          entry.asked > entry.answered && (entry.askedAt.map { $0 >= share.since } ?? false)
        if isOnItsWay, let askedAt = entry.askedAt { age = max(age, share.begunAt - askedAt) }
        // One that hangs is let go after a while, and not asked beside before.
        let hasGivenUp = entry.askedAt.map { $0 + patience <= share.begunAt } ?? true
        if !isOnItsWay, entry.open == 0 || hasGivenUp && entry.open < Self.lookUpLimit {
          entry.asked += 1
          entry.askedAt = share.begunAt
          entry.open += 1
          due.append((group, entry.asked))
          entries[group] = entry
        }
        awaited[group] = entry.asked
      }
    }
    if !due.isEmpty {
      let read = directory.groupReader()
      let isBegun = calls.begin(due) { [self] due in
        keep(read(due.group), of: due.group, due.number, readAt: share.begunAt)
      }
      if !isBegun {
        for due in due {
          let error = DirectoryError("group \"\(due.group)\": there is no thread to ask on")
          keep(.failure(error), of: due.group, due.number, readAt: share.begunAt)
        }
      }
    }
    return Pending(share: share, known: known, awaited: awaited, age: age)
  }

  /// Waits for look-ups to end.
  ///
  /// A group whose look-up takes too long has its last good answer, as old as that is.
  private func answers(
    to awaited: [Name: Int], _ share: Share
  ) -> (answers: [Name: GroupAnswer], age: Duration) {
    let end = Uptime.now + patience
    var pause = Duration.microseconds(50)
    var rest = awaited
    var found: [Name: GroupAnswer] = [:]
    while true {
      entries.withLock { entries in
        for (group, number) in rest {
          guard let entry = entries[group], entry.answered >= number, let answer = entry.answer,
            let readAt = entry.readAt
          else { continue }
          rest[group] = nil
          // One that had begun long before says nothing of now.
          if readAt >= share.since { found[group] = answer }
        }
      }
      if rest.isEmpty || Uptime.now >= end { break }
      SystemClock.sleep(pause)
      pause = min(pause * 2, .milliseconds(5))
    }
    var age = Duration.zero
    entries.withLock { entries in
      for group in awaited.keys where found[group] == nil {
        if let entry = entries[group], case .success? = entry.answer, let readAt = entry.readAt {
          found[group] = entry.answer
          age = max(age, share.begunAt - readAt)
        } else {
          found[group] = .failure(DirectoryError("group \"\(group)\": no answer in time"))
        }
      }
    }
    return (found, age)
  }

  private func keep(_ answer: GroupAnswer, of group: Name, _ number: Int, readAt: Uptime) {
    entries.withLock { entries in
      guard var entry = entries[group] else { return }
      entry.open -= 1
      if number > entry.answered {
        entry.answered = number
        entry.answer = answer
        entry.readAt = readAt
      }
      entries[group] = entry
    }
  }
}
