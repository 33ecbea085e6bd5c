public import GatehousePolicy
public import GatehouseState

/// What is remembered of getting a network, in the folder of the user who gets it.
public struct FeedState: Hashable, Sendable {
  /// An address that was found for a name.
  public struct Sighting: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The address, or its prefix.
    public var prefix: String
    /// When it was found last.
    public var seen: Instant

    /// An address that was found at a time.
    public init(name: String, prefix: String, seen: Instant) {
      self.name = name
      self.prefix = prefix
      self.seen = seen
    }
  }

  /// The text of the source that was asked (`NetworkSource.text`).
  public var source: String
  /// When it was asked last.
  public var asked: Instant
  /// When it is to be asked next.
  public var next: Instant
  /// Its last content that could be read, by the time at which its addresses changed
  /// (`FeedContent.Head.changed`); nil if there was none.
  public var latest: Instant?
  /// Why the last answer was none; nil if it was one.
  public var problem: String?
  /// What is remembered of that content to ask whether there is any other (`FeedMark`).
  public var marks: [String: String] = [:]
  /// The addresses that were found for names.
  public var sightings: [Sighting] = []

  /// A source that is asked for the first time.
  public init(source: String, asked: Instant) {
    self.source = source
    self.asked = asked
    next = asked
  }

  /// The most addresses of names that are remembered.
  public static let mostSightings = 4096

  /// How it is kept.
  public static let kind = StateKind<FeedState>(
    "feed", version: 1,
    .record(
      "feed", .text("source", atMost: 1 << 18), .instant("asked"), .instant("next"),
      .optional(.instant("latest")),
      .optional(.shownText("problem")), .list("marks", of: mark, atMost: 16),
      .list("sightings", of: sighting, atMost: mostSightings),
      make: { source, asked, next, latest, problem, marks, sightings in
        var state = FeedState(source: source, asked: asked)
        state.next = next
        state.latest = latest
        state.problem = problem
        state.marks = Dictionary(marks) { $1 }
        state.sightings = sightings
        return state
      },
      take: {
        (
          $0.source, $0.asked, $0.next, $0.latest, $0.problem,
          $0.marks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, $0.sightings
        )
      }))

  private static let mark = Layout<(String, String)>.record(
    "mark", .text("name"), .text("value"), make: { ($0, $1) }, take: { ($0.0, $0.1) })

  private static let sighting = Layout<Sighting>.record(
    "sighting", .text("name"), .text("prefix"), .instant("seen"),
    make: { Sighting(name: $0, prefix: $1, seen: $2) }, take: { ($0.name, $0.prefix, $0.seen) })
}

/// Content that was got and is not used: because it is too different, or because the policy with it
/// was refused.
public struct RefusedContent: Hashable, Sendable {
  /// Why, on one line.
  public var reason: String
  /// When it was refused first.
  public var since: Instant
  /// The content, as its file would be (`FeedContent`).
  public var content: [UInt8]

  /// Content that is refused.
  public init(reason: String, since: Instant, content: [UInt8]) {
    self.reason = reason
    self.since = since
    self.content = content
  }

  /// How it is kept.
  public static let kind = StateKind<RefusedContent>(
    "refused content", version: 1,
    .record(
      "refused", .shownText("reason"), .instant("since"),
      .bytes("content", atMost: FeedContent.longest),
      make: { RefusedContent(reason: $0, since: $1, content: $2) },
      take: { ($0.reason, $0.since, $0.content) }))
}

/// The folders in which networks that are got from elsewhere are kept, and their files.
public struct FeedFolders: Hashable, Sendable {
  /// The folder of the user who gets them; the other one is root's (`FeedContent.folder`).
  public let offers: String

  /// Those of the machine.
  public static let standard = FeedFolders(offers: "/var/lib/gatehouse-feeds")

  /// Those with another folder of the user who gets them.
  public init(offers: String) { self.offers = offers }

  /// What is to be got.
  public var plan: String { "\(FeedContent.folder)/.plan" }
  /// What somebody wants to be got at once.
  public var wish: String { "\(FeedContent.folder)/.wanted" }
  /// What was got for a network, and is to be taken.
  public func offer(_ name: Name) -> String { "\(offers)/\(name)" }
  /// What is remembered of getting a network.
  public func state(_ name: Name) -> StateFile<FeedState> {
    StateFile(folder: offers, name: ".\(name).state", FeedState.kind)
  }
  /// What was got for a network, and not offered because it is too different.
  public func different(_ name: Name) -> StateFile<RefusedContent> {
    StateFile(folder: offers, name: ".\(name).refused", RefusedContent.kind)
  }
  /// What was got for a network, and refused as a change of the policy.
  public func refused(_ name: Name) -> StateFile<RefusedContent> {
    StateFile(folder: FeedContent.folder, name: ".\(name).refused", RefusedContent.kind)
  }

  /// What was got for a network and is refused; nil if nothing is, or its source has other content
  /// by now.
  public func refusal(_ name: Name, from source: NetworkSource) -> RefusedContent? {
    let state = state(name).valueIfUsable()
    return [refused(name), different(name)].lazy.compactMap { $0.valueIfUsable() }.first {
      guard let head = try? FeedContent.head(of: $0.content), head.source == source.text else {
        return false
      }
      return state.map { $0.source == source.text && $0.latest == head.changed } ?? true
    }
  }
}
