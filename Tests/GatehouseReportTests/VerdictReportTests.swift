import GatehouseControl
import GatehousePolicy
import Testing

@testable import GatehouseReport

@Suite("The guard's verdict as a report")
struct VerdictReportTests {
  private let time = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
  private let rule = SourceLocation(file: "policy.yaml", line: 4, column: 3)

  private var verdict: GuardVerdict {
    let origin = Origin(written: "198.51.100.7")
    let refused = Decision(verdict: .deny, reason: .notListed, rule: rule)
    var stated = Lockout(
      .lastPlace, names: ["carol"], origin: origin, service: "sshd", at: time,
      decision: Decision(verdict: .deny, reason: .blocked, rule: rule))
    stated.missing = .anotherKeeps
    return GuardVerdict(
      losses: [
        Lockout(
          .login, names: ["alice"], session: "7", origin: origin, service: "sshd", isOwn: true,
          decision: refused),
        Lockout(
          .role, names: ["bob"], role: "admin", session: "8", origin: .local, service: "sudo",
          decision: Decision(verdict: .deny, reason: .roleUnavailable), excuse: .allowed),
        stated, Lockout(.breakGlass, names: ["rescue", "wheel"]),
        Lockout(
          .console, names: ["carol"], origin: .local, service: "login",
          decision: Decision(verdict: .deny, reason: .localNotListed, rule: rule)),
      ],
      losing: [
        PlanRow(
          user: "alice", origin: origin, service: "sshd", lastSeen: time, reason: .notListed,
          rule: rule, at: nil)
      ],
      gaining: [
        PlanRow(
          user: "dave", origin: Origin(written: "2001:db8::"), isNetwork: true, service: "sshd",
          lastSeen: nil, reason: .listed, rule: nil, at: time)
      ], losingCount: .init(places: 40, users: 12), gainingCount: .init(places: 1, users: 1),
      isPlanCut: true, judgedUntil: time,
      unjudged: [
        UnjudgedPerson(user: "erin", why: .directory, problem: "away", matters: true),
        UnjudgedPerson(user: "frank", session: "9", why: .session, problem: nil, matters: true),
        UnjudgedPerson(user: "gina", why: .directory, problem: nil, matters: false),
      ], unjudgedCount: 3, judgedCount: 2)
  }

  @Test("as text says who loses what and why, and fits into 80 columns")
  func text() {
    var page = TextPage(coloured: false)
    verdict.blocks(on: &page)
    let text = String(decoding: page.bytes, as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(text)")
    #expect(
      text == """
        What may not be lost
          you, alice, session 7: could not log in again from 198.51.100.7
              sshd: not_listed, policy.yaml:4
          bob, session 8: could not use the role admin any more from local
              sudo: role_unavailable; allowed
          carol: keeps no address of the last 30 days
              from 2027-01-15T08:00:00Z on
              sshd from 198.51.100.7: blocked, policy.yaml:4
              not counted as meant: no other administrator keeps a place
          rescue, wheel: nobody could log in by break-glass any more
              no user of it has come from an address of its from
          carol: could not log in at the console any more
              login: local_not_listed, policy.yaml:4
        Would no longer be let in: 40 places of 12 users
          alice  198.51.100.7  sshd  not_listed, policy.yaml:4
          and 39 more; --json has the first 200
        Would newly be let in: 1 place of 1 user
          dave  2001:db8::/64  sshd  listed from 2027-01-15T08:00:00Z on
          later times were judged for a part of these places only: they are too many
        judged until 2027-01-15T08:00:00Z only: the lists change too often after that
        Could not be judged
          erin: the directory gives no answer (away)
          frank, session 9: the session does not say which address it came from

        """)
  }

  @Test("says if nobody was judged, and nothing if there is nothing to say")
  func nobody() {
    var page = TextPage(coloured: false)
    GuardVerdict(judgedCount: 0).blocks(on: &page)
    #expect(String(decoding: page.bytes, as: UTF8.self).hasPrefix("nobody was judged: "))
    page = TextPage(coloured: false)
    GuardVerdict(judgedCount: 1).blocks(on: &page)
    #expect(page.bytes.isEmpty)
  }

  @Test("names the option that lets it come into force, beside what is allowed already")
  func option() {
    #expect(verdict.shutOut == ["alice", "carol", "rescue", "wheel"])
    #expect(
      verdict.option(beside: LockoutAllowance(users: ["bob"]))
        == "--allow-lockout=alice,bob,carol,rescue,wheel,unjudged")
    #expect(GuardVerdict(judgedCount: 0).option() == "--allow-lockout=unjudged")
    #expect(GuardVerdict(judgedCount: 0).option(beside: LockoutAllowance(unjudged: true)) == nil)
    #expect(GuardVerdict(judgedCount: 1).option() == nil)
  }

  @Test("as JSON has a name for each thing, and null where there is none")
  func json() throws {
    var writer = JSONWriter()
    verdict.write(to: &writer)
    let text = String(decoding: writer.bytes, as: UTF8.self)
    for part in [
      #"{"obstacle":true,"losses":[{"loses":"login","names":["alice"],"role":null,"session":"7","#,
      #""origin":{"kind":"address","address":"198.51.100.7"},"service":"sshd","own":true,"time":null,"reason":"not_listed","#,
      #""rule":"policy.yaml:4","obstacle":true,"excuse":null,"missing":null}"#,
      #""excuse":"allowed""#, #""missing":"another_keeps""#,
      #""losing_count":{"places":40,"users":12}"#,
      #""origin":{"kind":"address","address":"2001:db8::"},"is_network":true,"#,
      #""later_times_cut":true"#, #""judged":2"#,
      #"{"user":"erin","session":null,"reason":"directory","problem":"away","matters":true}"#,
      #""unjudged_count":3"#,
    ] { #expect(text.contains(part), "\(part) in \(text)") }
  }
}
