import TestKit
import Testing

@Suite("gatehouse diff")
struct CommandDiffTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func diff(_ old: String, _ new: String, _ options: String = "") throws -> ProcessResult {
    let old = try folder.write("version: 1\n\(old)\n", to: "old.yaml")
    let new = try folder.write("version: 1\n\(new)\n", to: "new.yaml")
    return try gatehouse(["diff", old, new] + options.split(separator: " ").map(String.init))
  }

  @Test("policies that decide alike exit 0, others 1")
  func status() throws {
    let same = try diff("block: [192.0.2.0/24]", "block: [192.0.2.0/25, 192.0.2.128/25]")
    #expect(same.status == 0)
    #expect(same.output.hasPrefix("SAME  no decision differs"))
    let different = try diff("block: [192.0.2.0/24]", "block: [192.0.2.0/25]")
    #expect(different.status == 1)
    #expect(different.output.contains("\neveryone else"))
    #expect(different.output.contains("\n  gains  192.0.2.128/25\n"))
    #expect(same.errors + different.errors == "")
  }

  @Test("--at compares from that time on: what is over by then is no difference")
  func time() throws {
    let new = "block: [{address: 192.0.2.1, since: 2026-12-01, until: 2026-12-31}]"
    let before = try diff("", new, "--at 2026-11-21T12:00:00Z")
    #expect(before.status == 1)
    #expect(before.output.contains("\n  loses  192.0.2.1  (from 2026-12-01 until 2026-12-31)\n"))
    let within = try diff("", new, "--at 2026-12-21T12:00:00Z")
    #expect(within.output.contains("\n  loses  192.0.2.1  (until 2026-12-31)\n"))
    #expect(try diff("", new, "--at 2027-01-01T00:00:00Z").status == 0)
  }

  @Test("users of the policies and of --user are compared in their own groups, scopes for the rest")
  func subjects() throws {
    let old = "groups: {root: {only_from: [192.0.2.0/24]}, bin: {only_from: [192.0.2.0/24]}}"
    let new = "groups: {root: {only_from: [192.0.2.0/25]}, bin: {only_from: [192.0.2.0/24]}}"
    let scopes = try diff(old, new)
    #expect(
      scopes.output.contains("\nmembers of root (root)\n  loses  192.0.2.128/25\n"), "\(scopes)")
    #expect(!scopes.output.contains("bin"))
    let named = try diff(old, new, "--user root --user bin --user nobody-of-this-name")
    #expect(
      named.output.contains("\nmembers of root, root\n  loses  192.0.2.128/25\n"), "\(named)")
    #expect(named.output.hasPrefix("DIFFERENT  for 2 of 6 users and scopes\n"), "\(named)")
  }

  @Test("who needs a second factor from where is compared, too")
  func factor() throws {
    let old = "second_factor: {not_from: [192.0.2.0/24]}"
    let new = "second_factor: {not_from: [192.0.2.0/25], users: {root: always}}"
    let outcome = try diff(old, new)
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains("\n  needs a second factor from  192.0.2.128/25\n"), "\(outcome)")
    #expect(
      outcome.output.contains("\nroot\n  needs a second factor from  192.0.2.0/24\n"), "\(outcome)")
    let placed = try diff(old, "second_factor: {not_from: [192.0.2.0/24], new_places: always}")
    #expect(
      placed.output.contains("\n  needs a second factor, if new, from  192.0.2.0/24\n"),
      "\(placed)")
    #expect(try diff(old, old, "--json").status == 0)
    #expect(try diff(old, new, "--json").output.contains("\"second_factor\":\"needed\""))
  }

  @Test("who is sent a code, how and for how long is compared, too")
  func codes() throws {
    let base = "everyone: {from: [203.0.113.0/24]}\n"
    let old = base + "authorize: {users: [root], from: [192.0.2.0/24], mail: \"{user}@b\"}"
    let new = base + "authorize: {users: [root], from: [192.0.2.0/24], for: 2h, mail: \"{user}@b\"}"
    let outcome = try diff(old, new)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("\nroot\n  if refused, is sent a code"), "\(outcome)")
    #expect(outcome.output.contains("by mail to root@b, for 2 hours, 5 a day"), "\(outcome)")
    #expect(
      try diff(old, base).output.contains("  if refused, is sent no code from  192.0.2.0/24\n"))
    #expect(try diff(old, old).status == 0)
    #expect(
      try diff(old, new, "--json").output.contains(
        #""authorize":{"way":"mail","to":"root@b","for_seconds":7200,"per_day":5}"#))
  }

  @Test("--json prints one object")
  func json() throws {
    let outcome = try diff("", "mode: off", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix(#"{"version":1,"outcome":"no","error":null,"old":{"path":"#))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test("misuse exits 2")
  func misuse() throws {
    #expect(try gatehouse(["diff"]).status == 2)
    #expect(try gatehouse(["diff", "one"]).status == 2)
    #expect(try diff("", "", "--at noon").status == 2)
    #expect(try diff("", "", "--policy x").status == 2)
  }

  @Test("a policy that cannot be read or has errors exits 3, whichever it is")
  func unreachable() throws {
    let good = try folder.write("version: 1\n", to: "good.yaml")
    let bad = try folder.write("version: 2\n", to: "bad.yaml")
    for other in [bad, folder.file("missing")] {
      for paths in [[good, other], [other, good]] {
        let outcome = try gatehouse(["diff"] + paths)
        #expect(outcome.status == 3)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("gatehouse: error: the policy \(other) "))
      }
    }
  }
}
