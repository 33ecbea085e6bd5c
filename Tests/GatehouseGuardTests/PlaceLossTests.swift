import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseRecord
import GuardKit
import Testing

@Suite("The guard: last places, the console and break-glass")
struct PlaceLossTests {
  private func village(_ groups: Set<Name> = ["sudo"]) -> Village {
    var village = Village()
    village.person("carol", in: groups)
    village.came("carol", from: "198.51.100.7")
    village.came("carol", from: "198.51.100.8", daysAgo: 29)
    return village
  }

  @Test("one of the addresses of the last 30 days has to be left")
  func lastPlace() throws {
    #expect(try village().losses(anywhere, "block: [198.51.100.7]") == [])
    #expect(
      try village().losses(anywhere, office)
        == ["last_place carol 198.51.100.7 not_listed"])
    var old = Village()
    old.person("carol", in: ["sudo"])
    old.came("carol", from: "198.51.100.7", daysAgo: 31)
    #expect(try old.losses(anywhere, office) == [])
    #expect(try old.verdict(anywhere, office).isUnjudged)
  }

  @Test("each of these can repair the machine", arguments: ["sudo", "wheel", "admin"])
  func groups(_ group: String) throws {
    #expect(try village([Name(group)]).verdict(anywhere, office).isObstacle)
  }

  @Test("so can uid 0, users and groups of break_glass, and who has used sudo; nobody else")
  func others() throws {
    #expect(try !village([]).verdict(anywhere, office).isObstacle)
    var root = village([])
    root.person("carol", id: 0)
    #expect(try root.verdict(anywhere, office).isObstacle)
    var sudoer = village([])
    sudoer.came("carol", from: "198.51.100.7", by: "sudo", daysAgo: 300)
    #expect(try sudoer.verdict(anywhere, office).isObstacle)
    sudoer = village([])
    sudoer.came("carol", from: "198.51.100.7", by: "sudo", .refused)
    #expect(try !sudoer.verdict(anywhere, office).isObstacle)
    for members in ["users: [carol]", "groups: [rescue]"] {
      let glass = "break_glass: {\(members), from: [203.0.113.1]}"
      for (old, new) in zip(["\(anywhere)\n\(glass)", anywhere], [office, "\(office)\n\(glass)"]) {
        let kinds = try village(["rescue"]).verdict(old, new).losses.map(\.kind)
        #expect(kinds.contains(.lastPlace))
      }
    }
  }

  @Test("another person's addresses are no help, and neither are those of mail and of sudo")
  func services() throws {
    var village = village()
    village.came("dave", from: "192.0.2.1")
    village.came("carol", from: "192.0.2.1", by: "dovecot")
    village.came("carol", from: "192.0.2.1", by: "sudo")
    #expect(try village.losses(anywhere, office) == ["last_place carol 198.51.100.7 not_listed"])
    village.came("carol", from: "192.0.2.1")
    #expect(try village.losses(anywhere, office) == [])
  }

  @Test("the machine itself counts only for one who comes from nowhere else")
  func machineItself() throws {
    var remote = village()
    remote.came("carol", from: "self")
    #expect(
      try remote.losses(anywhere, "everyone: {from: [self]}")
        == ["last_place carol 198.51.100.7 not_listed"])
    var inside = Village()
    inside.person("carol", in: ["sudo"])
    inside.came("carol", from: "self")
    #expect(try inside.losses(anywhere, office) == ["last_place carol self not_listed"])
    #expect(try inside.losses(anywhere, "everyone: {from: [self]}") == [])
  }

  @Test("a place that only a grant lets in, such as one by a code, is no place that is left")
  func granted() throws {
    // What the daemon keeps of a login does not say that a grant let it in.
    var village = village()
    village.came("carol", from: "203.0.113.7", daysAgo: 0)
    let known = "everyone: {from: [198.51.100.0/24]}"
    #expect(try village.losses(known, office) == ["last_place carol 198.51.100.7 not_listed"])
    #expect(
      try village.losses(known, "everyone: {from: [203.0.113.7]}") == [], "the policy lets it in")
  }

  @Test("what the old policy let in nowhere is not lost; what comes to be lost later is")
  func times() throws {
    #expect(try village().losses(office, "everyone: {from: [10.0.0.0/8]}") == [])
    let until = written(days: 3)
    let both = """
      everyone:
        from:
          - {address: 198.51.100.7, until: "\(until)"}
          - {address: 198.51.100.8, until: "\(written(days: 5))"}
      """
    #expect(
      try village().losses(anywhere, both) == ["last_place carol 198.51.100.7 not_listed in 120h"])
    let turns = """
      everyone:
        from:
          - {address: 198.51.100.7, until: "\(until)"}
          - {address: 198.51.100.8, since: "\(until)"}
      """
    #expect(try village().losses(anywhere, turns) == [])
  }

  @Test("a policy that opens the machine is not refused, whoever was never there")
  func opening() throws {
    let verdict = try village().verdict(
      "\(office)\nbreak_glass: {users: [root]}",
      """
      everyone: {from: [anywhere]}
      break_glass: {users: [root]}
      """)
    #expect(verdict.losses == [])
  }

  @Test("nobody who can repair the machine loses the console")
  func console() throws {
    #expect(
      try village().losses(anywhere, "\(anywhere)\nlocal: {users: [bob]}")
        == ["console carol local by login local_not_listed"])
    #expect(try village().losses(anywhere, "\(anywhere)\nlocal: {groups: [sudo]}") == [])
    #expect(try village([]).losses(anywhere, "\(anywhere)\nlocal: {users: [bob]}") == [])
    let already = "\(anywhere)\nlocal: {users: [bob]}"
    #expect(try village().losses(already, already) == [])
  }

  private func rescue(_ from: String?, until: String? = nil) -> String {
    let list = from.map { address in
      let time = until.map { ", until: \"\($0)\"" } ?? ""
      return ", from: [{address: \(address)\(time)}]"
    }
    return "\(anywhere)\nbreak_glass: {users: [rescue]\(list ?? "")}"
  }

  @Test("the last way in by break-glass stays")
  func breakGlass() throws {
    var village = Village()
    village.person("rescue")
    let old = rescue("203.0.113.0/24")
    #expect(try village.losses(old, old) == [])
    #expect(try village.losses(old, anywhere) == ["break_glass rescue"])
    #expect(try village.losses(old, "mode: monitor\n\(anywhere)") == [])
    #expect(try village.losses(anywhere, anywhere) == [])
    // Where nobody has ever been.
    #expect(try village.losses(old, rescue("192.0.2.1")) == ["break_glass rescue"])
    // The old policy had it too.
    #expect(try village.losses(old, rescue("203.0.113.9")) == [])
    #expect(try village.losses(rescue(nil), rescue("192.0.2.1")) == [])
    #expect(try village.losses(old, rescue(nil)) == [])
    // Its user has come from there, long ago.
    village.came("rescue", from: "192.0.2.1", daysAgo: 300)
    #expect(try village.losses(old, rescue("192.0.2.0/24")) == [])
    #expect(
      try village.losses(old, rescue("203.0.113.0/24", until: written(days: 2)))
        == ["break_glass rescue in 48h"])
  }

  @Test("nobody gets in by break-glass who does not exist")
  func absent() throws {
    var village = Village()
    village.person("rescue")
    let old = rescue("203.0.113.0/24")
    let new = "\(anywhere)\nbreak_glass: {users: [ghost], from: [203.0.113.0/24]}"
    #expect(try village.losses(old, new) == [])
    village.absent("ghost")
    #expect(try village.losses(old, new) == ["break_glass rescue"])
    #expect(try village.losses(new, anywhere) == [])
  }

  @Test("a group of break-glass counts by its known members, or if it was there before")
  func breakGlassGroup() throws {
    var village = Village()
    let (group, users) = (
      "\(anywhere)\nbreak_glass: {groups: [rescue]}", "\(anywhere)\nbreak_glass: {users: [root]}"
    )
    #expect(try village.losses(group, group) == [])
    #expect(try village.losses(users, group) == ["break_glass root"])
    village.person("dave", in: ["rescue"])
    #expect(try village.losses(users, group) == [])
  }
}
