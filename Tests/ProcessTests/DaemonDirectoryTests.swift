import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the machine's users and groups are mounted over"))
struct DaemonDirectoryTests {
  /// Starts a daemon on a machine of its own users: alice is in the group crowd, games is not.
  private func start(_ bench: DaemonBench, groups: String) throws -> ChildProcess {
    try bench.folder.write(
      """
      root:x:0:0:root:/root:/bin/sh
      alice:x:5001:5001::/:/bin/sh
      games:x:5002:5001::/:/bin/sh

      """, to: "passwd")
    try bench.folder.write(groups, to: "group")
    return try bench.start(
      """
      exec unshare --mount sh -c '
        mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group && exec "$@"
      ' '\(bench.folder.path)' "$@"
      """)
  }

  /// The entries of many groups as long as these, with alice at the end of the last.
  private func crowds(_ names: [String], members: Int) -> String {
    let crowd = (1...members).map { "member\($0)" }.joined(separator: ",")
    let groups = names.enumerated().map { number, name in
      "\(name):x:\(6000 + number):\(crowd)\(name == names.last ? ",alice" : "")\n"
    }
    return "root:x:0:\nusers:x:5001:\n" + groups.joined()
  }

  @Test func aGroupOf80000MembersIsAGroupLikeAnyOther() throws {
    let bench = try DaemonBench(
      policy: """
        version: 1
        everyone: {from: [192.0.2.0/24]}
        groups:
          crowd: {also_from: [198.51.100.0/24]}
          users: {also_from: [203.0.113.0/24]}

        """)
    let daemon = try start(bench, groups: crowds(["crowd"], members: 80_000))
    #expect(try bench.ask("alice", from: "198.51.100.7").decision == .allow)
    #expect(try bench.ask("games", from: "198.51.100.7").reason == "not_listed")
    #expect(try bench.ask("games", from: "203.0.113.7").decision == .allow)
    #expect(try bench.ask("root", from: "203.0.113.7").reason == "not_listed")
    #expect(!bench.log.contains("cannot be read"))
    #expect(daemon.poll() == nil)
  }

  @Test func manyLongGroupsLeaveNoMemoryTaken() throws {
    let names = (1...20).map { "crowd\($0)" }
    let bench = try DaemonBench(
      policy: """
        version: 1
        everyone: {from: [192.0.2.0/24]}
        groups: {\(names.map { "\($0): {also_from: [198.51.100.0/24]}" }.joined(separator: ", "))}

        """)
    let daemon = try start(bench, groups: crowds(names, members: 100_000))
    // Four at once: as many as there are threads that look users up.
    let asking = try ["alice", "games", "root", "nobody-of-that-name"].map { user in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(DaemonBench.question(user, from: "198.51.100.7", timeLeft: 30_000))
      return connection
    }
    let answers = try asking.map { try DaemonBench.answer(on: $0).reason }
    #expect(answers == ["listed", "not_listed", "not_listed", "user_unknown"])
    let memory = try readText("/proc/\(daemon.pid)/status").split(separator: "\n")
      .first { $0.hasPrefix("VmRSS:") }?.split(separator: " ").dropFirst().first
    #expect(try #require(memory.flatMap { Int($0) }) < 65_536)
  }
}
