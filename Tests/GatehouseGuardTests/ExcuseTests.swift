import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GuardKit
import Testing

@Suite("The guard: what is meant, and what is allowed")
struct ExcuseTests {
  private let nowhere = "\(anywhere)\nusers: {bob: {only_from: [nowhere]}}"
  private let block = "\(anywhere)\nblock: [198.51.100.66]"

  /// Alice asks; bob has a session, and can repair the machine, as carol can.
  private func village(carolIsThere: Bool = true) -> Village {
    var village = Village()
    for user: Name in ["alice", "bob", "carol"] { village.person(user, in: ["sudo"]) }
    village.opens("alice", from: "192.0.2.7", id: "1", isOwn: true)
    village.opens("bob", from: "198.51.100.66", id: "2")
    if carolIsThere { village.came("carol", from: "192.0.2.8", daysAgo: 20) }
    return village
  }

  @Test("a user's own only_from: [nowhere] is meant, and so is block")
  func meant() throws {
    #expect(
      try village().losses(anywhere, nowhere) == [
        "login bob 198.51.100.66 confined (meant)",
        "last_place bob 198.51.100.66 confined (meant)",
      ])
    #expect(
      try village().losses(anywhere, block) == [
        "login bob 198.51.100.66 blocked (meant)", "last_place bob 198.51.100.66 blocked (meant)",
      ])
    #expect(try !village().verdict(anywhere, block).isObstacle)
  }

  @Test("what the policy does not say in plain words is not")
  func notStated() throws {
    for new in [
      "\(anywhere)\nusers: {bob: {only_from: [192.0.2.1]}}",
      "\(anywhere)\ngroups: {sudo: {only_from: [192.0.2.0/24]}}",
      office,
    ] {
      let found = try village().verdict(anywhere, new).losses.filter { $0.names == ["bob"] }
      #expect(!found.isEmpty && found.allSatisfy { $0.isObstacle && $0.missing == nil })
    }
  }

  @Test("it is not if nobody else who can repair the machine keeps a place")
  func another() throws {
    #expect(
      try village(carolIsThere: false).losses(anywhere, nowhere).first
        == "login bob 198.51.100.66 confined (not meant: another_keeps)")
    var open = village(carolIsThere: false)
    open.opens("carol", from: "192.0.2.8", id: "3")
    #expect(try !open.verdict(anywhere, nowhere).isObstacle)
    let glass = "\nbreak_glass: {users: [rescue], from: [203.0.113.1]}"
    var rescue = village(carolIsThere: false)
    rescue.person("rescue")
    #expect(try !rescue.verdict(anywhere + glass, nowhere + glass).isObstacle)
    // The rescue user has never come from there.
    #expect(try rescue.verdict(anywhere, nowhere + glass).isObstacle)
    // Carol's place ends within the time.
    let ending = nowhere.replacing(
      "users:",
      with: "groups: {sudo: {only_from: [{address: 192.0.2.8, until: "
        + "\"\(written(days: 2))\"}, 192.0.2.7]}}\nusers:")
    #expect(try village().verdict(ending, ending).losses == [])
    let found = try village().losses(
      "\(anywhere)\ngroups: {sudo: {only_from: [198.51.100.66, 192.0.2.7, {address: 192.0.2.8, "
        + "until: \"\(written(days: 2))\"}]}}", ending)
    #expect(found.first == "login bob 198.51.100.66 confined (not meant: another_keeps)")
  }

  @Test("it is not if the one who asks loses something, too")
  func asker() throws {
    let both = "\(anywhere)\nblock: [198.51.100.66, 192.0.2.7]"
    let found = try village().verdict(anywhere, both).losses
    #expect(found.contains { $0.names == ["bob"] && $0.missing == .askerKeeps })
    #expect(found.contains { $0.isOwn && $0.missing == .askerKeeps })
    #expect(found.allSatisfy { $0.isObstacle })
  }

  @Test("another session of the one who asks can be blocked without help")
  func ownOtherSession() throws {
    var village = Village()
    village.person("alice", in: ["sudo"])
    village.opens("alice", from: "192.0.2.7", id: "1", isOwn: true)
    village.opens("alice", from: "198.51.100.66", id: "2")
    #expect(
      try village.losses(anywhere, block) == ["login alice 198.51.100.66 blocked (meant)"])
  }

  @Test("an intruder who cannot repair the machine vetoes nothing")
  func intruder() throws {
    var village = village()
    village.person("mallory")
    village.opens("mallory", from: "203.0.113.9", id: "9")
    #expect(try village.losses(anywhere, "\(anywhere)\nblock: [203.0.113.9]") == [])
  }

  @Test("a loss that is meant now hides none that is not, and comes later")
  func later() throws {
    let until = written(hours: 5)
    let new = """
      everyone: {from: [192.0.2.0/24, {address: 198.51.100.66, until: "\(written(hours: 6))"}]}
      block: [{address: 198.51.100.66, until: "\(until)"}]
      """
    #expect(
      try village().losses(anywhere, new) == [
        "login bob 198.51.100.66 not_listed in 6h",
        "last_place bob 198.51.100.66 not_listed in 6h",
      ])
  }

  @Test("the console and break-glass are never lost by meaning it")
  func never() throws {
    let glass = "\nbreak_glass: {users: [bob], from: [198.51.100.66]}"
    let local = "\nlocal: {users: [alice, carol]}"
    let kinds = try village().verdict(anywhere + glass, nowhere + local).losses
      .filter(\.isObstacle).map(\.kind)
    #expect(kinds == [.console, .breakGlass])
  }

  @Test("with nobody to ask, another repairer has to keep a place")
  func nobodyAsks() throws {
    var village = village()
    village.scene.asker = nil
    #expect(try !village.verdict(anywhere, nowhere).isObstacle)
    village = self.village(carolIsThere: false)
    village.scene.asker = nil
    village.scene.sessions.removeAll { $0.user == "alice" }
    #expect(try village.verdict(anywhere, nowhere).isObstacle)
  }

  @Test("--allow-lockout names whom it lets go, or all")
  func allowed() throws {
    let found = try village().losses(anywhere, office, allowing: LockoutAllowance(users: ["bob"]))
    #expect(found.allSatisfy { $0.hasSuffix("(allowed)") } && found.count == 2)
    let other = try village().verdict(anywhere, office, allowing: LockoutAllowance(users: ["al"]))
    #expect(other.isObstacle)
    let all = try village().verdict(
      anywhere, "everyone: {from: [nowhere]}", allowing: LockoutAllowance(all: true))
    #expect(!all.losses.isEmpty && !all.isObstacle)
    let glass = "\nbreak_glass: {users: [bob, carol]}"
    let one = LockoutAllowance(users: ["bob"])
    #expect(try village().verdict(anywhere + glass, anywhere, allowing: one).isObstacle)
    let two = LockoutAllowance(users: ["bob", "carol"])
    #expect(try !village().verdict(anywhere + glass, anywhere, allowing: two).isObstacle)
  }
}
