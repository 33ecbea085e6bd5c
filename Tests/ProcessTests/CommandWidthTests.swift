import TestKit
import Testing

@Suite(
  "What is printed on a terminal of 80 columns, or of 60",
  .enabled(if: isRoot, "needs root: the daemon insists on a root's policy"))
struct CommandWidthTests {
  private let bench: DaemonBench

  /// A policy with much to say about, in long words and sentences.
  private static let policy = """
    version: 1
    networks:
      headquarters-in-the-city: {description: The headquarters in the old town, addresses: [192.0.2.0/24, "2001:db8:1:2:3:4:5:0/112"]}
      home: {name: [alice.dynamic-addresses.example.net, bob.dynamic-addresses.example.net]}
      partners: [{address: 198.51.100.7, description: the office in Ankara until the line moves, until: 2030-01-31}]
    everyone: {from: [headquarters-in-the-city, partners]}
    groups: {gh-nobody-in-particular: {also_from: [203.0.113.7]}}
    users: {games: {also_from: [198.51.100.1]}, bin: {only_from: [198.51.100.9]}}
    break_glass: {users: [root], from: [192.0.2.0/24]}
    tests:
      - {user: games, from: 203.0.113.200, expect: allow}

    """

  init() throws {
    bench = try DaemonBench(policy: Self.policy.replacing("expect: allow", with: "expect: deny"))
    try bench.folder.write(Self.policy, to: "failing.yaml")
    try bench.folder.write(
      "version: 1\nevryone: {}\nblock: [300.1.1.1, 10.0.0.1/8]\n", to: "broken.yaml")
    try bench.folder.write(
      "version: 1\neveryone: {from: [198.51.100.0/24]}\n", to: "narrow.yaml")
    try bench.folder.write("+:root:ALL\n-:ALL:ALL EXCEPT 192.0.2.0/24\n", to: "access.conf")
  }

  /// What is run of each subcommand with --json, in this order; the words after `gatehouse`.
  ///
  /// `@` is the bench's folder, and `PLACE` the options that name its policy, history and daemon.
  private static let runs: [(name: String, arguments: [String])] = [
    ("check", ["check @/etc", "check @/broken.yaml", "check @/none"]),
    ("test", ["test @/etc", "test @/failing.yaml"]),
    ("explain", ["explain games 203.0.113.7 --socket @/run/gatehouse.sock"]),
    ("explain", ["explain bin 203.0.113.7 --policy @/etc", "explain bin 1.2.3 --policy @/etc"]),
    ("where", ["where games --policy @/etc"]), ("who", ["who 203.0.113.7 --policy @/etc"]),
    ("list", ["list --policy @/etc"]), ("diff", ["diff @/etc @/narrow.yaml"]),
    ("doors", ["doors", "doors gh-no-such-service"]),
    ("status", ["status --socket @/run/gatehouse.sock", "status --socket @/none"]),
    ("log", ["log ZZZZZZZZZZ", "log --since 1m"]), ("watch", ["watch --no-such-option"]),
    ("report", ["report --since 1h"]),
    ("sessions show", ["sessions show --socket @/run/gatehouse.sock"]),
    ("sessions end", ["sessions end gh-no-such-session --socket @/run/gatehouse.sock"]),
    ("replay", ["replay --policy @/narrow.yaml --socket @/run/gatehouse.sock"]),
    ("shadow start", ["shadow start @/narrow.yaml --socket @/run/gatehouse.sock"]),
    ("shadow show", ["shadow show --socket @/run/gatehouse.sock"]),
    ("shadow stop", ["shadow stop --socket @/run/gatehouse.sock"]),
    ("apply", ["apply @/narrow.yaml PLACE", "apply @/broken.yaml PLACE"]),
    ("edit", ["edit PLACE"]),
    ("allow", ["allow games 198.51.100.77 PLACE", "allow gmes 198.51.100.78 PLACE"]),
    ("disallow", ["disallow games 198.51.100.77 PLACE"]),
    ("block", ["block 203.0.113.66 PLACE", "block 192.0.2.0/24 PLACE"]),
    ("unblock", ["unblock 203.0.113.66 PLACE"]),
    ("network add", ["network add partners 198.51.100.8 PLACE", "network add x y PLACE"]),
    ("network remove", ["network remove partners 198.51.100.8 PLACE"]),
    ("feeds list", ["feeds list PLACE0"]),
    ("feeds show", ["feeds show home PLACE0", "feeds show none PLACE0"]),
    ("feeds refresh", ["feeds refresh none PLACE0"]),
    ("feeds accept", ["feeds accept home PLACE0", "feeds accept none PLACE0"]),
    ("history list", ["history list PLACE0"]),
    ("history show", ["history show 2 PLACE0", "history show 200 PLACE0"]),
    ("rollback", ["rollback PLACE"]), ("confirm", ["confirm PLACE1"]),
    ("grant", ["grant games 203.0.113.7 --for 1h --socket @/run/gatehouse.sock"]),
    ("grants", ["grants --socket @/run/gatehouse.sock"]),
    ("revoke", ["revoke --all --socket @/run/gatehouse.sock", "revoke x --socket @/none"]),
    ("approve", ["approve ZZZZZZZZZZ --socket @/run/gatehouse.sock"]),
    ("setup", ["setup --dry-run --no-such-option"]), ("learn", ["learn --socket @/none"]),
    ("import", ["import @/none"]), ("pam enable", ["pam enable --dry-run"]),
    ("pam disable", ["pam disable --no-such-option"]), ("pam status", ["pam status"]),
    ("pam test", ["pam test games 203.0.113.7 --service gh-no-such-service"]),
    ("reload", ["reload --socket @/run/gatehouse.sock"]),
    ("refresh", ["refresh gh-nobody --socket @/run/gatehouse.sock"]),
  ]

