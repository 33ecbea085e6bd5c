import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@testable import GatehouseJournal

@Suite("The report of a time")
struct ActivityReportTests {
  private static let now = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private static func daysAgo(_ days: Int64) -> Instant { now - .seconds(days * 86_400) }

  private static func decision(
    _ user: Name, _ origin: String, _ outcome: LoggedDecision.Outcome, _ reason: String,
    _ id: String
  ) -> LoggedDecision {
    var decision = LoggedDecision(
      time: daysAgo(1), id: id, outcome: outcome, reason: reason, user: user, service: "sshd",
      origin: Origin(written: origin))
    decision.rule = "policy.yaml:3"
    return decision
  }

  static func tally(_ decisions: [LoggedDecision]) -> LoginTally {
    var tally = LoginTally(periods: [daysAgo(7), daysAgo(3), daysAgo(1)])
    for (number, decision) in decisions.enumerated() {
      tally.count([UInt8(number)], id: decision.id, at: decision.time) { decision }
    }
    return tally
  }

  private static let decisions = [
    decision("ann", "192.0.2.7", .allow, "listed", "aaaaaaaaaa"),
    decision("bob", "198.51.100.1", .deny, "not_listed", "bbbbbbbbbb"),
    decision("carol", "2001:db8::17", .wouldDeny, "confined", "cccccccccc"),
    decision("rescue", "192.0.2.9", .allow, "break_glass", "dddddddddd"),
    decision("dan", "198.51.100.9", .allow, "granted", "eeeeeeeeee"),
    decision("frank", "192.0.2.8", .noPolicy, "no_policy", "ffffffffff"),
  ]

  private static func place(
    _ user: Name, _ origin: String, first: Int64, refused: Int = 0, isNetwork: Bool = false
  ) -> PlaceList.Place {
    PlaceList.Place(
      user: user, service: "sshd", origin: Origin(written: origin), isNetwork: isNetwork,
      first: daysAgo(first), last: daysAgo(1), allowed: refused > 0 ? 0 : 3, refused: refused,
      list: nil, isAdmitted: refused == 0)
  }

  /// A machine whose record goes back so many days.
  private static func machine(recordDays: Int64 = 200) throws -> ActivityReport.OfMachine {
    var machine = ActivityReport.OfMachine(name: "gate")
    machine.record = PlaceList(
      since: daysAgo(recordDays), hasHistory: false,
      places: [
        place("ann", "192.0.2.7", first: min(100, recordDays)),
        place("bob", "198.51.100.1", first: 2, refused: 1),
        place("carol", "2001:db8::", first: 3, isNetwork: true),
      ], lists: [.init(path: "everyone.from", last: daysAgo(1))], isMissingLists: false)
    machine.policy = try policy(
      """
      version: 1
      everyone: {from: [192.0.2.0/24, {address: 203.0.113.0/24, description: the old office}]}
      users: {bob: {also_from: [{address: 10.1.2.3, until: 2099-01-01}]}}
      """)
    machine.earlier = machine.policy.map { .init($0, since: daysAgo(120)) }
    return machine
  }

  private func report(
    _ machine: ActivityReport.OfMachine?, columns: Int? = nil
  ) -> ActivityReport {
    ActivityReport(
      since: Self.daysAgo(7), until: Self.now, beginning: Self.daysAgo(30),
      tally: Self.tally(Self.decisions), machine: machine, columns: columns)
  }

  private func text(_ report: ActivityReport) -> String {
    String(decoding: report.text(coloured: false), as: UTF8.self)
  }

  @Test("has what was refused, what would have been, and which exceptions were used")
  func decisions() throws {
    let text = text(report(try Self.machine()))
    #expect(text.contains("\n  logins     6\n"))
    #expect(text.contains(#/\nRefused\n.*\n +1  .* bob +198.51.100.1 new +sshd +not_listed/#))
    #expect(text.contains(/but for monitor mode\n.*\n +1  .* carol +2001:db8::17 new +sshd/))
    #expect(text.contains(#/\n  break-glass +1  .*  rescue  192.0.2.9 +sshd +dddddddddd\n/#))
    #expect(text.contains(#/\n  grant +1  .*  dan /#))
    #expect(text.contains(#/\n  no policy +1  .*  frank /#))
    #expect(text.contains(#/First time from a place\n.*\n  .*  bob +198.51.100.1 +sshd +0 +1\n/#))
    #expect(text.contains("  2001:db8::/64  "))
    #expect(!text.contains(#/First time[^\n]*\n(?: .*\n)* .* ann /#))
  }

