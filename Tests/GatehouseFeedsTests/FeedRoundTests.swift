import GatehousePolicy
import Testing

@testable import GatehouseFeeds

@Suite("Getting a network once")
struct FeedRoundTests {
  private static let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
  private let url = NetworkSource(.url(.init(url: "https://example.net/x", format: .text)))
  private let name = NetworkSource(.names(["al.example.net"]))

  private func set(_ texts: String...) -> AddressSet {
    texts.reduce(.nothing) { set, text in
      guard let range = try? AddressRange(reading: text.utf8.span) else { return set }
      return set.union(AddressSet([range]))
    }
  }

  /// What serves, and what is remembered, after an answer at a time.
  private struct Memory {
    var present: FeedContent?
    var state: FeedState?
  }

  /// Asks once, and takes what is offered.
  private func ask(
    _ source: NetworkSource, _ reply: FeedReply, at time: Instant, _ memory: inout Memory
  ) -> FeedRound.Outcome {
    let round = FeedRound(
      .init("x", source), present: memory.present, before: memory.state, now: time)
    let (outcome, state) = round.result(of: reply)
    memory.state = state
    if case .offer(let content) = outcome { memory.present = content }
    return outcome
  }

  /// What is asked next.
  private func request(_ source: NetworkSource, _ memory: Memory) -> FeedRequest {
    FeedRound(.init("x", source), present: memory.present, before: memory.state, now: Self.now)
      .request
  }

  private func names(_ addresses: String...) -> FeedReply {
    let set = addresses.reduce(AddressSet.nothing) { $0.union(self.set($1)) }
    return .names([.init("al.example.net", .found(set))])
  }

  @Test("An address of a name is taken at once, and the one before stays for the overlap")
  func overlap() {
    var memory = Memory()
    var time = Self.now
    func held() -> AddressSet? { memory.present?.addresses }
    _ = ask(name, names("192.0.2.1"), at: time, &memory)
    #expect(held() == set("192.0.2.1"))
    // It was found last here, which counts for the overlap though nothing was offered.
    time = time + .seconds(3000)
    #expect(ask(name, names("192.0.2.1"), at: time, &memory) == .nothing)
    time = time + .seconds(300)
    _ = ask(name, names("192.0.2.2"), at: time, &memory)
    #expect(held() == set("192.0.2.1", "192.0.2.2"))
    time = time + .seconds(3299)
    _ = ask(name, names("192.0.2.2"), at: time, &memory)
    #expect(held() == set("192.0.2.1", "192.0.2.2"))
    time = time + .seconds(1)
    _ = ask(name, names("192.0.2.2"), at: time, &memory)
    #expect(held() == set("192.0.2.2"))
  }

  @Test("A name that does not answer keeps what it had until max_age; others go on")
  func oneNameFails() {
    var source = NetworkSource(.names(["al.example.net", "bo.example.net"]))
    source.overlap = .zero
    func reply(_ first: FeedReply.FoundName.Outcome, _ second: String) -> FeedReply {
      .names([.init("al.example.net", first), .init("bo.example.net", .found(set(second)))])
    }
    var memory = Memory()
    _ = ask(source, reply(.found(set("192.0.2.1")), "192.0.2.9"), at: Self.now, &memory)
    _ = ask(
      source, reply(.failed("no such name"), "192.0.2.8"), at: Self.now + .seconds(300), &memory)
    #expect(memory.present?.addresses == set("192.0.2.1", "192.0.2.8"))
    #expect(memory.state?.problem == "no such name")
    _ = ask(
      source, reply(.failed("no such name"), "192.0.2.8"), at: Self.now + source.maxAge, &memory)
    #expect(memory.present?.addresses == set("192.0.2.8"))
  }

  @Test("If no name answers, nothing changes, and what serves gets no younger")
  func noNameAnswers() {
    var memory = Memory()
    _ = ask(name, names("192.0.2.1"), at: Self.now, &memory)
    let before = memory.present
    let reply = FeedReply.names([.init("al.example.net", .failed("the resolver is away"))])
    #expect(ask(name, reply, at: Self.now + .seconds(80_000), &memory) == .nothing)
    #expect(memory.present == before)
    #expect(memory.state?.latest == before?.head.changed)
  }

  @Test(
    "Too few addresses of either family are not offered, but those that are new may come",
    arguments: [
      (["192.0.2.0/24"], ["192.0.2.0/25"], false), (["192.0.2.0/24"], ["192.0.2.0/24"], true),
      (["10.0.0.0-10.0.0.99"], ["10.0.0.0-10.0.0.79"], true),
      (["10.0.0.0-10.0.0.99"], ["10.0.0.0-10.0.0.78"], false),
      (["192.0.2.0/24", "2001:db8::/32"], ["192.0.2.0/24"], false),
      (["192.0.2.0/24", "2001:db8::/32"], ["2001:db8::/31"], false),
      (["192.0.2.0/24"], ["198.51.100.0/24"], true), (["192.0.2.0/24"], ["10.0.0.0/8"], true),
    ])
  func shrinking(_ before: [String], _ after: [String], _ isOffered: Bool) {
    func reply(_ texts: [String]) -> FeedReply {
      .found(texts.reduce(.nothing) { $0.union(set($1)) }, marks: ["etag": "a"])
    }
    var memory = Memory()
    _ = ask(url, reply(before), at: Self.now, &memory)
    let outcome = ask(url, reply(after), at: Self.now + .seconds(100_000), &memory)
    if case .different(_, let reason) = outcome {
      #expect(!isOffered && reason.contains("shrink_limit is 20 %"))
      #expect(request(url, memory).marks == [:])
    } else {
      #expect(isOffered)
    }
    #expect(memory.state?.problem == nil)
  }

