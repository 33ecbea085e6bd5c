import GatehouseWire
import TestKit
import Testing

@Suite(
  "gatehouse allow, disallow, block, unblock and network",
  .enabled(if: isRoot, "needs root: the daemon insists on a root's policy"))
struct CommandEntryTests {
  private let bench: DaemonBench

  private static let policy = """
    version: 1
    # who comes from where
    networks:
      office: [192.0.2.0/24]   # the office
    everyone: {from: [office]}

    users:
      games:
        also_from:
          - 198.51.100.1   # home
          - 198.51.100.2
      bin: {only_from: [198.51.100.9]}
    break_glass: {users: [root], from: [office]}
    block:
      - 203.0.113.0/24

    """

  init() throws { bench = try DaemonBench(policy: Self.policy) }

  private func gatehouse(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let place = [
      "--folder", bench.config, "--history", bench.folder.file("history"), "--socket", bench.socket,
    ]
    // Somebody whom the guard can judge: root, by break-glass.
    return try ProcessTests.gatehouse(
      arguments + place,
      environment: ["SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22"].merging(environment) { $1 })
  }

  private func standing() throws -> String { try readText(bench.policy) }

  @Test("each command changes its entry and nothing else, and the daemon serves it")
  func changes() throws {
    let daemon = try bench.start()
    func change(_ arguments: [String], _ old: String, _ new: String) throws {
      let before = try standing()
      let outcome = try gatehouse(arguments)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("loaded  generation"), "\(outcome)")
      #expect(try standing() == before.replacing(old, with: new), "\(outcome)")
    }
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .deny)
    try change(
      ["allow", "games", "198.51.100.7"], "also_from:\n", "also_from:\n      - 198.51.100.7\n")
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    try change(
      ["disallow", "games", "198.51.100.1"], "      - 198.51.100.1   # home", "      # home")
    #expect(try bench.ask("games", from: "198.51.100.1").decision == .deny)
    try change(
      ["block", "192.0.2.66", "--until", "2099-01-31", "--description", "scans"],
      "block:\n", "block:\n  - {address: 192.0.2.66, description: scans, until: 2099-01-31}\n")
    #expect(try bench.ask("games", from: "192.0.2.66").reason == "blocked")
    try change(
      ["unblock", "192.0.2.66"],
      "  - {address: 192.0.2.66, description: scans, until: 2099-01-31}\n", "")
    #expect(try bench.ask("games", from: "192.0.2.66").decision == .allow)
    try change(
      ["network", "add", "office", "198.18.0.0/15", "198.51.100.128/25"], "[192.0.2.0/24]",
      "[198.18.0.0/15, 198.51.100.128/25, 192.0.2.0/24]")
    #expect(try bench.ask("sync", from: "198.18.7.7").decision == .allow)
    try change(["network", "remove", "office", "198.18.0.0/15"], "198.18.0.0/15, ", "")
    #expect(try bench.ask("sync", from: "198.18.7.7").decision == .deny)
    let history = try ProcessTests.gatehouse(
      ["history", "--folder", bench.config, "--history", bench.folder.file("history")])
    #expect(history.output.contains("edit"))
    #expect(history.output.contains("network remove office 198.18.0.0/15"))
    #expect(daemon.poll() == nil)
  }

  @Test("the change is shown as a difference of the file, with the decision before and after")
  func shown() throws {
    let daemon = try bench.start()
    let allowed = try gatehouse(["allow", "sync", "me", "--dry-run"])
    #expect(allowed.status == 0, "\(allowed)")
    #expect(
      allowed.output.hasPrefix(
        """
        --- policy.yaml
        +++ policy.yaml (new)
        @@ -5,6 +5,7 @@
         everyone: {from: [office]}
         
         users:
        +  sync: {also_from: [192.0.2.7]}
           games:
             also_from:
               - 198.51.100.1   # home
        sync from 192.0.2.7 by sshd: before allow (listed, policy.yaml:5), with it allow (listed, policy.yaml:8)
        users.sync.also_from is new: it adds to what the rest of the policy allows

        """))
    #expect(allowed.output.contains("would be applied  allow sync me"))
    #expect(try standing() == Self.policy)
    let last = try gatehouse(["disallow", "bin", "198.51.100.9", "--json", "--dry-run"])
    #expect(last.status == 0, "\(last)")
    #expect(last.output.hasPrefix(#"{"version":1,"outcome":"would_apply","error":null,"#))
    #expect(
      last.output.contains(
        #""steps":[{"step":"emptied","entry":"198.51.100.9","list":"users.bin.only_from","#))
    #expect(last.output.contains(#""+  bin: {only_from: [nowhere]}""#))
    #expect(last.output.contains(#""after":{"decision":"deny","reason":"confined""#))
    #expect(daemon.poll() == nil)
  }

  @Test("of several addresses each is judged, and none is written if one would still be denied")
  func several() throws {
    let daemon = try bench.start()
    let both = try gatehouse(["allow", "games", "198.51.100.70", "198.51.100.71", "--dry-run"])
    #expect(both.status == 0, "\(both)")
    for last in [70, 71] {
      let login = "games from 198.51.100.\(last) by sshd"
      #expect(both.output.contains("\(login): before deny (not_listed"))
    }
    let refused = try gatehouse(["allow", "games", "198.51.100.70", "203.0.113.5"])
    #expect(refused.status == 1)
    let denied = "games would still be denied from 203.0.113.5 by sshd: blocked"
    #expect(refused.errors.contains(denied))
    #expect(try standing() == Self.policy)
    let absent = try gatehouse(["disallow", "games", "198.51.100.1", "198.51.100.72"])
    #expect(absent.status == 1)
    #expect(absent.errors.contains("198.51.100.72"))
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  @Test("what is there already is said to be there, and nothing is written")
  func already() throws {
    let daemon = try bench.start()
    for arguments in [
      ["allow", "games", "198.51.100.1"], ["block", "203.0.113.0/255.255.255.0"],
      ["network", "add", "office", "192.0.2.0/24"],
    ] {
      let outcome = try gatehouse(arguments)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains(" already (policy.yaml:"), "\(outcome)")
      #expect(outcome.output.contains("unchanged"), "\(outcome)")
    }
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  /// A command that is refused, and what it says.
  struct Refusal: Sendable {
    let arguments: [String]
    let status: Int32
    let said: String
  }

  @Test(
    "what cannot be done is refused with the reason and the remedy, and nothing is written",
    arguments: [
      Refusal(
        arguments: ["disallow", "games", "192.0.2.9"], status: 1,
        said:
          "it is admitted from everyone.from by office, which has 192.0.2.0/24 (policy.yaml:4)\n"
          + "gatehouse: hint: give that entry `except: [192.0.2.9]`: `gatehouse edit policy.yaml`"),
      Refusal(
        arguments: ["unblock", "203.0.113.7"], status: 1,
        said: "it is blocked by block by 203.0.113.0/24 (policy.yaml:15)"),
      Refusal(arguments: ["unblock", "192.0.2.9"], status: 1, said: "and nothing blocks it"),
      Refusal(
        arguments: ["network", "remove", "offic", "192.0.2.9"], status: 1,
        said: "did you mean `office`?"),
      Refusal(
        arguments: ["network", "remove", "office", "192.0.2.9"], status: 1,
        said: "networks.office has no entry 192.0.2.9; it is in networks.office by 192.0.2.0/24"),
      // The user would still be denied.
      Refusal(
        arguments: ["allow", "games", "203.0.113.7"], status: 1,
        said:
          "games would still be denied from 203.0.113.7 by sshd: blocked, policy.yaml:14; nothing "
          + "was changed\ngatehouse: hint: all that it takes: take 203.0.113.0/24 (policy.yaml:15) out of block"
      ),
      Refusal(
        arguments: ["allow", "bin", "198.51.100.7", "--service", "sshd"], status: 1,
        said: "confined, policy.yaml:12"),
      Refusal(arguments: ["allow", "games", "offic"], status: 1, said: "did you mean `office`?"),
      Refusal(arguments: ["block", "192.0.2.1/24"], status: 2, said: "192.0.2.0/24"),
      Refusal(arguments: ["block", "host.example"], status: 2, said: "is not an IP address"),
      Refusal(
        arguments: ["block", "192.0.2.9", "--until", "2001-01-01"], status: 2,
        said: "is over already"),
      Refusal(
        arguments: ["block", "192.0.2.9", "--for", "soon"], status: 2, said: "not a duration"),
      Refusal(
        arguments: ["block", "192.0.2.9", "--for", "1h", "--until", "2099-01-01"], status: 2,
        said: "not both"),
    ])
  func refusals(_ refusal: Refusal) throws {
    let daemon = try bench.start()
    let outcome = try gatehouse(refusal.arguments)
    #expect(outcome.status == refusal.status, "\(outcome)")
    #expect(outcome.errors.contains(refusal.said), "\(outcome)")
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  @Test("me is the address of this session, and an error if it has none")
  func me() throws {
    let daemon = try bench.start()
    let nowhere = try gatehouse(["allow", "games", "me"], environment: ["SSH_CONNECTION": ""])
    #expect(nowhere.status == 2, "\(nowhere)")
    #expect(nowhere.errors.contains("me: this session came from no address by ssh"))
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  @Test("what locks its own session out is refused by the guard, as an edit is")
  func locksOut() throws {
    let daemon = try bench.start()
    let refused = try gatehouse(["network", "remove", "office", "192.0.2.0/24"])
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("you, root: could not log in again from 192.0.2.7"))
    #expect(refused.output.contains("to do it anyway: --allow-lockout=root"))
    #expect(try standing() == Self.policy)
    // break_glass is above block, so this needs a policy without it.
    let plain = Self.policy.replacing("break_glass: {users: [root], from: [office]}\n", with: "")
    #expect(
      try ProcessTests.gatehouse(
        [
          "apply", try bench.folder.write(plain, to: "plain.yaml"), "--allow-lockout=all",
          "--folder", bench.config, "--history", bench.folder.file("history"),
          "--socket", bench.socket,
        ]).status == 0)
    let own = try gatehouse(["block", "me"])
    #expect(own.status == 1, "\(own)")
    #expect(own.output.contains("you, root: could not log in again from 192.0.2.7"), "\(own)")
    #expect(try standing() == plain)
    #expect(daemon.poll() == nil)
  }

  @Test("--confirm-within tries it, and leaves the folder as it was")
  func onTrial() throws {
    let daemon = try bench.start()
    let outcome = try gatehouse(["allow", "games", "198.51.100.7", "--confirm-within", "1h"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("on trial  allow games 198.51.100.7"))
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  @Test("a policy with an error, or a folder that is not there, is said so")
  func unusable() throws {
    _ = try bench.folder.write("version: 1\nblok: [192.0.2.1]\n", to: "etc/policy.yaml")
    let broken = try gatehouse(["block", "192.0.2.9"])
    #expect(broken.status == 1, "\(broken)")
    #expect(broken.errors.contains("`gatehouse edit` mends it"), "\(broken)")
    _ = try run("/bin/rm", ["-r", bench.config])
    #expect(try gatehouse(["block", "192.0.2.9"]).status == 3)
  }

  @Test("a history that cannot be written leaves the policy as it was")
  func unwritable() throws {
    let daemon = try bench.start()
    // A file in the place of the history's folder.
    _ = try bench.folder.write("", to: "history")
    let outcome = try gatehouse(["block", "192.0.2.9"])
    #expect(outcome.status == 3, "\(outcome)")
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }
}
