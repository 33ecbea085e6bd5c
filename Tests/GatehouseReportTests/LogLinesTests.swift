import GatehousePolicy
import GatehouseReport
import Testing

@testable import GatehouseJournal

@Suite("The lines of the log")
struct LogLinesTests {
  private static func line(
    _ id: String, _ user: Name, _ origin: String, isFirst: Bool = false
  ) -> LogLines.Line {
    var decision = LoggedDecision(
      time: Instant(microsecondsSinceEpoch: 1_800_000_000_000_000), id: id, outcome: .deny,
      reason: "identity_unavailable", user: user, service: "sshd", origin: Origin(written: origin))
    decision.rule = "policy.d/partners.yaml:12"
    return LogLines.Line(decision, isFirst: isFirst)
  }

  private static let lines = [
    line("aaaaaaaaaa", "ann", "192.0.2.7", isFirst: true),
    line(
      "bbbbbbbbbb", "a.very.long.name.of@some.domain.example",
      "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"),
  ]

  private func text(columns: Int?) -> [Substring] {
    var lines = LogLines(coloured: false, columns: columns, showsMachine: false)
    return String(decoding: lines.text(Self.lines), as: UTF8.self).split(separator: "\n")
  }

  @Test("fit the terminal, and always have the id", arguments: [200, 160, 120, 100, 80, 60])
  func fits(columns: Int) {
    let text = text(columns: columns)
    #expect(text.count == 2)
    for (line, id) in zip(text, ["aaaaaaaaaa", "bbbbbbbbbb"]) {
      #expect(line.count <= columns && line.hasSuffix("  \(id)"), "\(line)")
    }
  }

  @Test("have everything if there is room, or no terminal", arguments: [nil, 250])
  func complete(columns: Int?) {
    for part in [
      "2027-01-1", "  ann  ", "192.0.2.7 first time  ", "sshd", "policy.d/partners.yaml:12",
    ] {
      #expect(text(columns: columns)[0].contains(part), "\(part)")
    }
  }

  @Test("stand below each other, also those that come later")
  func columns() {
    var lines = LogLines(coloured: false, columns: nil, showsMachine: false)
    _ = lines.text([Self.lines[1]])
    let later = String(decoding: lines.text([Self.lines[0]]), as: UTF8.self)
    let earlier = text(columns: nil)[1]
    #expect(
      later.distance(
        from: later.startIndex,
        to: later.firstRange(of: "192.0.2.7")?.lowerBound ?? later.startIndex)
        == earlier.distance(
          from: earlier.startIndex,
          to: earlier.firstRange(of: "2001:")?.lowerBound ?? earlier.startIndex))
  }
}
