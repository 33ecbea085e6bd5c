import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseNotify
@testable import GatehouseReport

@Suite("The message to whom is told")
struct NoticeReportTests {
  private static let start = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private func denial(
    _ user: Name = "bob", _ id: String = "k3f9xk3f9x", reason: String = "not_listed",
    address: String = "203.0.113.9", host: Name? = nil
  ) -> NotedEvent {
    NotedEvent(
      .denials, at: Self.start,
      .init(
        id: id, user: user,
        origin: IPAddress(address).map { .address($0) } ?? .unknown(.notAnAddress),
        remoteHost: host, service: "sshd", reason: reason, rule: "policy.yaml:12"))
  }

  private func notice(_ events: [NotedEvent], most: Int = 20) throws -> Notice {
    var settings = NotifySettings()
    settings.most = most
    var book = NoticeBook()
    for event in events { book.note(event, at: Self.start) }
    let notice = book.take(at: Self.start + .seconds(1), settings)
    return try #require(notice)
  }

  private func known(isFirst: Bool, isApprovable: Bool) -> NoticeReport.Knowledge {
    var knowledge = NoticeReport.Knowledge()
    knowledge.isFirst = isFirst
    knowledge.isApprovable = isApprovable
    return knowledge
  }

  private func text(_ report: NoticeReport) -> String {
    String(decoding: report.text, as: UTF8.self)
  }

  @Test("says who, from where, why and how often, with lines to be pasted")
  func denials() throws {
    let notice = try notice([denial("bob", "aaaaaaaaaa"), denial("bob", "bbbbbbbbbb")])
    let report = NoticeReport(
      notice, on: "gate",
      knowing: [
        "aaaaaaaaaa": known(isFirst: true, isApprovable: true),
        "bbbbbbbbbb": known(isFirst: false, isApprovable: false),
      ])
    #expect(report.subject == "[gate] 2 logins of bob from 203.0.113.9 denied")
    let when = LocalTime(microsecondsSinceEpoch: Self.start.microseconds).description
    #expect(
      text(report) == """
        2 logins of bob from 203.0.113.9 denied, on gate.
        Whoever tried had proved to be that user, and came from a place that the
        policy does not allow. If it was not the user, the password or key is in
        other hands.

        \(when)  aaaaaaaaaa
          user       bob
          from       203.0.113.9, for the first time
          service    sshd
          reason     not_listed
          rule       policy.yaml:12
          all of it  gatehouse log aaaaaaaaaa
          let it in  gatehouse approve aaaaaaaaaa --for 1h

        \(when)  bbbbbbbbbb
          user       bob
          from       203.0.113.9
          service    sshd
          reason     not_listed
          rule       policy.yaml:12
          all of it  gatehouse log bbbbbbbbbb
          let it in  not possible for a time; the policy would have to change

        What to do:
          gatehouse log
          gatehouse report

        """)
  }

  @Test("no approve line that was not proved to work")
  func unknownApproval() throws {
    let report = NoticeReport(try notice([denial()]), on: "gate")
    #expect(!text(report).contains("gatehouse approve"))
    #expect(text(report).contains("the daemon could not be asked"))
  }

  @Test("counts what was held back, and the events that are not listed")
  func heldBack() throws {
    let events = (0..<300).map { denial(Name("u\($0)")) } + (0..<9).map { _ in denial("u0") }
    let report = NoticeReport(try notice(events, most: 1), on: "gate")
    #expect(report.subject == "[gate] 10 logins of u0 from 203.0.113.0/24 denied, and 299 more")
    #expect(text(report).contains("5 earlier ones of the same kind: gatehouse log\n"))
    #expect(
      text(report).contains(
        "  1 login of u20 from 203.0.113.9 denied\n  179 events about 179 more\n"))
    #expect(text(report).contains("  100 events that were only counted\n"))
    let json = String(decoding: report.json, as: UTF8.self)
    #expect(
      json.contains(#""count":10,"newest":[{"#) && json.contains(#""held_back":{"count":299,"#))
  }

  @Test(
    "tells of everything else in the words of the log",
    arguments: [
      NotifySettings.Event.refusedChanges, .rollbacks, .doors,
    ])
  func others(kind: NotifySettings.Event) throws {
    let event = NotedEvent(kind, at: Self.start, saying: "the policy in /etc/gatehouse is refused")
    let report = NoticeReport(try notice([event]), on: "gate")
    #expect(text(report).contains("\n  the policy in /etc/gatehouse is refused\n"))
    let json = String(decoding: report.json, as: UTF8.self)
    #expect(json.contains(#""user":null,"network":null,"count":1"#))
    #expect(json.contains(#""message":"the policy in /etc/gatehouse is refused""#))
  }

  static let hostile: [[UInt8]] = [
    Array("<script>alert(1)</script>".utf8), Array("a\u{1b}]0;x\u{7}\u{1b}[2Jb".utf8),
    Array("\u{202e}gate\u{200f}".utf8), Array("a\r\nBcc: eve@example.org\r\n\r\nx".utf8),
    Array("a,\"b';$(reboot)`id`".utf8), [0x61, 0xff, 0xfe, 0x62],
    Array(repeating: 0x61, count: 1000), Array(String(repeating: "\u{444}\u{1b}", count: 500).utf8),
  ]

  @Test("hostile names come out harmless", arguments: hostile)
  func hostileNames(bytes: [UInt8]) throws {
    let name = Name(bytes: bytes)
    let word = String(decoding: bytes, as: UTF8.self)
    let events = [
      denial(name, word, reason: word, address: "-", host: name),
      NotedEvent(.rollbacks, at: Self.start, saying: word),
    ]
    for event in events {
      let report = NoticeReport(
        try notice([event]), on: word, knowing: [word: known(isFirst: true, isApprovable: true)])
      let text = text(report)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow })
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= NoticeLines.columns })
      // An id that a shell could read something into is in no line to be pasted.
      #expect(!text.contains("gatehouse log ") && !text.contains("gatehouse approve"))
      #expect(
        report.json.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F } && report.json.last == 0x0A)
      let mail = String(
        decoding: MailMessage(to: [], subject: report.subject, text: report.text).bytes,
        as: UTF8.self)
      let head = try #require(mail.firstRange(of: "\n\n")).lowerBound
      #expect(
        mail[..<head].split(separator: "\n").map { $0.prefix { $0 != ":" } }.filter {
          !$0.hasPrefix(" ") && $0 != "Content-Transfer-Encoding"
        } == [
          "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
        ])
      #expect(mail.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
    }
  }

  @Test("a test says that it is one")
  func test() {
    let message = NoticeMessage.test(on: "gate")
    #expect(message.subject == "[gate] a test of Gatehouse")
    #expect(String(decoding: message.json, as: UTF8.self).contains(#""event":"test""#))
  }
}
