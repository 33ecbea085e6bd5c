import GatehouseControl
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import TestKit
import Testing

@Suite(
  "Requests about grants, beside a directory of users that can be away",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct GrantRequestTests {
  private let daemon: InProcessDaemon

  init() throws {
    daemon = try InProcessDaemon(
      policy: """
        version: 1
        networks: {office: [192.0.2.0/24]}
        everyone: {from: [office]}
        groups: {wheel: {only_from: [office]}}
        roles:
          admin: {members: {groups: [wheel]}, from: [192.0.2.1]}
          oncall: {members: {users: [alice]}, from: [192.0.2.1]}
        """)
  }

  private let away: [(GatehouseWire.Tag, String)] = [(.remoteHost, "203.0.113.7")]

  private func give(_ user: String, role: String? = nil) throws -> (exitStatus: UInt8, text: String)
  {
    var request = GrantRequest()
    request.user = Name(user)
    request.address = "203.0.113.7"
    request.duration = .seconds(60)
    request.role = role.map { Name($0) }
    request.author = "root"
    request.why = "a test"
    return try daemon.report(request, as: .text)
  }

  private func approve(_ id: String) throws -> (exitStatus: UInt8, text: String) {
    var request = ApproveRequest()
    request.id = id
    request.duration = .seconds(60)
    request.author = "root"
    return try daemon.report(request, as: .text)
  }

  /// The id and the reason of the answer to a question.
  private func ask(_ frame: [UInt8]) throws -> (id: String, reason: String) {
    let connection = try daemon.connect()
    connection.send(frame)
    let message = try connection.receive()
    let answer = try Answer(decoding: message.span)
    func text(_ field: Field?) -> String {
      String(decoding: message.span.array(ifPresent: field) ?? [], as: UTF8.self)
    }
    return (text(answer.id), text(answer.reason))
  }

  @Test("a grant is for the user by the name that the directory has, as decisions are")
  func canonicalNames() throws {
    #expect(try give("ALICE").exitStatus == 0)
    #expect(try daemon.ask(question("alice", away)) == "granted")
    #expect(try daemon.ask(question("ALICE", away)) == "granted")
    #expect(try daemon.ask(question("bob", away)) == "not_listed")
  }

  @Test("a user whom the directory does not know gets none")
  func unknownUser() throws {
    let refused = try give("nobody-of-that-name")
    #expect(refused.exitStatus == 1)
    #expect(refused.text.hasPrefix("refused  there is no user nobody-of-that-name\n"))
  }

  @Test("while the directory is away a grant lets in, but for a role that hangs on groups")
  func directoryAway() throws {
    daemon.directory.change { $0.isAway = true }
    let denied = try ask(question("alice", away))
    #expect(denied.reason == "identity_unavailable")
    #expect(try give("alice", role: "admin").text.contains("cannot be found out now"))
    #expect(try give("alice", role: "oncall").exitStatus == 0)
    #expect(try daemon.ask(question("alice", away + [(.role, "oncall")])) == "granted")
    #expect(try daemon.ask(question("bob", away)) == "identity_unavailable")
  }

  @Test("a denial for a want of groups can be approved")
  func approvedWhileAway() throws {
    daemon.directory.change { $0.isAway = true }
    let denied = try ask(question("alice", away))
    #expect(try approve(denied.id).exitStatus == 0)
    #expect(try daemon.ask(question("alice", away)) == "granted")
  }

  @Test("a role that was refused is approved as a grant that names it, for members alone")
  func roles() throws {
    let denied = try ask(question("alice", away + [(.role, "admin")]))
    #expect(denied.reason == "confined")
    #expect(try approve(denied.id).exitStatus == 0)
    #expect(try daemon.ask(question("alice", away + [(.role, "admin")])) == "granted")
    #expect(try daemon.ask(question("alice", away + [(.role, "oncall")])) == "confined")
    let stranger = try ask(question("bob", away + [(.role, "admin")]))
    #expect(stranger.reason == "role_unavailable")
    let refused = try approve(stranger.id)
    #expect(refused.exitStatus == 1)
    #expect(refused.text.hasPrefix("refused  bob is not a member of the role admin"))
  }

  @Test("a question about a network knows of no grants")
  func networks() throws {
    #expect(try give("alice").exitStatus == 0)
    #expect(try daemon.ask(question("alice", away + [(.network, "office")])) == "not_in_network")
  }
}
