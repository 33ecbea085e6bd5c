import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite(
  "A user who authorises a place of their own",
  .enabled(if: isRoot, "needs root: only root may ask about a code"))
struct CodeQuestionTests {
  private static let policy = """
    version: 1
    networks: {office: [192.0.2.0/24]}
    everyone: {from: [office]}
    block: [198.51.100.0/24]
    roles:
      admin: {members: {users: [alice]}, from: [192.0.2.1]}
    authorize:
      users: [alice, bob]
      for: 2h
      mail: "{user}@example.org"
      per_day: 3

    """
  private let away = "203.0.113.7"

  private struct Reply: Equatable {
    var decision: AnswerDecision
    var reason: String
    var message = ""
    var id = ""
  }

  private func ask(
    _ daemon: InProcessDaemon, _ user: String = "alice", from address: String = "203.0.113.7",
    role: String? = nil, service: String = "sshd", asksCode: Bool = false, code: String? = nil
  ) throws -> Reply {
    var fields: [(GatehouseWire.Tag, String)] = [(.remoteHost, address)]
    if let role { fields.append((.role, role)) }
    if let code { fields.append((.code, code)) }
    let connection = try daemon.connect()
    connection.send(
      question(user, service: service, fields, asksCode: asksCode || code != nil))
    let message = try connection.receive()
    let answer = try Answer(decoding: message.span)
    func text(_ field: Field?) -> String {
      String(decoding: message.span.array(ifPresent: field) ?? [], as: UTF8.self)
    }
    return Reply(
      decision: answer.decision, reason: text(answer.reason), message: text(answer.message),
      id: text(answer.id))
  }

  private func letters(_ daemon: InProcessDaemon, sent: [String] = []) throws -> [Letter] {
    var request = LettersRequest()
    request.sent = sent
    return try SeqpacketSocket.reply(to: request, at: daemon.folder.file("run/socket")).letters
  }

  private func status(_ daemon: InProcessDaemon) throws -> DaemonStatus {
    try SeqpacketSocket.reply(to: StatusRequest(), at: daemon.folder.file("run/socket"))
  }

  private func grants(_ daemon: InProcessDaemon) throws -> [Grant] {
    try SeqpacketSocket.reply(to: GrantsRequest(), at: daemon.folder.file("run/socket")).grants
  }

  private let told = "A code was sent to a…e@example.org: log in again and enter it."

  @Test("denied, told of a code, asked for it, and let in by a grant of their own")
  func exchange() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    #expect(try ask(daemon, asksCode: true).decision == .ignore)
    let denial = try ask(daemon)
    #expect(denial.decision == .deny && denial.reason == "not_listed")
    #expect(denial.message.hasSuffix("quote \(denial.id). \(told)"))
    let letter = try #require(try letters(daemon).first)
    #expect(letter.id == denial.id && letter.kind == .code && letter.user == "alice")
    #expect(letter.service == "sshd" && letter.origin == Origin(kept: away))
    #expect(letter.way == .mail(try #require(MailAddress("alice@example.org"))))
    #expect(try #require(letter.until) - letter.time == .seconds(600))
    let code = try #require(letter.code)
    // Not sent yet: whoever asks again gets it again.
    #expect(try letters(daemon) == [letter])
    #expect(try letters(daemon, sent: [letter.id]).isEmpty)

    let open = try ask(daemon, asksCode: true)
    #expect(open.decision == .allow && open.reason == "code_open" && open.message.isEmpty)
    let wrong = try ask(daemon, code: "AAAAAAAAAA")
    #expect(wrong.decision == .deny && wrong.reason == "code_wrong" && wrong.message.isEmpty)
    let right = try ask(daemon, code: code)
    #expect(right.decision == .allow && right.reason == "authorized")
    #expect(try ask(daemon).reason == "granted")