  @Test("The same again only makes what serves younger, and not each time")
  func theSameAgain() {
    var memory = Memory()
    let reply = FeedReply.found(set("192.0.2.0/24"), marks: ["etag": "a"])
    _ = ask(url, reply, at: Self.now, &memory)
    let eighth = Duration.seconds(7 * 86_400 / 8)
    #expect(ask(url, .unchanged, at: Self.now + eighth - .seconds(1), &memory) == .nothing)
    #expect(memory.present?.head.got == Self.now)
    _ = ask(url, .unchanged, at: Self.now + eighth, &memory)
    #expect(memory.present?.head.got == Self.now + eighth)
    #expect(memory.present?.head.changed == Self.now)
  }

  @Test("Marks are sent only beside content of this very source")
  func marks() {
    var memory = Memory()
    _ = ask(url, .found(set("192.0.2.0/24"), marks: ["etag": "a"]), at: Self.now, &memory)
    func round(_ source: NetworkSource, _ present: FeedContent?) -> FeedRound {
      FeedRound(.init("x", source), present: present, before: memory.state, now: Self.now)
    }
    let other = NetworkSource(.url(.init(url: "https://example.net/y", format: .text)))
    #expect(round(url, memory.present).request.marks == ["etag": "a"])
    #expect(round(url, nil).request.marks == [:])
    #expect(round(other, memory.present).request.marks == [:])
    #expect(round(url, nil).result(of: .unchanged).outcome == .nothing)
    #expect(round(url, nil).result(of: .unchanged).state.problem != nil)
  }

  @Test("What was refused is got again until it is taken or the source has other content")
  func afterRefusal() {
    var memory = Memory()
    let good = FeedReply.found(set("192.0.2.0/24"), marks: ["etag": "good"])
    _ = ask(url, good, at: Self.now, &memory)
    let serving = memory.present
    let refused = FeedReply.found(set("198.51.100.0/24"), marks: ["etag": "refused"])
    for turn in 1...3 {
      let outcome = ask(url, refused, at: Self.now + .seconds(turn * 3600), &memory)
      guard case .offer(let content) = outcome else {
        Issue.record("it is not offered again: \(outcome)")
        return
      }
      #expect(memory.state?.latest == content.head.changed)
      // The policy with it is refused.
      memory.present = serving
      #expect(request(url, memory).marks == [:])
    }
    #expect(ask(url, good, at: Self.now + .seconds(14_400), &memory) == .nothing)
    #expect(memory.state?.latest == serving?.head.changed)
    #expect(request(url, memory).marks == ["etag": "good"])
  }

  @Test("It is asked when it is due, sooner after a failure, and at once if somebody wants it")
  func due() {
    var memory = Memory()
    func isDue(_ seconds: Int64, isWanted: Bool = false) -> Bool {
      FeedRound(
        .init("x", url, isWanted: isWanted), present: memory.present, before: memory.state,
        now: Self.now + .seconds(seconds)
      ).isDue
    }
    #expect(isDue(0))
    _ = ask(url, .found(set("192.0.2.0/24"), marks: [:]), at: Self.now, &memory)
    #expect(!isDue(3599) && isDue(3600) && isDue(1, isWanted: true))
    // The clock was set back.
    #expect(isDue(-1))
    _ = ask(url, .failed("away"), at: Self.now, &memory)
    #expect(!isDue(359) && isDue(360))
  }

  @Test("A plan says the same after it was written down and read")
  func plan() throws {
    var selected = NetworkSource(
      .url(
        .init(
          url: "https://example.net/x", format: .json,
          selections: ["a.b", "c[d=e f].g"].compactMap { FeedSelection($0) },
          sha256: String(repeating: "a", count: 64))))
    selected.shrinkLimit = 5
    var home = NetworkSource(.names(["a.example.net", "b.example.net"]))
    home.ipv6Prefix = 56
    let plan = FeedPlan([
      .init("home", home, isWanted: true), .init("list", selected),
      .init("land", NetworkSource(.countries(["DE", "AT"], database: "/c.mmdb"))),
      .init("ours", NetworkSource(.systems([64500], database: "/a.mmdb"))),
    ])
    let bytes = plan.encoded
    #expect(try FeedPlan(decoding: bytes) == plan)
    #expect(try FeedPlan(decoding: []) == FeedPlan([]))
    for count in stride(from: 1, to: bytes.count - 1, by: 7) {
      // Cut anywhere, it is an error or has fewer networks, and never another source.
      if let cut = try? FeedPlan(decoding: Array(bytes.prefix(count))) {
        #expect(cut.items == Array(plan.items.prefix(cut.items.count)))
        #expect(cut.items.count < plan.items.count)
      }
    }
  }
}