  @Test("no line is wider, unless it is one word or command", arguments: [80, 60])
  func widths(columns: Int) throws {
    let daemon = try bench.start()
    for (name, lines) in Self.runs {
      for line in lines {
        let screen = try screen(of: line, columns)
        #expect(!screen.isEmpty, "\(line)")
        for shown in screen.split(separator: "\n") {
          #expect(isFitted(shown, columns), "\(name): \(line): \(shown)")
        }
      }
    }
    _ = daemon
  }

  @Test("every subcommand with --json is among those that are run")
  func every() throws {
    let known = try KnownSubcommand.all.get().filter { $0.options.contains("json") }.map(\.name)
    #expect(Set(known).subtracting(Self.runs.map(\.name)) == [])
  }

  @Test("an error and its hint go on below where they are broken")
  func error() throws {
    #expect(
      try screen(of: "status --socket @/none/but/a/path/of/some/length", 60)
        .hasPrefix(
          """
          gatehouse: error: gatehoused cannot be asked at
              \(bench.folder.file("none/but/a/path/of/some/length")):
          """))
  }

  private func screen(of line: String, _ columns: Int) throws -> String {
    let socket = "--socket @/run/gatehouse.sock"
    let place = "--folder @/etc --history @/history"
    let whole = line.replacing("PLACE0", with: place).replacing(
      "PLACE1", with: "\(place) \(socket)"
    ).replacing("PLACE", with: "\(place) \(socket) --allow-lockout all")
    let program = try TerminalProgram(
      try builtProgram("gatehouse"),
      whole.replacing("@", with: bench.folder.path).split(separator: " ").map { String($0) },
      environment: [
        "SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22", "SUDO_USER": "", "EDITOR": "true",
        "TERM": "xterm",
      ], columns: columns)
    _ = try program.end(seconds: 60)
    return program.screen.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "")
  }

  private func isFitted(_ line: Substring, _ columns: Int) -> Bool {
    if line.count <= columns { return true }
    let words = line.replacing(/`[^`]*`/, with: "`").split(separator: " ")
    return words.count <= 1
  }
}
