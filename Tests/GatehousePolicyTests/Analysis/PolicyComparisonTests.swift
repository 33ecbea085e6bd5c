import TestKit
import Testing

@testable import GatehousePolicy

@Suite("Where two policies differ")
struct PolicyComparisonTests {
  /// A policy and one that came from it by a few edits, or two that have nothing in common.
  private func pair(_ generator: inout TwinGenerator) throws -> (old: Policy, new: Policy) {
    let old = generator.policy()
    var new = generator.policy()
    if !generator.random.once(in: 4) {
      let other = new
      new = old
      switch generator.random.number(0...6) {
      case 0: new.everyone = other.everyone
      case 1: new.users = other.users
      case 2: new.groups = other.groups
      case 3: new.roles = other.roles
      case 4: (new.networks, new.sources) = (other.networks, other.sources)
      case 5:
        (new.block, new.breakGlass, new.local) = (other.block, other.breakGlass, other.local)
      default: (new.mode, new.services) = (other.mode, other.services)
      }
    }
    let policies = try [old, new].map { twin in
      let text = TwinText(twin, random: &generator.random)
      return try #require(Policy.load(text.snapshot).policy, "\(text.text)")
    }
    return (policies[0], policies[1])
  }

  /// The change that the comparison knows for an origin at a time; nil where there is none.
  private func change(
    in found: SubjectDifference, service: Name, named: Set<Name>, origin: Origin, at time: Instant
  ) -> DecisionChange? {
    let isConsole = TwinGenerator.consoles.contains(service.description)
    let parts = found.parts.filter { part in
      if named.contains(service) { return part.services.named.contains(service) }
      return isConsole ? part.services.includesConsoles : part.services.includesOthers
    }
    let differences = parts.flatMap(\.differences).filter { difference in
      switch origin {
      case .address(let address): difference.addresses.contains(address)
      case .local: difference.isLocal
      case .machine: difference.isMachine
      case .unknown(.noAddress): difference.lacksAddress
      case .unknown: difference.isUnknown
      }
    }
    #expect(differences.count <= 1, "an origin lies in one difference at most")
    let changes = differences.flatMap(\.changes).filter { change in
      change.since ?? .distantPast <= time && time < change.until ?? .distantFuture
    }
    #expect(changes.count <= 1, "changes do not overlap")
    return changes.first
  }

  @Test(
    "An origin is in the difference exactly when the decisions differ, and with those decisions")
  func soundAndComplete() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 21))
    var differing = 0
    var same = 0
    for _ in 0..<rounds("GATEHOUSE_DIFFS", usually: 60) {
      let (old, new) = try pair(&generator)
      let begin = TwinTime.instant(generator.random.number(0...3))
      let comparison = PolicyComparison(old: old, new: new, from: begin)
      let times = (0...8).map { TwinTime.instant($0) }.flatMap {
        [Instant(microsecondsSinceEpoch: $0.microseconds - 1), $0]
      }.filter { begin <= $0 }
      for _ in 0..<4 {
        let asked = generator.login()
        let groups = Set((asked.groups ?? []).map { Name($0) })
        let named = groups.intersection(comparison.groups)
        // Whoever is not named is as good as anybody in the same groups.
        let isNamed = !generator.random.once(in: 3)
        let user: Name = isNamed ? Name(asked.user) : "somebody"
        let subject = isNamed ? Subject.user(user, groups: groups) : .members(of: named)
        let found = comparison.difference(for: subject)
        let origins =
          telling.map(Origin.address) + [
            .machine, .local, .unknown(.noAddress), .unknown(.notAnAddress),
          ]
        for time in times {
          for origin in origins {
            let login = Login(
              user: user, groups: groups, service: Name(asked.service), origin: origin, time: time)
            let expected = (DecisionOutcome(old.decide(login)), DecisionOutcome(new.decide(login)))
            let change = change(
              in: found, service: login.service, named: comparison.services, origin: origin,
              at: time)
            if expected.0 == expected.1 {
              same += 1
              #expect(change == nil, "\(login)")
            } else {
              differing += 1
              #expect(change?.old == expected.0 && change?.new == expected.1, "\(login)")
            }
          }
        }
      }
    }
    #expect(differing > 2_000)
    #expect(same > 2_000)
  }

  @Test("Changes are as long as they can be, and in order")
  func maximal() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 22))
    for _ in 0..<100 {
      let (old, new) = try pair(&generator)
      let comparison = PolicyComparison(old: old, new: new, from: TwinTime.instant(1))
      let found = comparison.difference(for: .user("u0", groups: ["g0"]))
      for difference in found.parts.flatMap(\.differences) {
        let changes = difference.changes
        #expect(!changes.isEmpty)
        #expect(changes.allSatisfy { $0.old != $0.new })
        for (before, after) in zip(changes, changes.dropFirst()) {
          let end = try #require(before.until)
          let begin = try #require(after.since)
          #expect(end <= begin)
          #expect(end < begin || (before.old, before.new) != (after.old, after.new))
        }
      }
    }
  }

  @Test("Nothing differs between a policy and itself, however it is written")
  func reflexive() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 23))
    for _ in 0..<100 {
      let twin = generator.policy()
      let policies = try (0..<2).map { _ in
        try #require(Policy.load(TwinText(twin, random: &generator.random).snapshot).policy)
      }
      let comparison = PolicyComparison(
        old: policies[0], new: policies[1], from: TwinTime.instant(0))
      let groups = comparison.groups.map { Subject.members(of: [$0]) }
      let users = comparison.users.map { Subject.user($0, groups: comparison.groups) }
      for subject in [.everyoneElse] + groups + users {
        #expect(comparison.difference(for: subject).parts.isEmpty)
      }
    }
  }

  private func difference(
    _ old: String, _ new: String, for subject: Subject
  ) throws -> SubjectDifference {
    let policies = try [old, new].map { text in
      let loaded = load("version: 1\n" + text)
      return try #require(loaded.policy, "\(messages(loaded))")
    }
    return PolicyComparison(old: policies[0], new: policies[1], from: TwinTime.instant(0))
      .difference(for: subject)
  }

  @Test("What differs for some services alone says for which")
  func services() throws {
    let found = try difference(
      """
      everyone: {from: [10.0.0.0/24]}
      services: {ftp: {from: [10.0.0.0/25]}, imap: {check: false}}
      """,
      """
      everyone: {from: [10.0.0.0/25]}
      services: {ftp: {from: [10.0.0.0/25]}, imap: {check: false}, smtp: {from: [10.0.0.0/25]}}
      """, for: .everyoneElse)
    let part = try #require(found.parts.first)
    #expect(found.parts.count == 1)
    #expect(part.services.named == ["smtp"])
    #expect(part.services.includesOthers)
    #expect(part.services.excluded == ["ftp", "imap"])
    #expect(part.differences.map(\.addresses.description) == ["10.0.0.128/25"])
  }

  @Test("A role that cannot be used from any address still shows for logins without a remote host")
  func localRoles() throws {
    let found = try difference(
      "roles: {r: {members: {users: [eve]}, from: [nowhere]}}",
      "roles: {r: {members: {users: [bob, eve]}, from: [nowhere]}}",
      for: .user("bob", groups: []))
    let difference = try #require(found.parts.first?.differences.first)
    #expect(difference.addresses.isEmpty)
    #expect(difference.isLocal && !difference.isUnknown)
    #expect(difference.changes.map(\.new.roles) == [["r"]])
  }
}
