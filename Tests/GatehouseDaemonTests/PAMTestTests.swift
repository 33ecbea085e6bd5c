import Foundation
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseWire
import Glibc
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("Tests of the PAM stack")
struct PAMTestTests {
  private static let policy = "version: 1\neveryone: {from: [192.0.2.0/24]}\n"

  private func begin(
    _ process: Int32, started: UInt64? = nil, in daemon: InProcessDaemon
  ) throws -> SeqpacketSocket {
    var request = PAMTestRequest()
    request.process = Int64(process)
    request.started = Int64(try started ?? #require(try ProcessDescriptor.start(of: process)))
    let connection = try daemon.connect()
    connection.send(try request.frame())
    return connection
  }

  private func result(on connection: SeqpacketSocket) throws -> PAMTestResult {
    let text = try connection.receiveWithText().text
    return try JSONDecoder().decode(PAMTestResult.self, from: Data(text.utf8))
  }

  private func ask(
    _ user: String, from address: String, in daemon: InProcessDaemon
  ) throws -> String {
    try daemon.ask(question(user, [(.remoteHost, address)]))
  }

  @Test("their questions are answered, and are no logins")
  func noLogins() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    let connection = try begin(getpid(), in: daemon)
    #expect(try ask("alice", from: "203.0.113.9", in: daemon) == "not_listed")
    #expect(try ask("alice", from: "192.0.2.7", in: daemon) == "listed")
    // The asker gives up: the process's questions are logins again.
    withExtendedLifetime(connection) {}
    #expect(try daemon.report(StatusRequest()).text.contains("\"deny\":0"))
    shutdown(connection.descriptor, Int32(SHUT_RDWR))
    #expect(try ask("bob", from: "203.0.113.9", in: daemon) == "not_listed")
    try daemon.waitForLog("denied bob")
    #expect(!daemon.collector.messages.contains { $0.contains("alice") })
    #expect(try daemon.report(StatusRequest()).text.contains("\"deny\":1"))
  }

  @Test("end with the process, and then say what was answered")
  func ended() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    let child = try ChildProcess("/bin/sleep", ["1000"])
    let connection = try begin(child.pid, in: daemon)
    try daemon.waitForLog("the questions of process \(child.pid) are tests")
    // Those of another process are logins.
    #expect(try ask("bob", from: "203.0.113.9", in: daemon) == "not_listed")
    try daemon.waitForLog("denied bob")
    child.signal(SIGKILL)
    let result = try result(on: connection)
    #expect(result.outcome == .ended)
    #expect(result.answers.isEmpty)
  }

  @Test("say of each question what was asked and answered")
  func answers() throws {
    var connection: SeqpacketSocket?
    do {
      let daemon = try InProcessDaemon(policy: Self.policy)
      connection = try begin(getpid(), in: daemon)
      _ = try ask("alice", from: "203.0.113.9", in: daemon)
      _ = try ask("bob", from: "192.0.2.7", in: daemon)
      // The daemon's end is an end of the tests, too.
    }
    let result = try result(on: #require(connection))
    #expect(result.answers.map(\.user) == ["alice", "bob"])
    #expect(result.answers.map(\.answer) == ["deny", "allow"])
    #expect(result.answers.map(\.reason) == ["not_listed", "listed"])
    #expect(result.answers.map(\.origin.description) == ["203.0.113.9", "192.0.2.7"])
    #expect(result.answers.first?.rule?.line == 2)
    #expect(result.answers.first?.message.contains("203.0.113.9") == true)
  }

  @Test("are not begun for another process of the same number, nor twice")
  func refused() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    #expect(
      try result(on: begin(getpid(), started: 1, in: daemon)).outcome == .noSuchProcess)
    #expect(
      try result(on: begin(.max, started: 1, in: daemon)).outcome == .noSuchProcess)
    let first = try begin(getpid(), in: daemon)
    #expect(try result(on: begin(getpid(), in: daemon)).outcome == .busy)
    withExtendedLifetime(first) {}
  }

  @Test("begin before the question of a client that connected after the request was sent")
  func order() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    for _ in 0..<50 {
      // Connected, and silent until the daemon waits for it.
      let connection = try daemon.connect()
      var request = PAMTestRequest()
      request.process = Int64(getpid())
      request.started = Int64(try #require(try ProcessDescriptor.start(of: getpid())))
      connection.send(try request.frame())
      #expect(try ask("alice", from: "203.0.113.9", in: daemon) == "not_listed")
      shutdown(connection.descriptor, Int32(SHUT_RDWR))
      try wait { try daemon.report(StatusRequest()).text.contains("\"deny\":0") }
    }
    #expect(!daemon.collector.messages.contains { $0.hasPrefix("denied alice") })
  }
}
