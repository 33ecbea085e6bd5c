internal import GatehousePlatform
public import GatehousePolicy

/// Getting one network once: what is asked, and what becomes of the answer.
public struct FeedRound: Sendable {
  /// What becomes of an answer.
  public enum Outcome: Hashable, Sendable {
    /// There is nothing new to take.
    case nothing
    /// It is to be taken.
    case offer(FeedContent)
    /// It is too different from what serves, for this reason.
    case different(FeedContent, reason: String)
  }

  /// The network with its source.
  public let item: FeedPlan.Item
  /// What serves, if it was got from this source; nil if nothing does.
  public let present: FeedContent?
  /// When it is asked.
  public let now: Instant
  private let before: FeedState?

  /// A round for a network.
  ///
  /// - Parameters:
  ///   - item: The network.
  ///   - present: What serves; used only if it was got from the same source.
  ///   - before: What is remembered; used only if it is of the same source.
  ///   - now: The time.
  public init(_ item: FeedPlan.Item, present: FeedContent?, before: FeedState?, now: Instant) {
    self.item = item
    self.present = present?.head.source == item.source.text ? present : nil
    self.before = before?.source == item.source.text ? before : nil
    self.now = now
  }

  /// Whether it is time to ask.
  public var isDue: Bool {
    guard !item.isWanted, let before else { return true }
    // A clock that was set back does not stop it.
    return before.asked > now || min(before.next, before.asked + item.source.refresh) <= now
  }

  /// What is asked.
  public var request: FeedRequest {
    // If the source's last content was refused, it is got again: it may be right by now.
    let isLatest = present != nil && present?.head.changed == before?.latest
    return FeedRequest(item.source, marks: isLatest ? before?.marks ?? [:] : [:])
  }

  /// What becomes of an answer, and what is to be remembered.
  public func result(of reply: FeedReply) -> (outcome: Outcome, state: FeedState) {
    var state = before ?? FeedState(source: item.source.text, asked: now)
    state.asked = now
    state.next = now + item.source.refresh
    switch reply {
    case .failed(let reason):
      state.problem = reason
      // What is away for a moment is asked sooner.
      state.next = now + max(.seconds(60), item.source.refresh / 10)
      return (.nothing, state)
    case .unchanged:
      guard let present else {
        state.problem = "it says that nothing changed, and nothing is there"
        state.marks = [:]
        return (.nothing, state)
      }
      return judged(present.addresses, built: present.head.built, &state)
    case .found(let addresses, let marks):
      let built = marks[FeedMark.built.rawValue].flatMap { Int64($0) }
        .map { Instant(microsecondsSinceEpoch: $0 &* 1_000_000) }
      state.marks = marks
      return judged(addresses, built: built, &state)
    case .names(let names):
      let problems = names.compactMap { name -> String? in
        if case .failed(let problem) = name.outcome { problem } else { nil }
      }
      state.sightings = sightings(names)
      let problem = problems.isEmpty ? nil : FeedReply.oneLine(problems.joined(separator: "; "))
      // Nobody answered: what was found earlier serves on, and is not made younger.
      guard problems.count < names.count else {
        state.problem = problem
        state.next = now + .seconds(60)
        return (.nothing, state)
      }
      let addresses = AddressSet(
        state.sightings.compactMap { try? AddressRange(reading: $0.prefix.utf8.span) })
      return judged(addresses, built: nil, &state, problem: problem)
    }
  }

  /// What becomes of addresses that the source has.
  private func judged(
    _ addresses: AddressSet, built: Instant?, _ state: inout FeedState, problem: String? = nil
  ) -> (outcome: Outcome, state: FeedState) {
    let isNew = addresses != present?.addresses
    let content = FeedContent(
      head: .init(
        source: item.source.text, got: now, changed: isNew ? now : present?.head.changed ?? now,
        built: built),
      addresses: addresses)
    // It answered, whatever becomes of it: what is too different is kept apart with its reason.
    state.latest = content.head.changed
    state.problem = problem
    return (outcome(content, isNew: isNew), state)
  }

  private func outcome(_ content: FeedContent, isNew: Bool) -> Outcome {
    guard let present else { return .offer(content) }
    guard isNew else {
      // The same again only makes it younger, which can wait: each time is a change of the policy.
      let isOld = now - present.head.got >= item.source.maxAge / 8
      return isOld || present.head.got > now ? .offer(content) : .nothing
    }
    if let reason = shrinkage(from: present.addresses, to: content.addresses) {
      return .different(content, reason: reason)
    }
    return .offer(content)
  }

  /// Why there are too few addresses left; nil if there are enough.
  private func shrinkage(from old: AddressSet, to new: AddressSet) -> String? {
    guard !item.source.origin.isNames else { return nil }
    for family in [IPAddress.Family.ipv4, .ipv6] {
      let (before, after) = (old.size(of: family), new.size(of: family))
      let least = before * Double(100 - item.source.shrinkLimit) / 100
      guard after < least else { continue }
      let lost = Int(((1 - after / before) * 100).rounded(.down))
      let name = family == .ipv4 ? "IPv4" : "IPv6"
      return "it lost \(lost) % of its \(name) addresses at once, and shrink_limit is "
        + "\(item.source.shrinkLimit) %"
    }
    return nil
  }

  /// The addresses of names: those found now, those found lately, and all those of a name that does
  /// not answer, until they are too old.
  private func sightings(_ names: [FeedReply.FoundName]) -> [FeedState.Sighting] {
    let earlier = before?.sightings ?? []
    let all = names.flatMap { name -> [FeedState.Sighting] in
      let own = earlier.filter { $0.name == name.name && $0.seen <= now }
      switch name.outcome {
      case .found(let addresses):
        let found = addresses.prefixes.map {
          FeedState.Sighting(name: name.name, prefix: "\($0)", seen: now)
        }
        let prefixes = Set(found.map(\.prefix))
        return found
          + own.filter { !prefixes.contains($0.prefix) && now - $0.seen < item.source.overlap }
      case .failed:
        return own.filter { now - $0.seen < item.source.maxAge }
      }
    }
    return Array(all.prefix(FeedState.mostSightings))
  }
}

extension NetworkSource.Origin {
  /// Whether it is the addresses of names.
  fileprivate var isNames: Bool {
    if case .names = self { true } else { false }
  }
}
