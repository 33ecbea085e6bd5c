import TestKit
import Testing

@Suite(
  "gatehouse learn",
  .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
struct CommandLearnTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func learn(
    _ entries: [JournalFolder.Entry], _ options: [String] = []
  ) throws -> (outcome: ProcessResult, journal: JournalFolder) {
    let journal = try JournalFolder(entries)
    return (try gatehouse(["learn", "--from-journal", journal.path] + options), journal)
  }

  @Test("the policy is without an error, and by it no login of the record comes out differently")
  func proof() throws {
    var random = SeededRandom(seed: 5)
    var entries: [JournalFolder.Entry] = []
    for minute in (1...200).reversed() {
      let user = ["ann", "bob", #"CORP\carl"#][Int.random(in: 0..<3, using: &random)]
      let net = Int.random(in: 0...4, using: &random)
      let host = Int.random(in: 1...254, using: &random)
      let address = minute % 3 == 0 ? "2001:db8:\(net)::\(host)" : "192.0.\(net).\(host)"
      if minute % 5 == 0 {
        let written = user.replacing(#"\"#, with: #"\\"#)
        entries.append(
          .ssh(
            "Accepted password for \(written) from \(address) port 1 ssh2",
            at: minutesAgo(Int64(minute))))
      } else {
        entries.append(.decision(user, address, at: minutesAgo(Int64(minute))))
      }
    }
    let (outcome, journal) = try learn(entries)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix("# Written by `gatehouse learn` on "))
    #expect(outcome.output.contains(", from 200 logins since "))
    let path = try folder.write(outcome.output, to: "learned.yaml")
    let check = try gatehouse(["check", "--policy", path])
    #expect(check.status == 0, "\(check)")
    let replay = try gatehouse(["replay", "--policy", path, "--from-journal", journal.path])
    #expect(replay.status == 0)
    #expect(replay.output.hasPrefix("SAME  no login is decided differently, of 200\n"), "\(replay)")
  }

  @Test("who was refused, had no address, asked for a role or forged the record, teaches nothing")
  func lessons() throws {
    let (outcome, _) = try learn([
      .decision("ann", "192.0.2.7", at: minutesAgo(9)),
      .decision(
        "bob", "198.51.100.1", at: minutesAgo(8),
        JournalFolder.Entry.denied),
      .decision("bob", "unknown", at: minutesAgo(7), ["GATEHOUSE_ORIGIN_KIND": "unknown"]),
      .decision("bob", "local", at: minutesAgo(6), ["GATEHOUSE_ORIGIN_KIND": "local"]),
      .decision("bob", "198.51.100.2", at: minutesAgo(5), ["GATEHOUSE_ASKED_ROLE": "operator"]),
      .decision("eve", "203.0.113.1", at: minutesAgo(4), ["_UID": "1000"]),
    ])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(", from 1 login since "))
    #expect(outcome.output.contains("# NOT included: 1 login without an IP address"))
    #expect(outcome.output.contains("\n      - 192.0.2.0/24  # 1 login, last "))
    for absent in ["bob:", "eve:", "198.51.100", "203.0.113"] {
      #expect(!outcome.output.contains(absent), "\(absent)")
    }
  }

  @Test("networks are as wide as is asked")
  func widths() throws {
    let (outcome, _) = try learn(
      [
        .decision("ann", "192.0.2.7", at: minutesAgo(9)),
        .decision("ann", "2001:db8:1:2:3::7", at: minutesAgo(8)),
      ], ["--ipv4-prefix", "32", "--ipv6-prefix", "48"])
    #expect(outcome.output.contains("      - 192.0.2.7  # 1 login"))
    #expect(outcome.output.contains("      - \"2001:db8:1::/48\"  # 1 login"))
  }

  @Test("--json prints one object; nothing to learn from exits 1, misuse 2, no journal 3")
  func status() throws {
    let one = [JournalFolder.Entry.decision("ann", "192.0.2.7", at: minutesAgo(9))]
    let json = try learn(one, ["--json"]).outcome
    #expect(json.status == 0)
    #expect(
      json.output.hasPrefix(
        ##"{"version":1,"outcome":"yes","error":null,"text":"# Written by `gatehouse learn`"##))
    #expect(json.output.hasSuffix(#","logins":1,"without_address":0}"# + "\n"))
    let nothing = try learn(one, ["--since", "1m"]).outcome
    #expect(nothing.status == 1)
    #expect(nothing.output == "")
    #expect(nothing.errors == "gatehouse: error: the record has no login from an IP address\n")
    #expect(try learn(one, ["--ipv4-prefix", "33"]).outcome.status == 2)
    #expect(try learn(one, ["--ipv6-prefix", "0"]).outcome.status == 2)
    #expect(try gatehouse(["learn", "--from-journal", folder.file("none")]).status == 3)
  }
}
