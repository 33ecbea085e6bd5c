import FoundationEssentials
import GatehouseControl
import GatehousePolicy
import Testing

@Suite("Values as JSON, read by Foundation")
struct ValueEncoderTests {
  private func trip<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(ValueEncoder.encode(value)))
  }

  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try ValueEncoder.encode(value), as: UTF8.self)
  }

  @Test("numbers are exact to the last digit")
  func numbers() throws {
    #expect(try trip([Int64.min, -1, 0, 1, Int64.max]) == [Int64.min, -1, 0, 1, Int64.max])
    #expect(try trip([UInt64.max]) == [UInt64.max])
    #expect(try trip(["a": [true, false]]) == ["a": [true, false]])
    #expect(throws: EncodingError.self) { try ValueEncoder.encode([1.5]) }
  }

  @Test(
    "any text comes out as it went in",
    arguments: [
      "", "plain", "\"quoted\" \\ /", "\u{0}\u{1}\u{8}\u{1B}[31m\n\r\t\u{1F}", "\u{7F}\u{9B}",
      "é ü \u{1F600}",
      "e\u{301}", "\u{2028}\u{202E}",
    ])
  func texts(text: String) throws {
    #expect(try trip([text]).first.map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("what a JSON text may not hold is escaped, and nothing else")
  func escapes() throws {
    #expect(try text(["a\"\\\n\u{1B}é"]) == #"["a\"\\\u000a\u001bé"]"#)
  }

  @Test("optionals, empty values, enumerations and nested ones")
  func shapes() throws {
    struct Inner: Codable, Equatable {
      var none: Int?; var some: Int? = 3; var empty: [String] = []
    }
    enum Choice: Codable, Equatable { case plain, one(Inner), named(a: Int, b: String?) }
    struct Nothing: Codable, Equatable {}
    let choices: [Choice] = [.plain, .one(Inner()), .named(a: -5, b: nil), .named(a: 1, b: "x")]
    #expect(try trip(choices) == choices)
    #expect(try trip([Nothing()]) == [Nothing()])
    #expect(try trip([Optional<Int>.none, 1]) == [nil, 1])
    #expect(try text(Inner()) == #"{"some":3,"empty":[]}"#)
  }

  @Test("a container within a container, and what a superclass has")
  func containers() throws {
    class Base: Codable { var base = 1 }
    final class Derived: Base {
      var own = 2
      private enum CodingKeys: CodingKey { case own, list }
      override init() { super.init() }
      required init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        own = try values.decode(Int.self, forKey: .own)
        try super.init(from: values.superDecoder())
      }
      override func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(own, forKey: .own)
        var list = values.nestedUnkeyedContainer(forKey: .list)
        try list.encode(1)
        try list.encodeNil()
        var object = list.nestedContainer(keyedBy: CodingKeys.self)
        try object.encodeNil(forKey: .own)
        try super.encode(to: values.superEncoder())
      }
    }
    #expect(try text(Derived()) == #"{"own":2,"list":[1,null,{"own":null}],"super":{"base":1}}"#)
    #expect(try trip(Derived()).base == 1)
  }

  @Test("a status with all that it can hold")
  func status() throws {
    var counts = DaemonStatus.Counts()
    counts.reasons = [.listed: 7, .confined: 2]
    var status = DaemonStatus(
      processID: 1, startedAt: Instant(microsecondsSinceEpoch: 1),
      now: Instant(microsecondsSinceEpoch: .max),
      socket: "/run/x", folder: "/etc/gatehouse", serving: nil, refusal: nil, counts: counts,
      identity: .init(
        users: 3, failing: .init(since: Instant(microsecondsSinceEpoch: .min), problem: "away"),
        lastReadAt: Instant(microsecondsSinceEpoch: .max),
        services: [.init(name: "sssd", state: .unknown, at: Instant(microsecondsSinceEpoch: 1))]),
      lostEntries: 4)
    var changes = LoginChanges(bound: 10)
    changes.count(
      Login(
        user: Name(bytes: [0xFF, 0x61]), groups: nil, service: "sshd", origin: .unknown(.session),
        time: Instant(microsecondsSinceEpoch: 5)),
      was: DecisionOutcome(verdict: .allow), is: Decision(verdict: .deny, reason: .notListed),
      at: Instant(microsecondsSinceEpoch: 5))
    status.shadow = WatchedPolicy(
      kind: .candidate, policy: PolicyIdentity(generation: nil, digest: "00", mode: .monitor),
      since: Instant(microsecondsSinceEpoch: 0), changes: changes)
    let read = try trip(status)
    #expect(read.counts.reasons == counts.reasons)
    #expect(
      read.now == status.now && read.identity.failing?.since == status.identity.failing?.since)
    #expect(read.shadow?.changes.counts == changes.counts)
    #expect(read.serving == nil && read.trial == nil)
  }
}
