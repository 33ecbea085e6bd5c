import GatehousePlatform
import TestKit
import Testing

@Suite(
  "gatehouse setup",
  .enabled(
    if: isRoot && JournalFolder.canBeMade,
    "needs root, for a machine's files, and the package systemd-journal-remote"))
struct CommandSetupTests {
  /// What the package puts into the policy's folder.
  private static let shipped = try? readText(
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
      + "/packaging/debian/policy.yaml")
  private static let screens =
    #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Screens"

  /// How the administrator has come.
  private static let session = [
    "SSH_CONNECTION": "203.0.113.9 1 203.0.113.2 22", "SUDO_USER": "games",
  ]
  private static let writing = "policy.yaml? (y)es or (n)o [no]: "
  private static let turningOn = "Turn it on for 10 minutes? (y)es or (n)o [no]: "

  /// A machine as the packages leave it, whose journal has some logins.
  private struct Machine {
    let bench: PAMBench
    private let journal: JournalFolder?

    // The policy in its folder, nil for none; and whether its journal has any login.
    init(policy: String? = shipped, hasLogins: Bool = true) throws {
      bench = try PAMBench(policy: policy ?? "")
      if policy == nil { _ = try run("rm", [bench.daemon.policy]) }
      journal = try hasLogins ? JournalFolder(Self.logins) : nil
      try bench.write("passwd: files\ngroup: files\n", to: "nsswitch.conf")
      try bench.write(shipped ?? "", to: "shipped.yaml")
      let copying = journal.map { "cp \($0.path)/*.journal \"$journal\"" } ?? ":"
      try bench.write(
        """
        # So that nothing is made in the /etc of the machine that runs the tests.
        mkdir /run/above /run/work
        mount -t overlay -o lowerdir=/etc,upperdir=/run/above,workdir=/run/work overlay /etc
        mount --bind "$0/pam.d" /etc/pam.d
        mkdir -p /etc/gatehouse
        mount --bind \(bench.daemon.config) /etc/gatehouse
        cp "$0/nsswitch.conf" /etc/nsswitch.conf
        for files in /usr/lib/pam.d /var/log/journal; do
          [ ! -d "$files" ] || mount -t tmpfs none "$files"
        done
        journal=/run/log/journal/$(cat /etc/machine-id)
        mkdir -p "$journal" /usr/share/gatehouse
        \(copying)
        mount -t tmpfs none /usr/share/gatehouse
        cp "$0/shipped.yaml" /usr/share/gatehouse/policy.yaml

        """, to: "always")
    }

    private static var logins: [JournalFolder.Entry] {
      [
        .ssh(
          "Accepted publickey for daemon from 198.51.100.7 port 1 ssh2: ED25519 SHA256:x",
          at: minutesAgo(5000)),
        .ssh(
          "Accepted password for ghost from 192.0.2.66 port 1 ssh2", at: minutesAgo(4000)),
        .ssh("Accepted password for games from 203.0.113.7 port 1 ssh2", at: minutesAgo(3000)),
        .ssh("Accepted password for bin from 203.0.113.8 port 1 ssh2", at: minutesAgo(2000)),
        .ssh("Accepted password for bin from 2001:db8::8 port 1 ssh2", at: minutesAgo(1000)),
      ]
    }

    /// The policy as it is now; nil if there is none.
    var policy: String? { try? readText(bench.daemon.policy) }
    /// Whether logins ask.
    var asks: Bool { bench.content("pam.d/common-account").contains("pam_gatehouse") }
    /// Whether nothing was changed.
    var isAsShipped: Bool { policy == shipped && !asks && bench.content("calls") == "" }
  }

