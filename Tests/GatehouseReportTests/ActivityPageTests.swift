import GatehouseControl
import GatehousePolicy
import Testing

@testable import GatehouseJournal
@testable import GatehouseReport

@Suite("The page of a report")
struct ActivityPageTests {
  private static let now = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private static func decision(_ user: Name = "bob", id: String = "bbbbbbbbbb") -> LoggedDecision {
    LoggedDecision(
      time: now - .seconds(60), id: id, outcome: .deny, reason: "not_listed", user: user,
      service: "sshd", origin: Origin(written: "198.51.100.1"))
  }

  private static func report(
    _ decisions: [LoggedDecision], machine: ActivityReport.OfMachine? = nil
  ) -> ActivityReport {
    var tally = LoginTally(periods: (1...7).reversed().map { now - .seconds($0 * 86_400) })
    for (number, decision) in decisions.enumerated() {
      tally.count(Array("\(number)".utf8), id: decision.id, at: decision.time) {
        decision
      }
    }
    return ActivityReport(
      since: now - .seconds(7 * 86_400), until: now, beginning: nil, tally: tally,
      machine: machine, columns: nil)
  }

  private static func page(_ report: ActivityReport) -> String {
    String(decoding: report.page(), as: UTF8.self)
  }

  /// The tags of a page in order, as `name` and `/name`, and every attribute's name.
  private static func structure(_ page: String) -> (tags: [Substring], attributes: Set<Substring>) {
    let body = page.replacing(#/<(style|script)>[^<]*</(?:style|script)>/#) { match in
      "<\(match.1)></\(match.1)>"
    }
    let tags = body.matches(of: #/<(/?[a-zA-Z0-9!]+)((?: [a-zA-Z-]+="[^"<>]*")*)( html)?>/#)
    // Every `<` begins one of them.
    #expect(tags.count == body.filter { $0 == "<" }.count)
    let attributes = tags.flatMap { tag in
      tag.output.2.matches(of: #/ ([a-zA-Z-]+)="/#).map(\.output.1)
    }
    return (tags.map(\.output.1), Set(attributes))
  }

  @Test("is closed as it is opened, and loads nothing")
  func whole() throws {
    let page = Self.page(Self.report([Self.decision()]))
    let (tags, attributes) = Self.structure(page)
    var open: [Substring] = []
    for tag in tags where !["!DOCTYPE", "meta", "input"].contains(tag) {
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst(), "\(tag)")
      } else {
        open.append(tag)
      }
    }
    #expect(open.isEmpty)
    #expect(attributes.isDisjoint(with: ["src", "style", "onclick", "action", "srcset"]))
    for link in page.matches(of: /href="([^"]*)"/) { #expect(link.output.1.hasPrefix("#")) }
    #expect(!page.contains("url(") && !page.contains("http:") && !page.contains("https:"))
  }

  @Test("its policy allows its own style and script, and nothing else")
  func contentPolicy() throws {
    let page = Self.page(Self.report([]))
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/))
    let text = policy.output.1.replacing("&#39;", with: "'")
    #expect(text.hasPrefix("default-src 'none'; style-src 'sha256-"))
    #expect(text.hasSuffix("; base-uri 'none'; form-action 'none'"))
    for name in ["style", "script"] {
      let content = try #require(page.firstRange(of: "<\(name)>")).upperBound
      let end = try #require(page.firstRange(of: "</\(name)>")).lowerBound
      let digest = SHA256.digest(of: Array(page[content..<end].utf8))
      let hash = String(decoding: Base64.encode(digest), as: UTF8.self)
      #expect(text.contains("\(name)-src 'sha256-\(hash)='"))
    }
  }

  private static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'--></style></script><b>",
    "\u{1B}]0;x\u{7}\u{1B}[31m", "\u{202E}\u{2066}gnp.exe", "a\nb\r\nc\0d", "</td></table>",
    String(repeating: "long<&", count: 170), "\u{FFFD}",
  ]

  @Test(
    "a hostile text in any field is text, and the page has the same structure", arguments: hostile)
  func hostileFields(text: String) {
    let plain = Self.structure(
      Self.page(Self.report([Self.decision()], machine: Self.machine("x"))))
    var broken = Self.decision()
    broken = LoggedDecision(
      time: broken.time, id: text, outcome: .deny, reason: text, user: Name(text),
      service: Name(text), origin: .unknown(.notAnAddress))
    broken.remoteHost = Name(text)
    broken.rule = text
    broken.grant = text
    let page = Self.page(Self.report([broken], machine: Self.machine(text)))
    let structure = Self.structure(page)
    #expect(structure.attributes == plain.attributes)
    #expect(structure.tags == plain.tags)
    #expect(page.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow })
  }

  @Test("bytes that are not UTF-8 are shown as such")
  func brokenBytes() {
    let page = Self.page(Self.report([Self.decision(Name(bytes: [0x62, 0xFF, 0x3C]))]))
    #expect(page.contains(#"<bdi>b\xff&lt;</bdi>"#))
  }

  private static func machine(_ text: String) -> ActivityReport.OfMachine {
    var machine = ActivityReport.OfMachine(name: text)
    machine.record = .init(
      since: now - .seconds(86_400), hasHistory: false,
      places: [
        .init(
          user: Name(text), service: Name(text), origin: .machine, isNetwork: false,
          first: now - .seconds(60), last: now, allowed: 1, refused: 0, list: nil,
          isAdmitted: true)
      ], lists: [], isMissingLists: false)
    machine.endings = [
      .init(user: Name(text), origin: .machine, service: Name(text), at: now, rule: nil)
    ]
    return machine
  }

  @Test("is bounded whatever the journal holds, and says what it leaves out")
  func bounded() {
    let decisions = (0..<6000).map { number in
      Self.decision(Name("\(number)\(String(repeating: "<&\u{202E}", count: 300))"))
    }
    let page = Self.report(decisions).page()
    #expect(page.count <= 1_500_000)
    let text = String(decoding: page, as: UTF8.self)
    let left = text.firstMatch(of: /([0-9,]+) more are not on this page/)
    let shown = text.matches(of: /gatehouse log bbbbbbbbbb</).count
    #expect(left.map { Int($0.output.1.filter { $0 != "," }) } == 6000 - shown)
    #expect(text.contains("5,970 more users are not in this map"))
  }

  @Test("each refusal is explained")
  func explained() {
    let page = Self.page(Self.report([Self.decision()]))
    #expect(
      page.contains("<summary>not_listed</summary><div>No list that applies holds the address. "))
    #expect(page.contains("<code>gatehouse log bbbbbbbbbb</code>"))
  }

  @Test("a picture has a name, and its numbers as a table")
  func pictures() {
    let page = Self.page(Self.report([Self.decision()]))
    #expect(page.contains(#"role="img" aria-label="Refused: 1, at most 1 at a time; "#))
    #expect(page.contains("<summary>As a table</summary>"))
    #expect(page.contains(#"<th scope="row"><bdi>bob</bdi></th>"#))
    #expect(page.contains(#"<bdi>198.51.100.0/24</bdi>"#))
  }
}
