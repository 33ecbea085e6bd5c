import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseRecord
import Testing

@testable import GatehouseDaemon

@Suite("Logins of the record that end")
struct EndingWatchTests {
  private let directory = FakeDirectory()
  private let now = Instant.now()

  private func policy(_ text: String) throws -> Policy {
    let file = PolicySnapshot.File(
      name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)\n".utf8)))
    let load = Policy.load(PolicySnapshot(policyFiles: [file]))
    return try #require(load.policy, "\(load.diagnostics)")
  }

  /// bob came from two addresses, the second of them long ago.
  private var record: LoginRecord {
    var record = LoginRecord(since: now - .seconds(90 * 86_400))
    for (host, days) in [("192.0.2.1", 1), ("192.0.2.2", 60)] as [(String, Int64)] {
      record.add(
        LoginNote(
          user: "bob", origin: Origin(remoteHost: host), service: "sshd", outcome: .allowed,
          time: now - .seconds(days * 86_400)))
    }
    return record
  }

  private func ending(_ text: String) throws -> [EndingLogin] {
    EndingLogin.all(under: try policy(text), of: { record }, at: now) { users in
      Dictionary(
        users.compactMap { user in
          (try? directory.reading(of: user, among: ["staff"])).map { (user, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  @Test("are those whose entry ends within two weeks, with the time and the rule")
  func ending() throws {
    let end = now + .seconds(3 * 86_400)
    let found = try ending(
      "users: {bob: {only_from: [{address: 192.0.2.0/24, until: \"\(end)\"}]}}")
    #expect(
      found == [
        EndingLogin(
          user: "bob", origin: Origin(remoteHost: "192.0.2.1"), service: "sshd", at: end,
          rule: SourceLocation(file: "policy.yaml", line: 2, column: 15))
      ])
  }

  @Test(
    "are none if another list goes on, the end is far, or the policy refuses nobody",
    arguments: [
      "users: {bob: {also_from: [{address: 192.0.2.1, until: DAY}]}}",
      "groups: {staff: {also_from: [192.0.2.1]}}\neveryone: {from: [{address: 192.0.2.1, until: DAY}]}",
      "users: {bob: {only_from: [{address: 192.0.2.1, until: FAR}]}}",
      "mode: monitor\nusers: {bob: {only_from: [{address: 192.0.2.1, until: DAY}]}}",
    ])
  func lasting(text: String) throws {
    let written = text.split(separator: "DAY", omittingEmptySubsequences: false)
      .joined(separator: "\"\(now + .seconds(3 * 86_400))\"")
      .split(separator: "FAR", omittingEmptySubsequences: false)
      .joined(separator: "\"\(now + .seconds(20 * 86_400))\"")
    #expect(try ending(written) == [])
  }

  @Test("leave out whom the directory cannot tell")
  func away() throws {
    directory.change { $0.isAway = true }
    #expect(
      try ending(
        "users: {bob: {only_from: [{address: 192.0.2.1, until: \"\(now + .seconds(3 * 86_400))\"}]}}"
      ) == [])
  }
}
