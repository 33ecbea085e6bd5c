import TestKit
import Testing

/// Some minutes ago, in microseconds since the epoch.
func minutesAgo(_ minutes: Int64) -> Int64 { microsecondsSinceEpoch() - minutes * 60_000_000 }

@Suite(
  "gatehouse replay",
  .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
struct CommandReplayTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func replay(
    _ policy: String, _ entries: [JournalFolder.Entry], _ options: [String] = []
  ) throws -> ProcessResult {
    let path = try folder.write("version: 1\n\(policy)\n", to: "new.yaml")
    let journal = try JournalFolder(entries)
    return try gatehouse(
      ["replay", "--policy", path, "--from-journal", journal.path] + options)
  }

  @Test("who would lose or gain access, from where, how often, last when and by which rule")
  func changes() throws {
    let last = minutesAgo(10)
    let outcome = try replay(
      "everyone: {from: [192.0.2.0/24]}",
      [
        .decision("ann", "192.0.2.7", at: minutesAgo(50)),
        .decision("bob", "198.51.100.1", at: minutesAgo(40)),
        .decision("bob", "198.51.100.1", at: last),
        .decision("eve", "192.0.2.9", at: minutesAgo(5), JournalFolder.Entry.denied),
        .decision("eve", "203.0.113.9", at: minutesAgo(4), JournalFolder.Entry.denied),
      ], ["--json"])
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix(#"{"version":1,"outcome":"no","error":null,"path":"#))
    #expect(outcome.output.contains(#""logins":5,"accepted_by_sshd":0,"#))
    #expect(outcome.output.contains(#""judged":5,"unjudged":0,"differing":3,"unlisted":0,"#))
    #expect(
      outcome.output.contains(
        #"{"change":"loses","user":"bob","origin":{"kind":"address","address":"198.51.100.1"},"service":"sshd","role":null,"#
          + #""logins":2,"first":""#))
    #expect(outcome.output.contains(#""reason":"not_listed","rule":"new.yaml:2"},"#))
    #expect(
      outcome.output.contains(
        #"{"change":"gains","user":"eve","origin":{"kind":"address","address":"192.0.2.9"},"#))
    #expect(!outcome.output.contains("203.0.113.9"))
  }

  @Test("where nothing differs it says so, and exits 0")
  func same() throws {
    let outcome = try replay("", [.decision("ann", "192.0.2.7", at: minutesAgo(50))])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("SAME  no login is decided differently, of 1\n"))
    #expect(outcome.output.contains("\n  logins   1, the journal begins "))
    #expect(outcome.errors == "")
  }

  @Test("a login that sshd alone recorded counts; with a decision about it, that counts once")
  func pairs() throws {
    let line = "Accepted publickey for bob from 198.51.100.1 port 1 ssh2: ED25519 SHA256:x"
    let outcome = try replay(
      "everyone: {from: [192.0.2.0/24]}",
      [
        .ssh(line, at: minutesAgo(60)),
        .ssh("Failed password for bob from 203.0.113.1 port 1 ssh2", at: minutesAgo(59)),
        // Newer than OpenSSH 9.8.
        .ssh(line, at: minutesAgo(50), ["_EXE": "/usr/lib/openssh/sshd-session"]),
        .decision("bob", "198.51.100.1", at: minutesAgo(40)),
        .ssh(line, at: minutesAgo(40) + 1000),
        .ssh(line, at: minutesAgo(30)),
        .decision("bob", "198.51.100.1", at: minutesAgo(30) + 1000),
      ])
    #expect(outcome.output.hasPrefix("DIFFERENT  1 user loses access: 4 of 4 logins\n"))
    #expect(outcome.output.contains("\n           2 known only from sshd's log\n"), "\(outcome)")
    #expect(outcome.output.contains("\n  bob  198.51.100.1  sshd  4 logins  last "))
  }

  @Test("a record that an ordinary user wrote is not believed, whatever it says")
  func forged() throws {
    let own = ["_UID": "1000", "_SYSTEMD_UNIT": "user@1000.service", "_EXE": "/usr/bin/logger"]
    let line = "Accepted password for eve from 203.0.113.66 port 1 ssh2"
    let outcome = try replay(
      "everyone: {from: [192.0.2.0/24]}",
      [
        .decision("eve", "203.0.113.66", at: minutesAgo(50), own),
        .decision("eve", "203.0.113.66", at: minutesAgo(49), ["_UID": "1000"]),
        .decision("eve", "203.0.113.66", at: minutesAgo(48), ["_SYSTEMD_UNIT": "cron.service"]),
        .decision("eve", "203.0.113.66", at: minutesAgo(47), ["MESSAGE_ID": "1"]),
        .ssh(line, at: minutesAgo(46), own),
        .ssh(line, at: minutesAgo(45), ["_UID": "1000"]),
        .ssh(line, at: minutesAgo(44), ["_EXE": "/usr/bin/logger"]),
        .ssh(line + " [preauth]", at: minutesAgo(43)),
        // Whose name, or which client's text, looks like the rest of the line?
        .ssh(line + ": x from 192.0.2.7 port 1 ssh2", at: minutesAgo(42)),
      ])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("NOTHING  there is no login in the record\n"), "\(outcome)")
    #expect(outcome.output.contains("\n  left out  1: entries that cannot be understood"))
    #expect(
      outcome.output.contains("\n  left out  2: entries that look like gatehoused's or sshd's"))
  }

  @Test("users are in the groups that they are in now, and asked for the role that they asked for")
  func groups() throws {
    let outcome = try replay(
      """
      groups: {root: {only_from: [192.0.2.0/24]}}
      roles: {operator: {members: {users: [nobody]}}}
      """,
      [
        .decision("root", "198.51.100.1", at: minutesAgo(50)),
        .decision("nobody", "198.51.100.1", at: minutesAgo(49)),
        .decision(
          "daemon", "198.51.100.1", at: minutesAgo(48),
          ["GATEHOUSE_ASKED_ROLE": "operator", "GATEHOUSE_SERVICE": "sudo"]),
        .decision("no-such-user", "198.51.100.1", at: minutesAgo(47)),
      ])
    #expect(outcome.output.hasPrefix("DIFFERENT  2 users lose access: 2 of 4 logins\n"))
    #expect(outcome.output.contains(#"root    198.51.100.1  sshd                 1 login  last "#))
    #expect(outcome.output.contains(#"daemon  198.51.100.1  sudo, role operator  1 login  last "#))
    #expect(outcome.output.contains("not on this machine now: no-such-user\n"))
  }

  @Test("what no rule of a policy decided is left out, and monitor mode is told apart")
  func modes() throws {
    let noPolicy = ["GATEHOUSE_DECISION": "no_policy", "GATEHOUSE_REASON": "no_policy"]
    let wouldDeny = ["GATEHOUSE_WOULD_DENY": "true", "GATEHOUSE_REASON": "not_listed"]
    let outcome = try replay(
      "mode: monitor\neveryone: {from: [192.0.2.0/24]}",
      [
        .decision("ann", "198.51.100.1", at: minutesAgo(50), noPolicy),
        .decision("ann", "198.51.100.1", at: minutesAgo(49), ["GATEHOUSE_REASON": "granted"]),
        .decision("bob", "198.51.100.1", at: minutesAgo(48)),
        .decision("eve", "192.0.2.1", at: minutesAgo(47), wouldDeny),
      ])
    #expect(
      outcome.output.hasPrefix(
        "DIFFERENT  1 user would lose access, 1 user would gain access: 2 of 2 logins\n"),
      "\(outcome)")
    #expect(outcome.output.contains("\n  left out  1: not decided by a rule"))
    #expect(outcome.output.contains("\n  left out  1: let in by a grant"))
  }

  @Test("--since leaves older logins alone, --at decides for another time")
  func times() throws {
    let entries: [JournalFolder.Entry] = [
      .decision("ann", "198.51.100.1", at: minutesAgo(180)),
      .decision("bob", "198.51.100.1", at: minutesAgo(30)),
    ]
    let policy = "everyone: {from: [{address: 198.51.100.1, until: 2020-01-01}]}"
    let recent = try replay(policy, entries, ["--since", "1h"])
    #expect(recent.output.hasPrefix("DIFFERENT  1 user loses access: 1 of 1 login\n"))
    #expect(recent.output.contains("\n  logins   1, since "))
    #expect(try replay(policy, entries, ["--at", "2019-01-01T00:00:00Z"]).status == 0)
  }

  @Test("misuse exits 2, a journal or policy that cannot be read 3")
  func failures() throws {
    let good = try folder.write("version: 1\n", to: "good.yaml")
    let nothing = try folder.directory("nothing")
    #expect(try gatehouse(["replay"]).status == 2)
    #expect(try gatehouse(["replay", "--policy", good, "--since", "soon"]).status == 2)
    for journal in [nothing, folder.file("missing")] {
      let outcome = try gatehouse(["replay", "--policy", good, "--from-journal", journal])
      #expect(outcome.status == 3)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("gatehouse: error: the journal cannot be "))
    }
    let missing = folder.file("missing.yaml")
    #expect(try gatehouse(["replay", "--policy", missing, "--from-journal", nothing]).status == 3)
  }
}
