import GatehouseControl
import GatehousePolicy
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct DaemonReloadTests {
  private let closed = "version: 1\neveryone: {from: [nowhere]}\n"
  private let broken = "version: 1\neveryone:\n  from: [192.0.2.0/33]\n"
  private let failing =
    DaemonBench.examplePolicy + "tests:\n  - {user: games, from: 192.0.2.7, expect: deny}\n"

  @Test func aHangupReadsThePolicyAgain() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    // Who can repair the machine has come, so the policy can be judged.
    #expect(try bench.ask("root", from: "192.0.2.7").decision == .allow)
    let confining = DaemonBench.examplePolicy + "users: {games: {only_from: [nowhere]}}\n"
    try bench.folder.write(confining, to: "etc/policy.yaml")
    daemon.signal(SIGHUP)
    try bench.waitForLog("generation 2 ")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
  }

  @Test func aBrokenPolicyLeavesTheOldOneServing() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    try bench.folder.write(broken, to: "etc/policy.yaml")
    daemon.signal(SIGHUP)
    try bench.waitForLog("stays in effect")
    try bench.waitForLog("policy.yaml:3:10: error: ")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    let status = try bench.status()
    #expect(status.contains("\"refused\":{"))
    #expect(status.contains("\"generation\":1"))

    try bench.folder.write(DaemonBench.examplePolicy, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 0)
    #expect(try bench.status().contains("\"refused\":null"))
  }

  @Test func aListThatEndsSoonIsToldAfterEachLoad() throws {
    let bench = try DaemonBench(policy: closed)
    let daemon = try bench.start()
    #expect(!bench.log.contains("matches nothing"))
    let day = try run("date", ["--utc", "--date=3 days", "+%F"]).output.dropLast()
    try bench.folder.write(
      "version: 1\nblock: [{address: 192.0.2.7, until: \(day)}]\n", to: "etc/policy.yaml")
    daemon.signal(SIGHUP)
    try bench.waitForLog("policy.yaml:2:1: warning: block matches nothing from ")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
  }

  @Test func ofVeryManyErrorsTheLogHasTheFirst() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let wrong = Array(repeating: "192.0.2.0/33", count: 1000).joined(separator: ", ")
    try bench.folder.write("version: 1\nblock: [\(wrong)]\n", to: "etc/policy.yaml")
    daemon.signal(SIGHUP)
    try bench.waitForLog("is refused for 1000 errors; generation 1 ")
    #expect(bench.log.contains("800 more like these; `gatehouse check` shows all of them"))
    #expect(bench.log.split(separator: "\n").count { $0.contains("policy.yaml:2:") } == 200)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
  }

  @Test("what check warns of, a reload says too, and log and status have it, also after a start")
  func warnings() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    try bench.folder.write(
      "version: 1\nusers: {gh-nobody-x: {also_from: [192.0.2.1]}}\n"
        + "services: {ssh: {from: [192.0.2.0/24]}}\n", to: "etc/policy.yaml")
    try bench.folder.write("version: 1\n", to: "etc/bob.yaml")
    let names = ["unknown_user", "unknown_service", "ignored_file", "no_break_glass"]
    let verdict = try bench.reload()
    #expect(verdict.exitStatus == 0)
    for name in names { #expect(verdict.text.contains("[\(name)]"), "\(verdict.text)") }
    let status = try bench.status()
    for name in names { #expect(status.contains("\"\(name)\""), "\(status)") }
    try bench.waitForLog("there is no user `gh-nobody-x` on this machine")
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    // Nobody waits for a directory at a start: the warnings come after it.
    let again = try bench.start()
    try wait { try names.allSatisfy { try bench.status().contains("\"\($0)\"") } }
    #expect(again.poll() == nil)
  }

  @Test func whoeverAsksForAReloadGetsTheVerdict() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    #expect(try bench.reload().exitStatus == 0)
    try bench.folder.write(broken, to: "etc/policy.yaml")
    let verdict = try bench.reload()
    #expect(verdict.exitStatus == 1)
    #expect(verdict.text.contains("policy.yaml:3:10"))
    #expect(daemon.poll() == nil)
  }

  @Test func manyReloadsAtOnceEachGetAVerdict() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let reloads = try (0..<20).map { _ in try SeqpacketSocket(connectingTo: bench.socket) }
    // A reload: GH, version 2, kind 4.
    for connection in reloads { connection.send([0x47, 0x48, 2, 4]) }
    for connection in reloads { #expect(try !connection.receive().isEmpty) }
    #expect(daemon.poll() == nil)
  }

  @Test func reloadsAtOnceShareTheirLoads() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // Stopped, it finds all of them at once when it goes on.
    daemon.signal(SIGSTOP)
    let reloads = try (0..<10).map { _ in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(try ReloadRequest().frame())
      return connection
    }
    daemon.signal(SIGCONT)
    for connection in reloads {
      let (_, text) = try connection.receiveWithText()
      #expect(text.contains("\"generation\":2") || text.contains("\"generation\":3"))
    }
    #expect(!bench.log.contains("generation 4 "))
    // The next that asks has a load of its own.
    #expect(try bench.reload().exitStatus == 0)
    #expect(try bench.status().contains("\"generation\":4"))
  }

  @Test func aRequestDuringALoadSeesWhatWasWrittenBeforeIt() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // A list that takes a while, so that the next requests come during its load.
    let list = (0..<200_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)\n" }.joined()
    try bench.folder.write(list, to: "etc/list")
    try bench.folder.write(
      "version: 1\neveryone: {from: [{file: list}, 192.0.2.0/24]}\n", to: "etc/policy.yaml")
    let first = try SeqpacketSocket(connectingTo: bench.socket)
    first.send(try ReloadRequest().frame())
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    try bench.folder.write(closed, to: "etc/policy.yaml")
    for _ in 0..<3 { #expect(try bench.reload().exitStatus == 0) }
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
    // It may have read either of them.
    #expect(try !first.receiveWithText().text.isEmpty)
    #expect(daemon.poll() == nil)
  }

  @Test(arguments: ["owner", "mode", "folder"])
  func aPolicyThatOthersCouldHaveWrittenIsRefused(_ fault: String) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    try bench.folder.write(closed, to: "etc/policy.yaml")
    // SAFETY: the paths are C strings for the length of the calls.
    switch fault {
    case "owner": #expect(unsafe chown(bench.policy, 65534, 65534) == 0)
    case "mode": #expect(unsafe chmod(bench.policy, 0o666) == 0)
    default: #expect(unsafe chmod(bench.config, 0o777) == 0)
    }
    #expect(try bench.reload().exitStatus == 1)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test func aFailingTestRefusesAReload() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    try bench.folder.write(failing, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 1)
    #expect(try bench.status().contains("\"generation\":1"))
    #expect(daemon.poll() == nil)
  }

  @Test func aFailingTestRefusesAStartWithAPolicyThatWasNeverAccepted() throws {
    let bench = try DaemonBench(policy: failing)
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .noPolicy)
    try bench.waitForLog("error: there is no policy to serve")
    #expect(daemon.poll() == nil)
  }

  @Test func aFailingTestOfTheAcceptedPolicyOnlyWarns() throws {
    let bench = try DaemonBench(policy: failing)
    try bench.accept(failing)
    let daemon = try bench.start()
    try bench.waitForLog("policy.yaml:11:5: warning: ")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(try bench.reload().exitStatus == 0)
    #expect(try bench.status().contains("\"refused\":null"))
    #expect(daemon.poll() == nil)
  }

  // MARK: The guard

  @Test func whatTheGuardRefusedAtAHangupStaysRefusedOverARestartAndABoot() throws {
    let bench = try DaemonBench()
    do {
      let daemon = try bench.start()
      // Root has come from one place.
      #expect(try bench.ask("root", from: "192.0.2.7").decision == .allow)
      try bench.folder.write(closed, to: "etc/policy.yaml")
      daemon.signal(SIGHUP)
      try bench.waitForLog("is refused because \(bench.config) would shut out who could repair it")
      try bench.waitForLog("root would have no place left to log in from")
      daemon.signal(SIGTERM)
      #expect(try daemon.wait() == .exited(0))
    }
    for boot in ["5a9a7bcd-0000-4000-8000-000000000001", "5a9a7bcd-0000-4000-8000-000000000002"] {
      let daemon = try bench.start("exec \"$@\" --boot-id \(boot)")
      #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
      let status = try bench.status()
      #expect(status.contains("\"refused\":{") && status.contains("\"kept_copy\":true"))
      daemon.signal(SIGTERM)
      #expect(try daemon.wait() == .exited(0))
    }
    // Whoever says that it is meant gets it, and it lasts.
    do {
      let daemon = try bench.start()
      #expect(try bench.reload().exitStatus == 1)
      #expect(try bench.reload(allowing: "root").exitStatus == 0)
      try bench.waitForLog("was accepted with --allow-lockout")
      #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
      daemon.signal(SIGKILL)
      _ = try daemon.wait()
    }
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
    #expect(try bench.status().contains("\"refused\":null"))
    #expect(daemon.poll() == nil)
  }

  // MARK: The last good policy

  private func startedOnce(_ bench: DaemonBench) throws {
    let daemon = try bench.start()
    try wait { access(bench.state + "/last-good-policy") }
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
  }

  private func access(_ path: String) -> Bool { (try? readFile(path)) != nil }

  @Test(arguments: ["broken", "missing", "folder missing"])
  func theLastGoodPolicyServesWhereTheFilesAreBadAtTheStart(_ fault: String) throws {
    let bench = try DaemonBench()
    try startedOnce(bench)
    switch fault {
    case "broken": try bench.folder.write(broken, to: "etc/policy.yaml")
    // SAFETY: the paths are C strings for the length of the calls.
    case "missing": #expect(unsafe unlink(bench.policy) == 0)
    default: #expect(unsafe rename(bench.config, bench.config + ".away") == 0)
    }
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(try bench.ask("games", from: "203.0.113.5").decision == .deny)
    try bench.waitForLog("error: the kept copy of the last good policy serves")
    let status = try bench.status()
    #expect(status.contains("\"kept_copy\":true"))
    #expect(status.contains("\"refused\":{"))
    #expect(daemon.poll() == nil)
  }

  @Test func aDamagedCopyIsNotServed() throws {
    let bench = try DaemonBench()
    try startedOnce(bench)
    var copy = try readFile(bench.state + "/last-good-policy")
    let place = try #require(copy.lastIndex(of: UInt8(ascii: "2")))
    copy[place] = UInt8(ascii: "3")
    try writeFile(bench.state + "/last-good-policy", copy)
    try bench.folder.write(broken, to: "etc/policy.yaml")
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .noPolicy)
    #expect(daemon.poll() == nil)
  }

  @Test func theCopyFollowsEachGoodReloadAndNoBadOne() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    try bench.folder.write(closed, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 0)
    try wait { try readText(bench.state + "/last-good-policy").contains("nowhere") }
    try bench.folder.write(broken, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 1)
    #expect(try readText(bench.state + "/last-good-policy").contains("nowhere"))
    #expect(daemon.poll() == nil)
  }

  @Test func aFullDiskUnderTheStateFolderIsLoggedAndStopsNothing() throws {
    let bench = try DaemonBench()
    try bench.folder.directory("state")
    // A mount of the daemon's own, seen by nobody else.
    let daemon = try bench.start(
      """
      exec unshare --mount sh -c '
        mount -t tmpfs -o size=4k gatehouse "$0" && head -c 4096 /dev/zero >"$0/full"
        exec "$@"' '\(bench.state)' "$@"
      """)
    try bench.waitForLog("the policy could not be kept for the next start (write ")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(try bench.reload().exitStatus == 0)
    #expect(daemon.poll() == nil)
  }
}
