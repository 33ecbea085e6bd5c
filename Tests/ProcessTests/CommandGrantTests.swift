import Foundation
import Glibc
import TestKit
import Testing

/// Real users of every machine stand for people: root, and daemon as the one who is refused.
@Suite(
  "Temporary permissions, given by the command and kept by the daemon",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct CommandGrantTests {
  private let bench: DaemonBench

  init() throws {
    bench = try DaemonBench(
      policy: """
        version: 1
        message: "Not from {address}, quote {id}."
        grants: {longest: 4h, most: 3}
        everyone: {from: [192.0.2.0/24]}
        roles: {admin: {members: {users: [daemon]}, from: [192.0.2.1]}}
        block: [203.0.113.66]

        """)
  }

  private func ask(_ arguments: String...) throws -> ProcessResult {
    try gatehouse(arguments + ["--socket", bench.socket])
  }

  private func give(_ more: String..., from address: String = "203.0.113.7") throws -> ProcessResult
  {
    try gatehouse(
      ["grant", "daemon", "--from", address, "--for", "2h", "--reason", "on call"] + more + [
        "--socket", bench.socket,
      ])
  }

  /// The id in `granted  ID, until …`.
  private func id(_ outcome: ProcessResult) throws -> String {
    let words = outcome.output.split(separator: "\n").first?.split(separator: " ") ?? []
    #expect(words.first == "granted", "\(outcome)")
    return String(try #require(words.dropFirst().first).dropLast())
  }

  private func reason(_ user: String = "daemon", from address: String = "203.0.113.7") throws
    -> String
  {
    try bench.ask(user, from: address).reason
  }

  @Test("who counts the daemon's grants, where lists them apart, and both say if they cannot")
  func answers() throws {
    let daemon = try bench.start()
    let id = try id(give())
    let people = try ask("who", "--from", "203.0.113.7", "--policy", bench.config)
    #expect(people.status == 0)
    #expect(people.output.contains("granted"), "\(people)")
    #expect(!people.output.contains("grants are not counted"))
    let places = try ask("where", "daemon", "--policy", bench.config)
    #expect(
      places.output.contains(
        "\nAllowed by a grant, apart from the policy\n  203.0.113.7  granted  \(id)  until "),
      "\(places)")
    // Another policy alone asks no daemon.
    let alone = try gatehouse(["who", "--from", "203.0.113.7", "--policy", bench.config])
    #expect(alone.status == 1)
    #expect(!alone.output.contains("note"))
    daemon.signal(SIGTERM)
    try daemon.wait()
    let without = try ask("who", "--from", "203.0.113.7", "--policy", bench.config)
    #expect(without.status == 1)
    #expect(without.output.contains("  note  grants are not counted: gatehoused cannot be asked"))
  }

  @Test("a grant lets its user in from its address, and a revoke ends that")
  func life() throws {
    let daemon = try bench.start()
    #expect(try reason() == "not_listed")
    let given = try give()
    #expect(given.status == 0)
    let id = try id(given)
    #expect(try reason() == "granted")
    #expect(try reason("root") == "not_listed")
    #expect(try reason(from: "203.0.113.8") == "not_listed")
    try bench.waitForLog("gave grant \(id) for daemon from 203.0.113.7 until ")
    try bench.waitForLog("allowed daemon from 203.0.113.7 (sshd): granted, grant \(id)")
    #expect(bench.log.contains("grant=\"\(id)\""))
    #expect(try ask("grants").output.contains("\(id)  daemon  from 203.0.113.7"))
    #expect(try ask("status", "--json").output.contains(#""grants":1,"#))
    let explained = try ask("explain", "daemon", "--from", "203.0.113.7")
    #expect(explained.output.hasPrefix("ALLOW  granted\nthere is the grant \(id), until "))

    let revoked = try ask("revoke", id, "nosuch", "--reason", "done")
    #expect(revoked.status == 1)
    #expect(revoked.output.contains("revoked  \(id)\n"))
    #expect(revoked.output.contains("refused  there is no grant nosuch\n"))
    #expect(try reason() == "not_listed")
    try bench.waitForLog("revoked grant \(id) for daemon from 203.0.113.7: done")
    #expect(try ask("grants").output == "no grants\n")
    #expect(daemon.poll() == nil)
  }

  @Test("what would let nobody in, or more than the policy allows, is refused, saying why")
  func refusals() throws {
    let daemon = try bench.start()
    let cases: [([String], Int32, String)] = [
      (["daemon", "--from", "203.0.113.66", "--for", "1h"], 1, "203.0.113.66 is in block"),
      (["daemon", "--from", "203.0.113.7", "--for", "5h"], 1, "a grant lasts at most 4h"),
      (["nosuchuser", "--from", "203.0.113.7", "--for", "1h"], 1, "there is no user nosuchuser"),
      (
        ["root", "--from", "203.0.113.7", "--for", "1h", "--role", "admin"], 1,
        "root is not a member of the role admin"
      ),
      (["daemon", "--from", "10.0.0.0/8", "--for", "1h"], 1, "10.0.0.0/8 is too wide"),
      (["daemon", "--from", "office", "--for", "1h"], 2, "--from office is not an IP address"),
      (["daemon", "--from", "203.0.113.7", "--for", "0h"], 2, "--for 0h: not a duration"),
      (["daemon", "--from", "203.0.113.7", "--for", "ever"], 2, "--for ever: not a duration"),
      (
        ["daemon", "--from", "203.0.113.7", "--for", "1h", "--role", "a,b"], 2,
        "--role: \"a,b\" is not a valid name"
      ),
    ]
    for (arguments, status, words) in cases {
      let outcome = try gatehouse(
        ["grant"] + arguments + ["--reason", "x", "--socket", bench.socket])
      #expect(outcome.status == status, "\(arguments)")
      #expect((outcome.output + outcome.errors).contains(words), "\(outcome)")
    }
    for last in 1...3 { #expect(try give(from: "203.0.113.\(last)").status == 0) }
    #expect(
      try give(from: "203.0.113.4").output.hasPrefix(
        "refused  there are 3 grants already, and the policy allows no more\n"))
    #expect(daemon.poll() == nil)
  }

  @Test("the same again lengthens the grant that there is, and never shortens it")
  func lengthened() throws {
    let daemon = try bench.start()
    let first = try id(give())
    let longer = try ask(
      "grant", "daemon", "--from", "203.0.113.7", "--for", "2h30min", "--reason", "still on call")
    #expect(try id(longer) == first)
    try bench.waitForLog("lengthened grant \(first) for daemon from 203.0.113.7 until")
    let until = try ask("grants", "--json").output
    #expect(until.contains("still on call"))
    let shorter = try ask(
      "grant", "daemon", "--from", "203.0.113.7", "--for", "1h", "--reason", "again")
    #expect(try id(shorter) == first)
    let member = #""until":"[^"]*""#
    func end(_ text: String) -> Substring? {
      text.range(of: member, options: .regularExpression).map { text[$0] }
    }
    #expect(end(try ask("grants", "--json").output) == end(until))
    // For another service it is another grant.
    #expect(try id(give("--service", "sshd")) != first)
    #expect(daemon.poll() == nil)
  }

  @Test("grants end by id in any case, by user, and all at once")
  func revokedByName() throws {
    let daemon = try bench.start()
    let first = try id(give())
    let typed = first.uppercased()
    let revoked = try ask("revoke", "\(typed.prefix(5)) \(typed.dropFirst(5))")
    #expect(revoked.output.hasPrefix("revoked  \(first)\n"), "\(revoked)")
    for last in 1...2 { #expect(try give(from: "203.0.113.\(last)").status == 0) }
    #expect(
      try ask("revoke", "daemon").output.split(separator: "\n").count { $0.hasPrefix("revoked ") }
        == 2)
    #expect(try give().status == 0)
    #expect(try ask("revoke", "--all").status == 0)
    #expect(try ask("grants").output == "no grants\n")
    #expect(try ask("revoke", "--all").status == 1)
    #expect(try ask("revoke").status == 2)
    #expect(try ask("revoke", "daemon", "--all").status == 2)
    #expect(daemon.poll() == nil)
  }

  @Test("a grant outlives a restart and a kill", arguments: [SIGTERM, SIGKILL])
  func restart(signal: Int32) throws {
    let first = try bench.start()
    let id = try id(try give("--service", "sshd"))
    first.signal(signal)
    try first.wait()
    let second = try bench.start()
    #expect(try reason() == "granted")
    #expect(try ask("grants", "--json").output.contains(#""id":"\#(id)","user":"daemon","#))
    #expect(try bench.ask("daemon", from: "203.0.113.7", service: "su").reason == "not_listed")
    #expect(try ask("revoke", id).status == 0)
    second.signal(SIGKILL)
    try second.wait()
    let third = try bench.start()
    #expect(try reason() == "not_listed")
    #expect(third.poll() == nil)
  }

  @Test("it ends on time, is deleted then, and no restart revives it")
  func ending() throws {
    let daemon = try bench.start()
    let given = try gatehouse([
      "grant", "daemon", "--from", "203.0.113.7", "--for", "1s", "--reason", "x", "--socket",
      bench.socket,
    ])
    let id = try id(given)
    try bench.waitForLog("grant \(id) for daemon from 203.0.113.7 has ended")
    #expect(try reason() == "not_listed")
    try wait { try !readText(bench.folder.file("state/grants")).contains(id) }
    #expect(daemon.poll() == nil)
  }

  @Test("a damaged file lets nobody in, and says so; the next grant works")
  func damage() throws {
    let first = try bench.start()
    _ = try id(try give())
    first.signal(SIGKILL)
    try first.wait()
    let kept = try readText(bench.folder.file("state/grants"))
    try bench.folder.write(kept.replacing("203.0.113.7", with: "203.0.113.8"), to: "state/grants")
    let second = try bench.start()
    try bench.waitForLog("the grants are lost, and nobody is let in by one")
    #expect(try reason() == "not_listed" && reason(from: "203.0.113.8") == "not_listed")
    _ = try id(try give())
    #expect(try reason() == "granted")
    #expect(second.poll() == nil)
  }

  @Test("where the disk does not take it, there is no grant")
  func noDisk() throws {
    let daemon = try bench.start()
    // A folder in the place of the file: it cannot be replaced.
    try bench.folder.directory("state/grants/x")
    let refused = try give()
    #expect(refused.status == 1)
    #expect(refused.output.hasPrefix("refused  it cannot be saved: rename "))
    #expect(try reason() == "not_listed")
    #expect(try ask("grants").output == "no grants\n")
    #expect(daemon.poll() == nil)
  }

  @Test("a grant for a network is for all of it, but what is blocked, and no wider than allowed")
  func network() throws {
    let daemon = try bench.start()
    let id = try id(give(from: "203.0.113.0/24"))
    #expect(try reason() == "granted")
    #expect(try reason(from: "203.0.113.255") == "granted")
    #expect(try reason(from: "203.0.113.66") == "blocked")
    #expect(try reason(from: "203.0.112.255") == "not_listed")
    let places = try ask("where", "daemon", "--policy", bench.config)
    #expect(places.output.contains("  203.0.113.0/24  granted  \(id)  until "), "\(places)")
    #expect(try ask("grants").output.contains("from 203.0.113.0/24"))
    for address in ["203.0.112.0/23", "2001:db8::/55"] {
      let refused = try give(from: address)
      #expect(refused.status == 1)
      #expect(refused.output.hasPrefix("refused  \(address) is too wide: a grant is for a /"))
      #expect(refused.output.contains("lower grants.widest.ipv"))
    }
    let wrong = try give(from: "203.0.113.7/24")
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("write 203.0.113.0/24 or 203.0.113.7"), "\(wrong)")

    let policy = try readText(bench.policy)
      .replacing("longest: 4h", with: "longest: 4h, widest: {ipv4: 25}")
    try bench.folder.write(policy, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 0)
    try bench.waitForLog(
      "grant \(id) for daemon from 203.0.113.0/24 has ended: it is wider than grants.widest")
    #expect(try reason() == "not_listed")
    #expect(daemon.poll() == nil)
  }

  @Test("a network of which everything is blocked gets no grant")
  func blockedNetwork() throws {
    let policy = try readText(bench.policy).replacing("203.0.113.66", with: "203.0.113.0/24")
    try bench.folder.write(policy, to: "etc/policy.yaml")
    let daemon = try bench.start()
    let refused = try give(from: "203.0.113.64/26")
    #expect(refused.status == 1)
    #expect(refused.output.hasPrefix("refused  203.0.113.64/26 is in block (policy.yaml:6)"))
    #expect(daemon.poll() == nil)
  }

  @Test("a policy that allows less time shortens what there is")
  func shorter() throws {
    let daemon = try bench.start()
    let id = try id(try give())
    let policy = try readText(bench.policy).replacing("longest: 4h", with: "longest: 1s")
    try bench.folder.write(policy, to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 0)
    try bench.waitForLog("grant \(id) for daemon from 203.0.113.7 ends earlier, at ")
    try bench.waitForLog("grant \(id) for daemon from 203.0.113.7 has ended")
    #expect(try reason() == "not_listed")
    #expect(daemon.poll() == nil)
  }

  @Test("a refused user quotes an id, and approve turns it into what was denied, no more")
  func approval() throws {
    let daemon = try bench.start()
    let denied = try bench.ask("daemon", from: "203.0.113.7")
    let shown = try ask("approve", denied.id)
    #expect(shown.status == 0)
    #expect(shown.output.contains("user     daemon\n") || shown.output.contains("daemon"))
    #expect(shown.output.contains("203.0.113.7") && shown.output.contains("not_listed"))
    #expect(shown.output.hasSuffix("gatehouse approve \(denied.id) --for 1h\n"))
    #expect(try reason() == "not_listed", "looking lets nobody in")

    let approved = try ask("approve", denied.id, "--for", "1h", "--json")
    #expect(approved.status == 0)
    #expect(approved.output.hasPrefix(#"{"version":1,"outcome":"granted","error":null,"grant":{"#))
    #expect(approved.output.contains(#""service":"sshd","role":null,"#))
    #expect(approved.output.contains(#""why":"approved \#(denied.id)""#))
    #expect(try reason() == "granted")
    #expect(try bench.ask("daemon", from: "203.0.113.7", service: "su").reason == "not_listed")
    try bench.waitForLog("denial=\"\(denied.id)\"")
    #expect(daemon.poll() == nil)
  }

  @Test("what approve cannot help is refused")
  func unapprovable() throws {
    let daemon = try bench.start()
    let blocked = try bench.ask("daemon", from: "203.0.113.66")
    #expect(blocked.reason == "blocked")
    for arguments in [[], ["--for", "1h"]] {
      let outcome = try gatehouse(["approve", blocked.id, "--socket", bench.socket] + arguments)
      #expect(outcome.status == 1)
      #expect(outcome.output.hasPrefix("refused  203.0.113.66 is in block (policy.yaml:6)"))
    }
    let unknown = try bench.ask("daemon", from: "UNKNOWN")
    #expect(
      try ask("approve", unknown.id, "--for", "1h").output.contains("did not come from an address"))
    let nowhere = try ask("approve", "abcdefghij", "--for", "1h")
    #expect(nowhere.status == 1)
    #expect(nowhere.output.hasPrefix("refused  no denial abcdefghij is remembered\n"))
    #expect(try ask("approve", "a\u{7F}b").status == 2)
    #expect(try ask("grants").output == "no grants\n")
    #expect(daemon.poll() == nil)
  }

  @Test("denials are remembered over a restart", arguments: [SIGTERM, SIGKILL])
  func rememberedDenials(signal: Int32) throws {
    let first = try bench.start()
    let denied = try bench.ask("daemon", from: "203.0.113.7")
    if signal == SIGKILL {
      try wait {
        (try? readText(bench.folder.file("state/denials")))?.contains(denied.id) == true
      }
    }
    first.signal(signal)
    try first.wait()
    let second = try bench.start()
    #expect(try ask("approve", denied.id, "--for", "1h").status == 0)
    #expect(try reason() == "granted")
    #expect(second.poll() == nil)
  }
}
