import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("gatehouse sessions, in words")
struct SessionsReportTests {
  private static func session(
    _ id: String, _ user: Name, _ origin: String, _ standing: SessionVerdicts.Standing
  ) -> SessionVerdicts.Session {
    SessionVerdicts.Session(
      id: id, user: user, origin: Origin(written: origin),
      host: "\u{1B}]0;cafe.example", service: "sshd", terminal: "pts/3",
      since: Instant(microsecondsSinceEpoch: 1_800_000_000_000_000), standing: standing)
  }

  private static func decided(_ verdict: Verdict, _ reason: Reason, wouldDeny: Bool = false)
    -> SessionVerdicts.Standing
  {
    .decided(
      Decision(
        verdict: verdict, reason: reason, roles: [],
        rule: SourceLocation(file: "policy.d/partners.yaml", line: 12, column: 1),
        wouldDeny: wouldDeny), nil)
  }

  private static let refused = SessionVerdicts(
    sessions: [
      session("7", "ann", "192.0.2.7", decided(.allow, .listed)),
      session(
        "12", "a.very.long.name.of@some.domain.example", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
        decided(.deny, .identityUnavailable)),
      session("13", "\u{1B}[2Jeve\u{202E}", "cafe.example", .unjudged(.originUnknown)),
    ], hasPolicy: true)

  private func text(_ verdicts: SessionVerdicts, columns: Int? = nil) -> String {
    SessionsReport(verdicts, own: ["7"], columns: columns).text()
  }

  @Test("fits the terminal, and always says who is refused", arguments: [160, 120, 100, 80, 60])
  func fits(columns: Int) {
    let lines = text(Self.refused, columns: columns).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= columns }, "\(lines)")
    #expect(lines.first == "3 sessions, 1 of which the policy would refuse")
    #expect(lines[1].hasPrefix("7 (you)  allow       ann "))
    #expect(lines[2].hasPrefix("12       deny        a.very."))
  }

  @Test("nobody is to be put out because a group cannot be read, or of whom nothing is decided")
  func toBeEnded() {
    #expect(Self.refused.sessions.filter(\.isToBeEnded).isEmpty)
    #expect(!text(Self.refused).contains("--refused"))
    var more = Self.refused
    more.sessions.append(Self.session("14", "dan", "192.0.2.8", Self.decided(.deny, .notListed)))
    #expect(more.sessions.filter(\.isToBeEnded).map(\.id) == ["14"])
    #expect(text(more).hasSuffix("\nTo end those:  gatehouse sessions end --refused\n"))
  }

  @Test("has everything if there is room, and nothing that commands a terminal")
  func complete() {
    let text = text(Self.refused)
    for part in ["2027-01-1", "  sshd  ", "  pts/3  ", "  listed  ", "policy.d/partners.yaml:12"] {
      #expect(text.contains(part), "\(part)")
    }
    let json = SessionsReport(Self.refused, own: [], columns: nil).text(.json)
    for output in [text, json] {
      #expect(
        output.unicodeScalars.allSatisfy {
          ($0.value >= 0x20 || $0 == "\n") && $0 != "\u{202E}"
        }, "\(output)")
    }
    #expect(
      json.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"sessions":[{"session":"7","own":false,"#))
  }

  @Test("is no only if somebody would be refused, or there is no policy")
  func status() {
    func status(
      _ standing: SessionVerdicts.Standing?, hasPolicy: Bool = true, problem: String? = nil
    ) -> ReportStatus {
      SessionsReport(
        SessionVerdicts(
          sessions: standing.map { [Self.session("7", "ann", "192.0.2.7", $0)] } ?? [],
          hasPolicy: hasPolicy, problem: problem), own: [], columns: nil
      ).status
    }
    #expect(status(nil) == .yes)
    #expect(status(Self.decided(.allow, .listed)) == .yes)
    #expect(status(Self.decided(.allow, .notListed, wouldDeny: true)) == .yes)
    #expect(status(Self.decided(.ignore, .notChecked)) == .yes)
    #expect(status(.unjudged(.local)) == .yes)
    #expect(status(Self.decided(.deny, .notListed)) == .no)
    #expect(status(.unjudged(.noPolicy), hasPolicy: false) == .no)
    #expect(status(nil, problem: "Permission denied") == .unreachable)
  }
}
