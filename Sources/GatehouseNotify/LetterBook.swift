public import GatehouseControl
public import GatehousePolicy

/// The letters that are to be sent, each until it was taken or is late.
///
/// The daemon keeps each letter until it is told that it was sent, so nothing of this outlives a restart.
public struct LetterBook: Sendable {
  /// The most letters that are handed over at a time, so that a mailer that hangs does not fill the
  /// machine with its processes.
  public static let atOnce = 32
  /// How long a letter without an end is tried.
  static let longestTry = Duration.seconds(3600)
  /// The first pause after a letter was not taken; each is twice as long as the one before.
  static let firstPause = Duration.seconds(5)
  /// The longest of these pauses.
  static let longestPause = Duration.seconds(60)
  /// The most letters of one reply that are looked at.
  static let most = 1024

  /// A letter, and what was tried with it.
  fileprivate struct Entry {
    let letter: Letter
    var isUnderWay = false
    var pause = LetterBook.firstPause
    /// When it is tried again; nil if it was not tried yet.
    var next: Instant?
  }

  private var entries: [String: Entry] = [:]
  /// The letters that are done with, of which the daemon is to be told.
  private var done: [String] = []

  /// No letters.
  public init() {}

  /// The letters of which the daemon is to be told that they are done with, at most so many.
  public func done(atMost count: Int) -> [String] { Array(done.prefix(count)) }

  /// Takes up what the daemon has answered.
  ///
  /// A letter that it does not have any more is not tried again: its code was used, or has ended.
  ///
  /// - Parameters:
  ///   - letters: All letters that it has.
  ///   - told: What it was told to be done with.
  public mutating func take(_ letters: [Letter], told: [String]) {
    done.removeAll { told.contains($0) }
    let waiting = Set(letters.lazy.map(\.id))
    entries = entries.filter { $0.value.isUnderWay || waiting.contains($0.key) }
    for letter in letters.prefix(Self.most)
    where entries[letter.id] == nil && !done.contains(letter.id) {
      entries[letter.id] = Entry(letter: letter)
    }
  }

  /// Takes the letters that are to be handed over now, the oldest first.
  public mutating func start(at now: Instant) -> [Letter] {
    for (id, entry) in entries where !entry.isUnderWay && entry.letter.isLate(at: now) {
      entries[id] = nil
      done.append(id)
    }
    let room = Self.atOnce - entries.values.count(where: \.isUnderWay)
    let due = entries.values.filter { !$0.isUnderWay && $0.isDue(at: now) }.map(\.letter)
      .sorted { ($0.time, $0.id) < ($1.time, $1.id) }.prefix(max(0, room))
    for letter in due { entries[letter.id]?.isUnderWay = true }
    return Array(due)
  }

  /// Notes that a letter was taken, or was not.
  ///
  /// - Returns: Whether it is the first time that it was not.
  public mutating func note(_ id: String, wasTaken: Bool, at now: Instant) -> Bool {
    guard var entry = entries[id] else { return false }
    if wasTaken {
      entries[id] = nil
      done.append(id)
      return false
    }
    let isFirst = entry.next == nil
    entry.isUnderWay = false
    entry.next = now + entry.pause
    entry.pause = min(entry.pause * 2, Self.longestPause)
    entries[id] = entry
    return isFirst
  }

  /// When a letter is to be tried again; nil if none waits.
  public func next(at now: Instant) -> Instant? {
    entries.values.filter { !$0.isUnderWay }.map { min($0.next ?? now, now + Self.longestPause) }
      .min()
  }
}

extension LetterBook.Entry {
  /// Whether it may be tried; never later than the clock can mean.
  fileprivate func isDue(at now: Instant) -> Bool {
    next.map { $0 <= now || $0 - now > LetterBook.longestPause } ?? true
  }
}

extension Letter {
  /// Whether nobody could use it any more.
  fileprivate func isLate(at now: Instant) -> Bool {
    now >= until ?? (time + LetterBook.longestTry)
  }
}
