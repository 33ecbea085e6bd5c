import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("Lists that end")
struct ExpiryReminderTests {
  /// A policy with a list that ends a few days after a moment.
  private func policy(ending days: Int64) throws -> Policy {
    let end = Instant(
      microsecondsSinceEpoch: Instant.now().microseconds + days * 86_400_000_000)
    let text = """
      version: 1
      users:
        bob: {only_from: [{address: 192.0.2.1, until: "\(end)"}]}
      """
    let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(text.utf8)))
    let load = Policy.load(PolicySnapshot(policyFiles: [file]))
    return try #require(load.policy, "\(load.diagnostics)")
  }

  @Test("are told at once, and again after each interval")
  func again() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    defer { log.close() }
    let loop = try EventLoop()
    let reminder = try ExpiryReminder(
      loop: loop, log: log, interval: Microseconds(milliseconds: 1))
    reminder.watch(try policy(ending: 3), from: "/etc/gatehouse")
    try wait { collector.messages.count == 1 }
    var look: EventSource?
    look = try loop.timer {
      if collector.messages.count >= 3 { loop.exit(0) } else { look?.set(after: 1_000) }
    }
    look?.set(after: 1_000)
    _ = try withExtendedLifetime(reminder) { try loop.run() }
    look = nil
    let start =
      "/etc/gatehouse: policy.yaml:3:9: warning: users.bob.only_from matches nothing from "
    #expect(collector.messages.allSatisfy { $0.hasPrefix(start) }, "\(collector.messages)")
  }

  @Test("are not told more than 14 days ahead")
  func early() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    let loop = try EventLoop()
    let reminder = try ExpiryReminder(loop: loop, log: log)
    reminder.watch(try policy(ending: 20), from: "/etc/gatehouse")
    log.close()
    #expect(collector.messages == [])
  }
}