    let grant = try #require(try grants(daemon).first)
    #expect(grant.codeDenial == denial.id && grant.author == "alice" && grant.service == "sshd")
    #expect(grant.until - grant.since == .seconds(7200) && grant.place.description == away)
    #expect(grant.why == "authorised by the user")
    // Nothing of it is left: replayed, it is wrong.
    #expect(try ask(daemon, asksCode: true).decision == .ignore)
    #expect(try ask(daemon, code: code).reason == "code_wrong")
    #expect(try ask(daemon, from: "203.0.113.9").reason == "not_listed")
    var counts = DaemonStatus.Codes()
    (counts.made, counts.used, counts.wrong) = (2, 1, 1)
    #expect(try status(daemon).codes == counts)
    try daemon.waitForLog("the right code was entered for alice from \(away) (sshd), denial ")
    #expect(daemon.collector.messages.allSatisfy { !$0.contains(code) })
  }

  @Test("the code is for one user, address and service")
  func bound() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    _ = try ask(daemon)
    let code = try #require(try letters(daemon).first?.code)
    _ = try ask(daemon, "bob")
    _ = try ask(daemon, from: "203.0.113.8")
    #expect(try ask(daemon, "bob", code: code).reason == "code_wrong")
    #expect(try ask(daemon, from: "203.0.113.8", code: code).reason == "code_wrong")
    #expect(try ask(daemon, service: "vsftpd", code: code).reason == "code_wrong")
    #expect(try ask(daemon, service: "vsftpd", asksCode: true).reason == "no_code")
    #expect(try grants(daemon).isEmpty)
    #expect(try ask(daemon, "ALICE", code: code).reason == "authorized")
    #expect(try grants(daemon).map(\.user) == ["alice"])
  }

  @Test("three wrong ones end it, and the owner gets a letter of another kind")
  func guessed() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    let denial = try ask(daemon)
    let code = try #require(try letters(daemon).first?.code)
    for _ in 0..<3 { #expect(try ask(daemon, code: "GUESS").reason == "code_wrong") }
    #expect(try ask(daemon, code: code).reason == "code_wrong")
    #expect(try ask(daemon, asksCode: true).reason == "no_code")
    let letter = try #require(try letters(daemon).first)
    #expect(letter.kind == .guessed && letter.id == "\(denial.id)-guessed")
    #expect(letter.code == nil && letter.until == nil && letter.user == "alice")
    #expect(try letters(daemon, sent: [letter.id]).isEmpty)
    try daemon.waitForLog("the last of three wrong codes was entered for alice from \(away) (sshd)")
    let counts = try status(daemon).codes
    #expect(counts.wrong == 3 && counts.ended == 1 && counts.used == 0)
  }

  @Test("a flood of denials makes one code, and at most as many a day as the policy says")
  func flood() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    for _ in 0..<20 { #expect(try ask(daemon).message.hasSuffix(told)) }
    #expect(try letters(daemon).count == 1)
    for host in 10..<30 { _ = try ask(daemon, from: "203.0.113.\(host)") }
    #expect(try letters(daemon).count == 3)
    #expect(!(try ask(daemon, from: "203.0.113.99").message.contains("code")))
    #expect(try ask(daemon, "bob").message.hasSuffix("log in again and enter it."))
    let counts = try status(daemon).codes
    #expect(counts.made == 4 && counts.overLimit == 19)
    try daemon.waitForLog("no code was made for alice from 203.0.113.12 (sshd), denial ")
    #expect(daemon.collector.messages.count { $0.hasPrefix("no code was made") } == 1)
  }

  @Test("nobody else gets one, and for no other reason")
  func others() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    for (user, address, role) in [
      ("carol", "203.0.113.7", nil), ("alice", "198.51.100.7", nil), ("alice", "127.0.0.1", nil),
      ("alice", "cafe.example.org", nil), ("bob", "203.0.113.7", "admin"),
    ] as [(String, String, String?)] {
      let reply = try ask(daemon, user, from: address, role: role)
      #expect(reply.decision == .deny && !reply.message.contains("code"), "\(user) \(address)")
    }
    #expect(try letters(daemon).isEmpty)
    let role = try ask(daemon, from: "192.0.2.9", role: "admin")
    #expect(role.reason == "role_unavailable" && role.message.hasSuffix(told))
    let code = try #require(try letters(daemon).first?.code)
    #expect(try ask(daemon, from: "192.0.2.9", code: code).reason == "authorized")
    #expect(try ask(daemon, from: "192.0.2.9", role: "admin").decision == .allow)
  }

  @Test("without authorize in the policy there is nothing of it")
  func off() throws {
    let daemon = try InProcessDaemon(policy: "version: 1\neveryone: {from: [192.0.2.0/24]}\n")
    #expect(!(try ask(daemon).message.contains("code")))
    #expect(try ask(daemon, asksCode: true).decision == .ignore)
    #expect(try ask(daemon, code: "ABCDEFGHJK").decision == .deny)
    #expect(try letters(daemon).isEmpty)
    #expect(try status(daemon).codes == DaemonStatus.Codes())
  }

  @Test("the policy is asked again when a code is entered")
  func changedPolicy() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    _ = try ask(daemon)
    let code = try #require(try letters(daemon).first?.code)
    try daemon.folder.write(
      "version: 1\neveryone: {from: [192.0.2.0/24]}\n", to: "etc/policy.yaml")
    _ = try daemon.verdictOnReload(allowing: "all")
    #expect(try ask(daemon, code: code).reason == "code_wrong")
    #expect(try grants(daemon).isEmpty)
  }

  @Test(
    "after a restart a code counts if its letter was taken; if not, the next denial makes a new one"
  )
  func restart() throws {
    let folder = try TemporaryDirectory("gatehouse-codes")
    try folder.write(Self.policy, to: "etc/policy.yaml")
    var taken = ""
    var lost = ""
    do {
      let daemon = try InProcessDaemon(in: folder)
      _ = try ask(daemon)
      let letter = try #require(try letters(daemon).first)
      _ = try ask(daemon, "bob")
      taken = try #require(letter.code)
      lost = try #require(try letters(daemon, sent: [letter.id]).first?.code)
    }
    let daemon = try InProcessDaemon(in: folder)
    #expect(try letters(daemon).isEmpty)
    #expect(try ask(daemon, "bob", code: lost).reason == "code_wrong")
    #expect(try ask(daemon, "bob").message.hasSuffix("log in again and enter it."))
    #expect(try letters(daemon).map(\.user) == ["bob"])
    #expect(try ask(daemon, code: taken).reason == "authorized")
    #expect(try grants(daemon).map(\.user) == ["alice"])
  }

  @Test("a code's use that cannot be kept lets nobody in")
  func diskFull() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    _ = try ask(daemon)
    let letter = try #require(try letters(daemon).first)
    let code = try #require(letter.code)
    _ = try letters(daemon, sent: [letter.id])
    // A folder in its place cannot be replaced by a file; the last save may still be on its way.
    try wait {
      try? Files.remove(daemon.folder.file("state/codes"))
      return (try? daemon.folder.directory("state/codes/full")) != nil
    }
    #expect(try ask(daemon, code: code).reason == "code_wrong")
    #expect(try grants(daemon).isEmpty)
    try daemon.waitForLog("the codes cannot be kept")
  }
}