  /// Expects that the screen is as it was kept, but for what is different each time.
  ///
  /// With GATEHOUSE_KEEP_SCREENS=1 it is kept instead, to be read.
  private func expectScreen(
    _ screen: String, _ name: String, of machine: Machine,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    for line in screen.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)", sourceLocation: sourceLocation)
    }
    let shown =
      screen
      .replacing(machine.bench.daemon.config, with: "/etc/gatehouse")
      .replacing(machine.bench.daemon.socket, with: "/run/gatehouse/gatehouse.sock")
      .replacing(/[0-9a-f]{12}/, with: "0123456789ab")
      // How long the folder's name is says where that line is broken.
      .replacing(/what\s+the\s+daemon\s+serves/, with: "what the daemon serves")
      .replacing(/9 minutes [0-9]+ seconds?/, with: "9 minutes 58 seconds")
      .replacing(/20[0-9]{2}-[0-9]{2}-[0-9]{2}/, with: "2026-11-21")
    let path = "\(Self.screens)/\(name).txt"
    if Environment["GATEHOUSE_KEEP_SCREENS"] == "1" { try writeFile(path, Array(shown.utf8)) }
    let kept = try readText(path)
    #expect(shown == kept, sourceLocation: sourceLocation)
  }

  @Test("from the installation to logins that ask on trial; and again, with nothing left to do")
  func all() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    try setup.answer("[games]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "203.0.113.0/24\n")
    try setup.wait(for: Self.writing)
    #expect(machine.isAsShipped)
    try setup.answer(Self.writing, "y\n")
    try setup.wait(for: Self.turningOn)
    #expect(!machine.asks)
    #expect(machine.policy?.contains("\nmode: monitor\n") == true)
    try setup.answer(Self.turningOn, "yes\n")
    #expect(try setup.end() == 0, "\(setup.screen)")
    try expectScreen(setup.screen, "setup", of: machine)
    #expect(machine.asks)
    #expect(machine.bench.content("systemctl") == "--quiet start gatehouse-pam-undo.timer\n")
    #expect(try machine.bench.daemon.status().contains("\"mode\":\"monitor\""))
    let policy = machine.policy

    let again = try machine.bench.setupAtTerminal(environment: Self.session)
    #expect(try again.end() == 0, "\(again.screen)")
    try expectScreen(again.screen, "setup-again", of: machine)
    #expect(machine.policy == policy)
    #expect(daemon.poll() == nil)
  }

  @Test("without a login in the record the policy has the administrator's own address alone")
  func noLogins() throws {
    let machine = try Machine(hasLogins: false)
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(["--no-pam"], environment: Self.session)
    try setup.answer("[games]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "\n")
    try setup.answer(Self.writing, "y\n")
    #expect(try setup.end() == 0, "\(setup.screen)")
    try expectScreen(setup.screen, "setup-no-logins", of: machine)
    #expect(try machine.bench.daemon.ask("games", from: "203.0.113.9").reason == "break_glass")
    #expect(try machine.bench.daemon.ask("bin", from: "203.0.113.9").wouldDeny)
    #expect(!machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test("at the console it asks for the address; wrong answers are asked again")
  func wrongAnswers() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(["--no-pam"])
    try setup.answer("From which address do you log in? [none]: ", "office\n")
    try setup.answer("From which address do you log in? [none]: ", "203.0.113.9\n")
    try setup.answer("Which user for break_glass? [root]: ", "ghost\n")
    try setup.answer("Which user for break_glass? [root]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "anywhere\n")
    try setup.answer("[203.0.113.9]: ", "0.0.0.0/0\n")
    try setup.answer("[203.0.113.9]: ", "office\n")
    try setup.answer("[203.0.113.9]: ", "\n")
    try setup.answer(Self.writing, "perhaps\n")
    try setup.answer(Self.writing, "\n")
    #expect(try setup.end() == 1)
    for problem in [
      "`office` is not an IP address", "there is no user `ghost` on this machine",
      "root from anywhere is what everybody on the internet tries", "`office` is not an address",
      "nothing was written.",
    ] { #expect(setup.screen.contains(problem), "\(setup.screen)") }
    #expect(machine.isAsShipped)
    #expect(daemon.poll() == nil)
  }

  @Test("the end of input is a no, and changes nothing", arguments: ["[games]: ", writing])
  func endOfInput(question: String) throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let answers = ["--break-glass", "games", "--break-glass-from", "anywhere"]
    let options = question == Self.writing ? answers : []
    let setup = try machine.bench.setupAtTerminal(options, environment: Self.session)
    try setup.answer(question, "\u{4}")
    #expect(try setup.end() == 1)
    #expect(setup.screen.contains("nothing was written"))
    #expect(machine.isAsShipped)
    #expect(daemon.poll() == nil)
  }

  @Test("a no to PAM leaves the policy, and says how to turn it on")
  func noPAM() throws {
    let machine = try Machine(policy: nil)
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    try setup.answer("[games]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "\n")
    try setup.answer(Self.writing, "y\n")
    try setup.answer(Self.turningOn, "n\n")
    #expect(try setup.end() == 1)
    #expect(setup.screen.contains("\n  gatehouse pam enable --confirm-within 10m\n"))
    #expect(machine.policy?.hasPrefix("# Written by `gatehouse setup`") == true)
    #expect(!machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test("Ctrl-C at a question ends it, and says what is done")
  func interrupted() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let first = try machine.bench.setupAtTerminal(environment: Self.session)
    try first.answer("[games]: ", "\u{3}")
    #expect(try first.end() == 130)
    #expect(first.screen.hasSuffix("\ngatehouse: interrupted; nothing was changed\n"))
    #expect(machine.isAsShipped)

    let second = try machine.bench.setupAtTerminal(environment: Self.session)
    try second.answer("[games]: ", "\n")
    try second.answer("[203.0.113.9]: ", "\n")
    try second.answer(Self.writing, "y\n")
    try second.answer(Self.turningOn, "\u{3}")
    #expect(try second.end() == 130)
    #expect(
      second.screen.hasSuffix(
        """
        gatehouse: interrupted; done so far:
          - the policy is written (`gatehouse rollback` takes it back)
        `gatehouse setup` goes on from there

        """), "\(second.screen)")
    #expect(machine.policy?.contains("`gatehouse setup`") == true)
    #expect(!machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test("Ctrl-C while PAM is changed counts when that is over")
  func interruptedStep() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    try machine.bench.write("echo changing; sleep 1\n", to: "bin/fails")
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    try setup.answer("[games]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "\n")
    try setup.answer(Self.writing, "y\n")
    try setup.answer(Self.turningOn, "y\n")
    try setup.answer("changing\n", "\u{3}")
    #expect(try setup.end() == 130)
    #expect(setup.screen.contains("\n  - PAM is on trial (`gatehouse confirm` keeps it,"))
    #expect(machine.asks)
    #expect(machine.bench.content("systemctl").contains("start gatehouse-pam-undo.timer"))
    #expect(daemon.poll() == nil)
  }

  @Test("an interrupt is a document with --json, and says what is done")
  func interruptedJSON() throws {
    let flags = [
      "--yes", "--json", "--break-glass", "games", "--from", "203.0.113.9", "--confirm-within",
      "1h", "--allow-lockout", "unjudged",
    ]
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    // sshd is asked how it is set up before anything is changed.
    let sshd = machine.bench.content("bin/sshd")
    try machine.bench.write(
      sshd.replacing("echo", with: "kill -INT $PPID\nsleep 1\necho"), to: "bin/sshd")
    let early = try machine.bench.setup(flags)
    #expect(early.status == 130, "\(early)")
    #expect(
      early.output
        == #"{"version":1,"outcome":"failed","error":{"message":"interrupted; nothing was changed","#
        + #""remedy":null}}"# + "\n")
    #expect(machine.isAsShipped)

    try machine.bench.write(sshd, to: "bin/sshd")
    try machine.bench.write("kill -INT $PPID; sleep 1\n", to: "bin/fails")
    let late = try machine.bench.setup(flags)
    #expect(late.status == 130, "\(late)")
    #expect(
      late.output
        == #"{"version":1,"outcome":"failed","error":{"message":"interrupted; done so far: the policy "#
        + #"is written (`gatehouse rollback` takes it back); PAM is on trial (`gatehouse confirm` keeps "#
        + #"it, `gatehouse pam disable` ends it)","remedy":"`gatehouse setup` goes on from there"}}"#
        + "\n")
    #expect(machine.policy?.contains("`gatehouse setup`") == true)
    #expect(machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test("a policy that somebody has written is not touched, and PAM goes on by it")
  func written() throws {
    let own = PAMBench.policy(mode: "monitor")
    let machine = try Machine(policy: own)
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    try setup.answer(Self.turningOn, "y\n")
    #expect(try setup.end() == 0, "\(setup.screen)")
    try expectScreen(setup.screen, "setup-own-policy", of: machine)
    #expect(machine.policy == own)
    #expect(machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test("nothing is written over a policy that somebody writes while the question stands")
  func changedMeanwhile() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    try setup.answer("[games]: ", "\n")
    try setup.answer("[203.0.113.9]: ", "\n")
    try setup.wait(for: Self.writing)
    let own = PAMBench.policy(mode: "monitor")
    try machine.bench.daemon.folder.write(own, to: "etc/policy.yaml")
    try setup.answer(Self.writing, "y\n")
    #expect(try setup.end() == 1)
    #expect(setup.screen.contains("the policy was changed meanwhile"))
    #expect(machine.policy == own)
    #expect(daemon.poll() == nil)
  }

  @Test("a dry run shows every step, asks nothing and does nothing")
  func dryRun() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(["--dry-run"], environment: Self.session)
    #expect(try setup.end() == 0, "\(setup.screen)")
    try expectScreen(setup.screen, "setup-dry-run", of: machine)
    let outcome = try machine.bench.setup(["--dry-run", "--json"], environment: Self.session)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.output.hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"user":"games","address":"203.0.113.9","#))
    #expect(machine.isAsShipped)
    #expect(machine.bench.content("systemctl") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("a dry run where the daemon has no policy shows every step, too")
  func dryRunWithoutPolicy() throws {
    let machine = try Machine(policy: nil)
    let daemon = try machine.bench.daemon.start()
    let setup = try machine.bench.setupAtTerminal(["--dry-run"], environment: Self.session)
    #expect(try setup.end() == 0, "\(setup.screen)")
    try expectScreen(setup.screen, "setup-dry-run-no-policy", of: machine)
    let outcome = try machine.bench.setup(["--dry-run", "--json"], environment: Self.session)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains(#""found_policy":"absent","#))
    #expect(machine.policy == nil && !machine.asks)
    #expect(machine.bench.content("calls") == "" && machine.bench.content("systemctl") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("without a terminal the flags do it all; and --json prints one object")
  func flags() throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let outcome = try machine.bench.setup(
      [
        "--yes", "--json", "--break-glass", "games", "--from", "203.0.113.9", "--mode", "enforce",
        "--since", "30d", "--confirm-within", "1h", "--allow-lockout", "unjudged",
      ])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.split(separator: "\n").count == 1)
    #expect(outcome.output.contains(#""found_policy":"as_shipped","#))
    #expect(outcome.output.contains(#""left_out":["ghost"]"#))
    #expect(outcome.output.contains(#""outcome":"applied""#))
    #expect(machine.policy?.contains("\nmode: enforce\n") == true)
    #expect(try machine.bench.daemon.ask("daemon", from: "198.51.100.9").reason == "listed")
    #expect(try machine.bench.daemon.ask("daemon", from: "203.0.113.9").reason == "confined")
    #expect(machine.asks)
    #expect(daemon.poll() == nil)
  }

  @Test(
    "without a terminal it says which flags are needed, and does nothing",
    arguments: [
      ([], "without a terminal nobody can be asked", "--yes does them, with --break-glass USER"),
      (["--yes"], "--break-glass USER is needed", "gatehouse setup --help"),
      (
        ["--yes", "--break-glass", "games"], "--from ADDRESS, or --break-glass-from ADDRESS",
        "gatehouse setup --help"
      ),
      (["--yes", "--break-glass", "ghost"], "there is no user `ghost`", "name one who can"),
      (
        ["--yes", "--break-glass", "root", "--break-glass-from", "anywhere"],
        "root from anywhere", "another user"
      ),
      (["--json"], "--json asks nothing", "gatehouse setup --help"),
      (["--mode", "off"], "--mode off: monitor or enforce", "gatehouse setup --help"),
      (["--from", "office"], "--from office: not an IP address", "gatehouse setup --help"),
    ])
  func misuse(arguments: [String], problem: String, remedy: String) throws {
    let machine = try Machine()
    let daemon = try machine.bench.daemon.start()
    let outcome = try machine.bench.setup(arguments)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.errors.contains(problem), "\(outcome)")
    #expect(outcome.errors.contains(remedy), "\(outcome)")
    #expect(machine.isAsShipped)
    #expect(daemon.poll() == nil)
  }

  @Test("without the daemon it shows the machine, and ends")
  func noDaemon() throws {
    let machine = try Machine()
    let setup = try machine.bench.setupAtTerminal(environment: Self.session)
    #expect(try setup.end() == 3)
    #expect(setup.screen.contains("\n1 of 4  This machine\n"))
    #expect(setup.screen.contains("gatehouse: error: gatehoused cannot be asked at\n    /"))
    #expect(!setup.screen.contains("2 of 4"))
    #expect(machine.isAsShipped)
  }
}