  @Test("says what nobody would miss only as far back as the record goes")
  func unused() throws {
    let whole = text(report(try Self.machine()))
    #expect(whole.contains("Nobody would miss these: nobody came from them in 90 days\n"))
    #expect(
      whole.contains("  everyone.from        203.0.113.0/24  the old office  policy.yaml:2\n"))
    #expect(whole.contains(#/decided no login since [-:0-9 ]+:\n    users.bob.also_from\n/#))
    let short = text(report(try Self.machine(recordDays: 20)))
    #expect(short.contains("Nobody came from these in 20 days, as far as the record has it\n"))
    #expect(short.contains("somebody may have come from them before"))
    #expect(!short.contains("Nobody would miss"))
    var machine = try Self.machine()
    machine.isRecordFull = true
    let full = text(report(machine))
    #expect(full.contains("has forgotten old places") && !full.contains("Nobody would miss"))
  }

  @Test("does not name what came into the policy later, as far as the history goes back")
  func younger() throws {
    func lines(_ earlier: String?, daysAgo days: Int64) throws -> (text: String, json: String) {
      var machine = try Self.machine()
      machine.earlier = try earlier.map { .init(try policy($0), since: Self.daysAgo(days)) }
      let report = report(machine)
      return (text(report), String(decoding: report.json(), as: UTF8.self))
    }
    // Then bob had no list, and the old office was there: written otherwise, but the same entry.
    let old = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"
    let then = try lines(old, daysAgo: 91)
    #expect(then.text.contains("Nobody would miss these") && then.text.contains("the old office"))
    #expect(then.text.contains("1 more entry had no use, too, but came into the policy later."))
    #expect(!then.text.contains("10.1.2.3  ") && !then.text.contains("    users.bob.also_from\n"))
    #expect(then.json.contains(#""younger":1,"#))
    // Nothing of today was there.
    let other = try lines("version: 1\neveryone: {from: [192.0.2.0/24]}\n", daysAgo: 91)
    #expect(other.text.contains("  none: somebody came from each older entry\n"))
    // An entry that began to count later is no older than that.
    let late = try lines(
      "version: 1\neveryone: {from: [{address: 203.0.113.0/24, since: 2026-11-01}]}\n",
      daysAgo: 91)
    #expect(!late.text.contains("the old office"))
    // The history does not go back so far, or there is none.
    let short = try lines(old, daysAgo: 30)
    #expect(
      short.text.contains("The history of the policy begins") && short.text.contains("office"))
    #expect(!short.text.contains("Nobody would miss") && !short.text.contains("10.1.2.3  "))
    let none = try lines(nil, daysAgo: 0)
    #expect(none.text.contains("The history has no policy of that time: they may be new."))
    #expect(!none.text.contains("Nobody would miss") && none.json.contains(#""younger":0,"#))
  }

  @Test("says what is not known of other machines, and without the daemon")
  func unknown() throws {
    let other = text(report(nil))
    #expect(other.contains("of a journal of other machines it is not known who came"))
    #expect(!other.contains("First time from a place") && !other.contains(" new "))
    var alone = try Self.machine()
    alone.record = nil
    #expect(text(report(alone)).contains("nobody's first time is known"))
  }

  @Test("fits the terminal", arguments: [120, 80, 60])
  func fits(columns: Int) throws {
    for line in text(report(try Self.machine(), columns: columns)).split(separator: "\n") {
      #expect(line.count <= columns, "\(line)")
    }
  }

  @Test("JSON has the same, and how many elements each array lacks")
  func json() throws {
    let json = String(decoding: report(try Self.machine()).json(), as: UTF8.self)
    #expect(
      json.contains(#""decisions":{"allow":3,"deny":1,"ignore":0,"would_deny":1,"no_policy":1}"#))
    #expect(json.contains(#""refused":[{"count":1,"#))
    #expect(json.contains(#""reason":"not_listed","user":"bob""#))
    #expect(json.contains(#""unused":{"since":"#) && json.contains(#""caution":null"#))
    #expect(json.contains(#""left_out":{"refused":0,"first_from_place":0,"#))
    #expect(json.contains(#""unused_entries":0,"unused_lists":0,"ending":0}"#))
  }

  @Test("JSON says how many entries, lists and endings it lacks")
  func leftOut() throws {
    var machine = try Self.machine()
    let users = (1...1010).map { "u\($0): {also_from: [{address: 10.9.8.7, until: UNTIL}]}" }
    let end = (Self.now + .seconds(86_400)).description.prefix(10)
    machine.policy = try policy(
      "version: 1\nusers: {\(users.joined(separator: ", "))}\n".replacing("UNTIL", with: end))
    machine.earlier = machine.policy.map { .init($0, since: Self.daysAgo(120)) }
    let json = String(decoding: report(machine).json(), as: UTF8.self)
    #expect(json.contains(#""unused_entries":10,"unused_lists":10,"ending":10}"#))
  }
}
