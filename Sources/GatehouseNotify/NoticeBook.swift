public import GatehousePolicy

/// What is to be told, put together and held back as the policy says.
///
/// The first event about a user and network is told at once, and what follows within `gather` together
/// after that. There are at most `most` messages in an hour; the last one has everything that waits. All
/// of it is bounded, however many events come.
public struct NoticeBook: Hashable, Sendable {
  /// The most groups at a time; what does not fit is counted.
  public static let groupLimit = 200
  /// The newest events of a group that are kept; the others are counted.
  public static let eventLimit = 5
  /// How long the first events of a group are waited for, so that those of one moment go together.
  public static let settling = Duration.seconds(1)
  /// How many messages are counted for `most`.
  static let period = Duration.seconds(3600)

  /// Events with one subject.
  public struct Group: Hashable, Sendable {
    /// What they are about.
    public let subject: NotedEvent.Subject
    /// The newest of them, the oldest first.
    public internal(set) var events: [NotedEvent] = []
    /// How many there are in all.
    public internal(set) var count = 0
    /// When the first of them came.
    public internal(set) var since: Instant
    /// Until when nothing more is told of it, since something was told before.
    var quietUntil: Instant?
  }

  /// The groups.
  public internal(set) var groups: [Group] = []
  /// When messages were made in the last hour.
  var told: [Instant] = []
  /// How many events are in no group, since there were too many.
  var uncounted = 0

  /// An empty book.
  public init() {}

  /// Takes up an event.
  public mutating func note(_ event: NotedEvent, at now: Instant) {
    let subject = event.subject
    if let place = groups.firstIndex(where: { $0.subject == subject }) {
      if groups[place].count == 0 { groups[place].since = now }
      groups[place].add(event)
      return
    }
    if groups.count >= Self.groupLimit {
      guard let idle = groups.firstIndex(where: { $0.count == 0 }) else {
        uncounted += 1
        return
      }
      groups.remove(at: idle)
    }
    var group = Group(subject: subject, since: now)
    group.add(event)
    groups.append(group)
  }

  /// When something may be told next; nil if nothing waits.
  public func next(at now: Instant, _ settings: NotifySettings) -> Instant? {
    guard let due = groups.compactMap({ $0.due(at: now, settings) }).min() else { return nil }
    let recent = recent(at: now)
    guard recent.count >= settings.most, let oldest = recent.first else { return due }
    return max(due, oldest + Self.period)
  }

  /// Takes what is to be told now; nil if nothing is.
  public mutating func take(at now: Instant, _ settings: NotifySettings) -> Notice? {
    told = recent(at: now)
    groups.removeAll { $0.count == 0 && ($0.due(at: now, settings) ?? now) <= now }
    let left = settings.most - told.count
    guard left > 0 else { return nil }
    let due = groups.indices.filter { groups[$0].isDue(at: now, settings) }
      .sorted { groups[$0].since < groups[$1].since }
    guard let first = due.first else { return nil }
    // The last one that is allowed for now has everything.
    let taken = left == 1 ? due : [first]
    let notice = Notice(groups: taken.map { groups[$0] }, uncounted: uncounted)
    uncounted = 0
    for place in taken {
      groups[place].events = []
      groups[place].count = 0
      groups[place].quietUntil = now + settings.gather
    }
    told.append(now)
    return notice
  }

  /// The messages that count; one in the future was made before the clock was set back.
  private func recent(at now: Instant) -> [Instant] {
    told.filter { $0 <= now && now - $0 < Self.period }
  }
}

extension NoticeBook.Group {
  fileprivate mutating func add(_ event: NotedEvent) {
    count = min(count + 1, Int.max - 1)
    events.append(event)
    if events.count > NoticeBook.eventLimit { events.removeFirst() }
  }

  /// When it may be told, or forgotten if it has no events; never later than the clock can mean.
  fileprivate func due(at now: Instant, _ settings: NotifySettings) -> Instant? {
    let settled = min(since, now) + NoticeBook.settling
    guard let quietUntil else { return count == 0 ? nil : settled }
    let quiet = min(quietUntil, now + settings.gather)
    return count == 0 ? quiet : max(settled, quiet)
  }

  fileprivate func isDue(at now: Instant, _ settings: NotifySettings) -> Bool {
    count > 0 && due(at: now, settings).map { $0 <= now } ?? false
  }
}

/// One message.
public struct Notice: Hashable, Sendable {
  /// What it is about; never empty.
  ///
  /// All but the first were held back.
  public let groups: [NoticeBook.Group]
  /// How many more events were held back, of which no more is known.
  public let uncounted: Int

  /// A message about groups, the first in full.
  init(groups: [NoticeBook.Group], uncounted: Int) {
    self.groups = groups
    self.uncounted = uncounted
  }

  /// How many events it is about in all.
  public var count: Int { groups.reduce(uncounted) { $0 + $1.count } }
}
