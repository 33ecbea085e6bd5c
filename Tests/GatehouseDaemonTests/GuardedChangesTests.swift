import GatehouseControl
import GatehouseGuard
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseState
import Glibc
import GuardKit
import TestKit
import Testing

@testable import GatehouseDaemon

/// A daemon on a machine of 200 users, with their logins in its record.
private struct TownDaemon {
  let town: RandomTown
  private let daemon: InProcessDaemon
  private let asker: RandomTown.Inhabitant?

  init(_ town: RandomTown) throws {
    self.town = town
    let scene = town.village.scene
    let folder = try TemporaryDirectory("gatehouse-town")
    try folder.write("version: 1\n", to: "etc/policy.yaml")
    try folder.write("", to: "state/.kept")
    try StateFile(folder: folder.file("state"), name: "logins", LoginRecord.kind)
      .write(scene.record)
    let ids = Dictionary(uniqueKeysWithValues: town.people.map { ($0.name, $0.id) })
    let open = scene.sessions.compactMap { session in
      session.id.map { id in
        LoginSession(
          id: id, user: ids[session.user] ?? 0, remoteHost: session.origin.description,
          isRemote: true, sessionClass: "user", service: session.service.description,
          state: "active", userName: session.user.description, since: .seconds(100))
      }
    }
    let sessions = FakeSessions(
      .init(own: open.first { $0.id == scene.asker?.id }, all: open))
    asker = town.people.first { $0.name == scene.asker?.user }
    daemon = try InProcessDaemon(
      in: folder, directory: FakeDirectory(of: town.people), sessions: sessions)
  }

  /// Has a policy loaded, as the one who asks.
  func load(_ policy: String, allowing allow: Name? = nil) throws -> ReloadVerdict {
    try daemon.folder.write("version: 1\n\(policy)\n", to: "etc/policy.yaml")
    return try daemon.verdictOnReload(by: asker?.name, allowing: allow)
  }

  /// Whether the daemon lets a user in from a place at a time.
  func lets(
    _ user: Name, from origin: String, by service: Name, at time: Instant
  ) throws -> Bool {
    var request = ExplainRequest()
    request.user = user
    request.service = service
    request.time = time
    if let word = OriginWord(rawValue: origin) {
      request.origin = word.rawValue
    } else {
      request.remoteHost = Name(origin)
    }
    let reply: ExplainReply = try SeqpacketSocket.reply(
      to: request, at: daemon.folder.file("run/socket"))
    guard case .explained(let login) = reply else { throw TestKitError("\(reply)") }
    return login.explanation.decision.verdict != .deny
  }
}

extension FakeDirectory {
  /// The directory of a town, which certainly has nobody else.
  fileprivate convenience init(of people: [RandomTown.Inhabitant]) {
    self.init()
    let names = Set(people.flatMap(\.groups)).sorted()
    let ids = Dictionary(uniqueKeysWithValues: zip(names, UInt32(50)...))
    change { state in
      state.isCertainOfAbsence = true
      state.groups = ids
      for person in people {
        let own = person.groups.compactMap { ids[$0] }
        state.accounts[person.name] = Account(
          name: person.name, userID: person.id, primaryGroupID: own.first ?? 40)
        state.memberships[person.name] = own
        for group in person.groups { state.members[group, default: []].append(person.name) }
      }
    }
  }
}

@Suite(
  "The guard, by the daemon's own answers",
  .enabled(if: isRoot, "needs root: a policy must be root's"))
struct GuardedChangesTests {
  /// Two networks of documentation in which this machine has no address.
  private var networks: [String] {
    let own = Machine.ownAddresses().map(\.text)
    return ["192.0.2", "198.51.100", "203.0.113"].filter { network in
      !own.contains { $0.hasPrefix("\(network).") }
    }
  }

  @Test(
    "what it accepts leaves every repairer a place for 14 days, and it refuses nothing harmless",
    arguments: 0..<towns)
  func changes(seed: Int) throws {
    let networks = Array(networks.prefix(2))
    try #require(networks.count == 2, "this machine has addresses in networks of documentation")
    // A policy writes whole seconds.
    let now = Instant(microsecondsSinceEpoch: Instant.now().microseconds / 1_000_000 * 1_000_000)
    var town = RandomTown(seed: UInt64(seed), now: now, networks: networks)
    let daemon = try TownDaemon(town)
    var (accepted, refused) = (0, 0)
    for number in 0..<25 {
      let change = town.change()
      let told: Comment = "seed \(seed), change \(number)\n\(change.old)\n---\n\(change.new)"
      let slow = SlowGuard(
        town: town, old: try policy(change.old), new: try policy(change.new), times: town.looks())
      _ = try daemon.load(change.old, allowing: "all")
      let verdict = try daemon.load(change.new)
      guard case .loaded = verdict.outcome else {
        refused += 1
        #expect(!slow.losses().isEmpty, told)
        continue
      }
      accepted += 1
      let losses = verdict.guardVerdict?.losses ?? []
      let meant = Set(losses.filter { $0.excuse == .meant }.flatMap(\.names))
      for time in slow.times {
        let lost = try slow.repairers.filter { user in
          try slow.hasPlace(user, under: slow.old, at: time)
            && !daemon.hasPlace(user, by: slow, at: time)
        }
        #expect(meant.isSuperset(of: lost), told)
        // Whoever means to shut out somebody leaves another one who can come in.
        if !lost.isEmpty { #expect(try daemon.letsInSomeRepairer(by: slow, at: time), told) }
      }
    }
    #expect(accepted > 0 && refused > 0, "\(accepted) accepted, \(refused) refused")
  }
}

extension TownDaemon {
  /// Whether the daemon lets a user in from some place of theirs.
  fileprivate func hasPlace(_ user: Name, by slow: SlowGuard, at time: Instant) throws -> Bool {
    try slow.ways(user).contains { way in
      try lets(user, from: way.origin, by: way.service, at: time)
    }
  }

  /// Whether the daemon lets in somebody who can repair the machine: from a place of theirs, or by
  /// break-glass from anywhere.
  fileprivate func letsInSomeRepairer(by slow: SlowGuard, at time: Instant) throws -> Bool {
    if try slow.repairers.contains(where: { try hasPlace($0, by: slow, at: time) }) { return true }
    return try slow.new.breakGlassUsers.contains { user in
      try slow.addresses.contains { try lets(user, from: $0, by: "sshd", at: time) }
    }
  }
}

/// On how many machines 25 changes each are made.
private let towns = rounds("GATEHOUSE_GUARD_TOWNS", usually: 3)
