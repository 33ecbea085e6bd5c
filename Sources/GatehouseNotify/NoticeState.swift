public import GatehousePolicy
public import GatehouseState

/// What outlives a restart of whoever tells: how far the log was read, and what is still to be told.
public struct NoticeState: Hashable, Sendable {
  /// One way in which somebody is told.
  public struct Way: Hashable, Sendable {
    /// What is put together for it.
    public var book = NoticeBook()
    /// A message that could not be handed over, and is tried again.
    public var waiting: Notice?
    /// When a message was taken last; nil if none was yet.
    public var lastTold: Instant?
    /// What fails since then; nil if nothing does.
    public var failure: Failure?

    /// A way by which nothing was told yet.
    public init() {}
  }

  /// Messages that are not taken.
  public struct Failure: Hashable, Sendable {
    /// Since when.
    public var since: Instant
    /// What the last attempt said.
    public var problem: String

    /// A failure since a time.
    public init(since: Instant, problem: String) {
      self.since = since
      self.problem = problem
    }
  }

  /// The position in the journal; nil if nothing was read yet.
  public var position: String?
  /// By mail.
  public var mail = Way()
  /// By the command.
  public var command = Way()
  /// The doors that were open when they were looked at last; nil if they were never looked at.
  public var openDoors: [String]?

  /// Nothing was read or told yet.
  public init() {}

  /// How it is kept.
  public static let kind = StateKind<NoticeState>(
    "notices", version: 2, layout(.way), earlier: [1: layout(.firstWay)])

  private static func layout(_ way: Layout<Way>) -> Layout<NoticeState> {
    .record(
      "notices", .optional(.text("position", atMost: 1024)), way, way,
      .optional(.list("doors", of: .shownText("door"), atMost: 1024)),
      make: { position, mail, command, doors in
        var state = NoticeState()
        state.position = position
        state.mail = mail
        state.command = command
        state.openDoors = doors
        return state
      },
      take: { ($0.position, $0.mail, $0.command, $0.openDoors.map { Array($0.prefix(1024)) }) })
  }
}

extension Layout where Value == NoticeState.Way {
  fileprivate static var way: Layout {
    .record(
      "way", .book, .optional(.notice), .optional(.instant("told")), .optional(.failure),
      make: { book, waiting, told, failure in
        var way = NoticeState.Way()
        way.book = book
        way.waiting = waiting
        way.lastTold = told
        way.failure = failure
        return way
      },
      take: { ($0.book, $0.waiting, $0.lastTold, $0.failure) })
  }

  /// As the first version had it.
  fileprivate static var firstWay: Layout {
    .record(
      "way", .book, .optional(.notice),
      make: { book, waiting in
        var way = NoticeState.Way()
        way.book = book
        way.waiting = waiting
        return way
      },
      take: { ($0.book, $0.waiting) })
  }
}

extension Layout where Value == NoticeState.Failure {
  fileprivate static var failure: Layout {
    .record(
      "failure", .instant("since"), .shownText("problem"),
      make: { .init(since: $0, problem: $1) }, take: { ($0.since, $0.problem) })
  }
}

extension Layout where Value == NoticeBook {
  fileprivate static var book: Layout {
    .record(
      "book", .list("groups", of: .group, atMost: NoticeBook.groupLimit),
      .list("told", of: .instant("told"), atMost: 1000), .logins("uncounted"),
      make: { groups, told, uncounted in
        var book = NoticeBook()
        book.groups = groups
        book.told = told
        book.uncounted = uncounted
        return book
      },
      take: { ($0.groups, $0.told, min($0.uncounted, Layout<Int>.loginLimit)) })
  }
}

extension Layout where Value == Notice {
  fileprivate static var notice: Layout {
    .record(
      "notice", .list("groups", of: .group, atMost: NoticeBook.groupLimit), .logins("uncounted"),
      make: { $0.isEmpty ? nil : Notice(groups: $0, uncounted: $1) },
      take: { ($0.groups, min($0.uncounted, Layout<Int>.loginLimit)) })
  }
}

extension Layout where Value == NoticeBook.Group {
  fileprivate static var group: Layout {
    .record(
      "group", .word("kind"), .optional(.name("user", atMost: 8192)),
      .text("network", atMost: 64), .list("events", of: .event, atMost: NoticeBook.eventLimit),
      .logins("count"), .instant("since"), .optional(.instant("quiet")),
      make: { kind, user, network, events, count, since, quiet in
        guard count >= events.count, (count == 0) == events.isEmpty else { return nil }
        var group = NoticeBook.Group(
          subject: .init(kind: kind, user: user, network: network), since: since)
        group.events = events
        group.count = count
        group.quietUntil = quiet
        return group
      },
      take: {
        (
          $0.subject.kind, $0.subject.user, $0.subject.network, $0.events,
          min($0.count, Layout<Int>.loginLimit), $0.since, $0.quietUntil
        )
      })
  }
}

extension Layout where Value == NotedEvent {
  fileprivate static var event: Layout {
    .record(
      "event", .word("kind"), .instant("time"), .optional(.login), .shownText("message"),
      make: { kind, time, login, message in
        login.map { NotedEvent(kind, at: time, $0) } ?? NotedEvent(kind, at: time, saying: message)
      },
      take: { ($0.kind, $0.time, $0.login, $0.message) })
  }
}

extension Layout where Value == NotedEvent.Login {
  fileprivate static var login: Layout {
    .record(
      "login", .text("id"), .name("user", atMost: 8192), .origin("origin"),
      .optional(.name("host", atMost: 8192)), .name("service", atMost: 8192), .text("reason"),
      .optional(.text("rule", atMost: 8192)),
      make: {
        NotedEvent.Login(
          id: $0, user: $1, origin: $2, remoteHost: $3, service: $4, reason: $5, rule: $6)
      },
      take: { ($0.id, $0.user, $0.origin, $0.remoteHost, $0.service, $0.reason, $0.rule) })
  }
}
