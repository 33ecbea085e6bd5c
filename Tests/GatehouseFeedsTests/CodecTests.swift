import GatehouseFeeds
import GatehousePolicy
import TestKit
import Testing

@Suite("What gatehouse-fetch is asked and says")
struct CodecTests {
  private static let sources: [NetworkSource] = {
    var widened = NetworkSource(.names(["alice.dyn.example.net", "böse.example"]))
    widened.ipv6Prefix = 56
    let selections = ["actions", "prefixes[region=eu-central-1].ip_prefix"]
    return [
      widened,
      NetworkSource(.url(.init(url: "https://example.org/list", format: .text))),
      NetworkSource(
        .url(
          .init(
            url: "https://example.org/a: b.json", format: .json,
            selections: selections.compactMap { FeedSelection($0) },
            sha256: String(repeating: "ab", count: 32), publicKey: "RWQgLTeZ/lie"))),
      NetworkSource(.countries(["DE", "AT"], database: "/var/lib/GeoIP/a b.mmdb")),
      NetworkSource(.systems([64_500, .max], database: "/x.mmdb")),
    ]
  }()

  @Test("A request says the same after it was read", arguments: sources)
  func requests(source: NetworkSource) throws {
    let request = FeedRequest(source, marks: ["etag": "W/\"a: b\"", "built": "1764000000"])
    let read = try FeedRequest(decoding: request.encoded)
    #expect(read == request)
    #expect(read.origin == source.origin)
  }

  @Test(
    "A request that cannot be one is refused",
    arguments: [
      ("", "its last line is cut"),
      ("name: a", "its last line is cut"),
      ("name a\n", "has no `: `"),
      ("name: a\u{1b}\n", "it has a control character"),
      ("mark: etag a\n", "the request has no source"),
      ("name: a\nurl: https://b\n", "the request has url, which does not go with its source"),
      ("name: a\nname: b\nformat: text\n", "the request has format"),
      ("url: https://a\n", "the request has no format"),
      ("url: https://a\nformat: xml\n", "no format that is known"),
      ("url: https://a\nurl: https://b\nformat: text\n", "has url more than once"),
      ("url: https://a\nformat: json\nselect: a..b\n", "a select that is no path"),
      ("country: DE\n", "the request has no database"),
      ("asn: AS1\ndatabase: /a\n", "an asn that is no number"),
      ("name: a\nipv6-prefix: 129\n", "no number from 0 to 128"),
      ("name: a\nmark: other b\n", "is no mark"),
      ("name: a\nmark: etag \n", "is no mark"),
      ("name: a\nmark: etag b\nmark: etag c\n", "is there twice"),
      ("name: a\nother: b\n", "`other`, which nobody knows"),
      (String(repeating: "name: a\n", count: 101), "more than 100 of name"),
    ])
  func badRequests(text: String, problem: String) throws {
    let error = #expect(throws: FeedMessageError.self) {
      try FeedRequest(decoding: Array(text.utf8))
    }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  private static let addresses = AddressSet(
    [("192.0.2.0", 24), ("2001:db8::", 32), ("198.51.100.7", 32)].compactMap { text, length in
      IPAddress(text).map { AddressPrefix(of: $0, length: length).range }
    })

  @Test(
    "A reply says the same after it was read",
    arguments: [
      .unchanged,
      .failed("https://example.org/: is empty"),
      .found(addresses, marks: ["etag": "\"one\"", "last-modified": "Fri, 27 Nov 2026"]),
      .found(addresses, marks: [:]),
      .names([
        .init("a.example", .found(addresses)), .init("b.example", .failed("b.example is gone")),
        .init("c.example", .found(addresses)),
      ]),
      .names([]),
    ] as [FeedReply])
  func replies(reply: FeedReply) throws {
    #expect(try FeedReply(decoding: reply.encoded) == reply)
  }

  @Test("A reply that was cut anywhere is refused")
  func cutReplies() throws {
    let names: [FeedReply.FoundName] = [.init("a.example", .found(Self.addresses))]
    for reply in [FeedReply.found(Self.addresses, marks: [:]), .names(names), .unchanged] {
      let whole = reply.encoded
      for count in 0..<whole.count {
        #expect(throws: FeedMessageError.self) {
          try FeedReply(decoding: Array(whole.prefix(count)))
        }
      }
    }
  }

  @Test(
    "A reply that cannot be one is refused",
    arguments: [
      "found\n\nend\n", "found\n\nalice\nend\n", "found\n192.0.2.1\nend\n",
      "found\nmark: etag a\nmark: etag b\n\n192.0.2.1\nend\n", "unchanged\nmore\nend\n",
      "names\n192.0.2.1\nend\n", "names\nname: a\nend\n", "names\nname: a\nproblem: \nend\n",
      "failed: \nend\n", "failed: a\nb\nend\n", "other\nend\n", "end\n",
    ])
  func badReplies(text: String) {
    #expect(throws: FeedMessageError.self) { try FeedReply(decoding: Array(text.utf8)) }
  }

  @Test("A reason has no control characters, and an end")
  func reasons() throws {
    let reply = FeedReply.failure("a\nend\n\u{1b}[2J" + String(repeating: "ä", count: 5000))
    guard case .failed(let reason) = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(reason.hasPrefix("a\\u{a}end\\u{a}\\u{1b}[2Jä"))
    #expect(reason.utf8.count <= FeedReply.longestReason)
    #expect(try FeedReply(decoding: reply.encoded) == reply)
  }
}
