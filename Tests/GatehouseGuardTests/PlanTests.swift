import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseRecord
import GuardKit
import Testing

@Suite("The guard: the plan")
struct PlanTests {
  @Test("has everybody of the record who loses, and everybody who gains")
  func both() throws {
    var village = Village()
    village.person("bob")
    village.person("dave")
    village.came("bob", from: "198.51.100.7", daysAgo: 300)
    village.came("bob", from: "198.51.100.8", by: "dovecot")
    village.came("dave", from: "192.0.2.9", .refused)
    village.came("erin", from: "203.0.113.1")
    let verdict = try village.verdict("everyone: {from: [198.51.100.0/24]}", office)
    #expect(
      verdict.losing.map(\.summary) == [
        "bob 198.51.100.8 dovecot not_listed", "bob 198.51.100.7 sshd not_listed",
      ])
    #expect(verdict.losing.last?.lastSeen == present - .seconds(300 * 86_400))
    #expect(verdict.gaining.map(\.summary) == ["dave 192.0.2.9 sshd listed"])
    #expect(verdict.losingCount == GuardVerdict.Count(places: 2, users: 1))
    #expect(verdict.gainingCount == GuardVerdict.Count(places: 1, users: 1))
    #expect(!verdict.isObstacle && !verdict.isPlanCut)
  }

  @Test("tells from when on, the first time of each")
  func later() throws {
    var village = Village()
    village.came("bob", from: "198.51.100.7")
    village.came("dave", from: "192.0.2.9", .refused)
    let new = """
      everyone:
        from:
          - {address: 198.51.100.7, until: "\(written(days: 1))"}
          - {address: 192.0.2.9, since: "\(written(days: 2))", until: "\(written(days: 3))"}
      """
    let verdict = try village.verdict("everyone: {from: [198.51.100.7]}", new)
    #expect(verdict.losing.map(\.summary) == ["bob 198.51.100.7 sshd not_listed in 24h"])
    #expect(verdict.gaining.map(\.summary) == ["dave 192.0.2.9 sshd listed in 48h"])
  }

  @Test("has a bounded number of rows, and counts all; those of now come first")
  func bounded() throws {
    var village = Village()
    for number in 0..<300 {
      village.came(Name("user\(number)"), from: "198.51.100.7")
      village.came(Name("user\(number)"), from: "198.51.100.8")
    }
    let new = "everyone: {from: [{address: 198.51.100.8, until: \"\(written(hours: 1))\"}]}"
    let verdict = try village.verdict(anywhere, new)
    #expect(verdict.losing.count == GuardVerdict.rowLimit)
    #expect(verdict.losing.allSatisfy { $0.at == nil })
    #expect(verdict.losingCount == GuardVerdict.Count(places: 600, users: 300))
    // Of those of now, which are more than there are rows, the first by name.
    let names = (0..<300).map { Name("user\($0)") }.sorted()
    #expect(verdict.losing.map(\.user) == Array(names.prefix(GuardVerdict.rowLimit)))
  }

  @Test("without an old policy nobody is said to gain")
  func unknownOld() throws {
    var village = Village()
    village.came("bob", from: "198.51.100.7")
    let verdict = try village.verdict(nil, office)
    #expect(verdict.losing.count == 1 && verdict.gaining == [])
    #expect(try village.verdict(nil, anywhere).gaining == [])
  }
}
