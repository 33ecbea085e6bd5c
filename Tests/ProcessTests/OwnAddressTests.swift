import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(
  "The addresses of a machine of its own",
  .enabled(if: isRoot, "needs root: a network of its own, and a policy that is root's"))
struct OwnAddressTests {
  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24, "fe80::/10", "2001:db8::/32"]}

    """

  /// Runs a command in the network of a process.
  private func ip(_ arguments: String, in process: ChildProcess) throws {
    let result = try run(
      "/usr/bin/nsenter",
      ["-t", "\(process.pid)", "-n", "ip"] + arguments.split(separator: " ").map(String.init))
    try #require(result.status == 0, "ip \(arguments): \(result.errors)")
  }

  private func reason(_ bench: DaemonBench, from address: String) throws -> String {
    try bench.ask("games", from: address).reason
  }

  @Test("are followed while the daemon runs: those that come, go, and are one link's alone")
  func followed() throws {
    let bench = try DaemonBench(policy: Self.policy)
    let daemon = try bench.start("exec unshare -n \"$@\"")
    // A machine without a single address has loopback all the same.
    #expect(try reason(bench, from: "127.0.0.1") == "not_listed")
    #expect(try reason(bench, from: "192.0.2.1") == "listed")
    #expect(!bench.log.contains("addresses"), "\(bench.log)")

    try ip("link set lo up", in: daemon)
    try ip("link add one type veth peer name two", in: daemon)
    try ip("link set one up", in: daemon)
    try ip("addr add 192.0.2.1/24 dev one", in: daemon)
    try ip("addr add 2001:db8::1/64 dev one nodad", in: daemon)
    try ip("addr add fe80::1/64 dev one nodad", in: daemon)
    // The kernel has told it before the question came.
    #expect(try reason(bench, from: "192.0.2.1") == "not_listed")
    #expect(try reason(bench, from: "::ffff:192.0.2.1") == "not_listed")
    #expect(try reason(bench, from: "192.0.2.2") == "listed")
    // For IPv6 a thread of the kernel's own tells it, which may come later than ip(8) returns.
    try wait { try reason(bench, from: "2001:db8::1") == "not_listed" }
    try wait { try reason(bench, from: "fe80::1%one") == "not_listed" }
    #expect(try reason(bench, from: "fe80::1%lo") == "listed")
    #expect(try reason(bench, from: "fe80::1") == "listed")

    try ip("addr del 192.0.2.1/24 dev one", in: daemon)
    #expect(try reason(bench, from: "192.0.2.1") == "listed")
    try ip("link del one", in: daemon)
    #expect(try reason(bench, from: "2001:db8::1") == "listed")
    #expect(daemon.poll() == nil)
  }

  @Test("are asked for again if there was more news than there was room for")
  func overflow() throws {
    let bench = try DaemonBench(policy: Self.policy)
    let daemon = try bench.start("exec unshare -n \"$@\"")
    try ip("link add one type veth peer name two", in: daemon)
    try ip("link set one up", in: daemon)
    // While the daemon stands still, more happens than its socket holds.
    daemon.signal(SIGSTOP)
    var batch = ""
    for number in 0..<4000 {
      batch += "addr add 10.9.\(number / 250).\(number % 250 + 1)/32 dev one\n"
    }
    batch += "addr add 192.0.2.1/24 dev one\n"
    try bench.folder.write(batch, to: "batch")
    try ip("-batch \(bench.folder.file("batch"))", in: daemon)
    daemon.signal(SIGCONT)
    try wait { try reason(bench, from: "192.0.2.1") == "not_listed" }
    try ip("addr del 192.0.2.1/24 dev one", in: daemon)
    try wait { try reason(bench, from: "192.0.2.1") == "listed" }
    #expect(daemon.poll() == nil)
  }
}
