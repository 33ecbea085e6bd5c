import GatehouseFeeds
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import GatehouseWire
import TestKit
import Testing

extension CommandFeedsTests {
  /// Runs `gatehouse feeds` with kill-host, and says whether it was killed at the step.
  private func isKilled(_ arguments: [String], at step: Int) throws -> Bool {
    let result = try KillHost.run(
      builtProgram("gatehouse"), ["feeds"] + arguments + options, at: step)
    #expect(result.status == 0 || result.status == 1, "\(result)")
    return result.status == 0
  }

  /// The files that an interrupted write leaves.
  private func leftovers() throws -> [String] {
    try [FeedContent.folder, bench.folder.file("offers"), bench.folder.file("history")]
      .filter(Files.isFolder)
      .flatMap { try Files.names(in: $0) }
      .filter { $0.hasSuffix(".pending") || ($0.hasSuffix(".new") && $0.contains(network)) }
  }

  @Test(
    "Killed at each write while it takes: all of it serves or nothing, each file is whole",
    .enabled(if: KillHost.works, "needs ptrace"))
  func killedTaking() throws {
    let networks = [network, "\(network)_too"]
    try writeFile(
      bench.policy,
      Array(
        """
        version: 1
        networks:
          \(networks[0]): {url: "\(url)"}
          \(networks[1]): {url: "\(url)"}
        users: {games: {only_from: [\(networks[0])]}, mail: {only_from: [\(networks[1])]}}
        break_glass: {users: [root]}

        """.utf8))
    let daemon = try bench.start()
    let places = [("192.0.2.0/24", "192.0.2.7"), ("198.51.100.0/24", "198.51.100.7")]
    func contents() throws -> [[UInt8]] {
      try networks.map { try readFile("\(FeedContent.folder)/\($0)") }
    }
    for network in networks { try offer(places[0].0, for: network) }
    #expect(try feeds("take", asksDaemon: true).status == 0)

    var steps = 0
    while steps < 1000 {
      steps += 1
      let (old, new) = (places[(steps + 1) % 2], places[steps % 2])
      let before = try contents()
      for network in networks { try offer(new.0, for: network) }
      let offered = try networks.map { try readFile(bench.folder.file("offers/\($0)")) }
      guard try isKilled(["take", "--socket", bench.socket], at: steps) else { break }
      for (index, content) in try contents().enumerated() {
        #expect(content == before[index] || content == offered[index], "step \(steps)")
      }
      let answers = try ["games", "mail"].map { user in
        [try bench.ask(user, from: old.1).decision, try bench.ask(user, from: new.1).decision]
      }
      #expect(answers[0] == answers[1], "step \(steps)")
      #expect(Set(answers[0]) == [.allow, .deny], "step \(steps)")

      let next = try feeds("take", asksDaemon: true)
      #expect(next.status == 0, "step \(steps): \(next)")
      #expect(try bench.ask("games", from: new.1).decision == .allow, "step \(steps)")
      #expect(try bench.ask("mail", from: old.1).decision == .deny, "step \(steps)")
      #expect(try leftovers() == [], "step \(steps)")
      #expect(try feeds("list").status == 0, "step \(steps)")
    }
    #expect((20..<1000).contains(steps))
    #expect(daemon.poll() == nil)
  }

  @Test(
    "Killed at each write while it gets: what is offered is old or new, and the next run gets it",
    .enabled(if: KillHost.works, "needs ptrace"))
  func killedGetting() throws {
    let fixtures = "\(#filePath)"
      .replacing("ProcessTests/CommandFeedsKillTests.swift", with: "GatehouseFeedsTests/Fixtures")
    let databases = try ["ipinfo-lite", "geolite2-country"].map {
      try readFile("\(fixtures)/\($0).mmdb")
    }
    let path = bench.folder.file("land.mmdb")
    let folders = FeedFolders(offers: bench.folder.file("offers"))
    var source = NetworkSource(.countries(["DE"], database: path))
    source.shrinkLimit = 100
    let name = Name(network)
    try writeFile(folders.plan, FeedPlan([.init(name, source, isWanted: true)]).encoded)

    func offered() throws -> AddressSet { try FeedContent(readFile(folders.offer(name))).addresses }
    func fetch() throws -> AddressSet {
      let result = try feeds("fetch")
      #expect(result.status == 0, "\(result)")
      return try offered()
    }
    try writeFile(path, databases[0])
    var old = try fetch()
    try writeFile(path, databases[1])
    var new = try fetch()
    #expect(old != new)

    var steps = 0
    while steps < 1000 {
      steps += 1
      swap(&old, &new)
      try writeFile(path, databases[(steps + 1) % 2])
      guard try isKilled(["fetch"], at: steps) else { break }
      #expect([old, new].contains(try offered()), "step \(steps)")
      guard case .value = try folders.state(name).read() else {
        Issue.record("step \(steps): what is remembered is damaged")
        return
      }
      #expect(try fetch() == new, "step \(steps)")
      #expect(try leftovers() == [], "step \(steps)")
      #expect(folders.state(name).valueIfUsable()?.problem == nil)
    }
    #expect((10..<1000).contains(steps))
  }
}
