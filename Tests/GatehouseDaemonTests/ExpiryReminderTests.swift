import GatehousePolicy
import Synchronization
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("Lists that end")
struct ExpiryReminderTests {
  private let collector = LogCollector()
  private let log: Log
  private let loop: EventLoop
  private let worker: Worker

  init() throws {
    log = try collector.makeLog()
    loop = try EventLoop()
    worker = try Worker("reminder", loop: loop)
  }

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

  /// Waits for the thread's work and then the log's.
  private func close() {
    worker.close()
    log.close()
  }

  @Test("are told at once, and again after each interval")
  func again() throws {
    defer { close() }
    let reminder = try ExpiryReminder(
      loop: loop, worker: worker, log: log, interval: .milliseconds(1))
    reminder.watch(try policy(ending: 3), from: "/etc/gatehouse")
    try wait { collector.messages.count == 1 }
    var look: EventSource?
    look = try loop.timer { [loop, collector] in
      if collector.messages.count >= 3 { loop.exit(0) } else { look?.set(after: .milliseconds(1)) }
    }
    look?.set(after: .milliseconds(1))
    _ = try withExtendedLifetime(reminder) { try loop.run() }
    look = nil
    let start =
      "/etc/gatehouse: policy.yaml:3:9: warning: users.bob.only_from matches nothing from "
    #expect(collector.messages.allSatisfy { $0.hasPrefix(start) }, "\(collector.messages)")
  }

  @Test("are looked for while the loop does other things")
  func besideTheLoop() throws {
    defer { close() }
    // What the thread is busy with before holds nobody up who has it look.
    let isBusy = Mutex(())
    let reminder = try ExpiryReminder(loop: loop, worker: worker, log: log)
    try isBusy.withLock { _ in
      let hasBegun = Atomic(false)
      worker.run {
        hasBegun.store(true, ordering: .relaxed)
        isBusy.withLock { _ in }
      } then: { _ in
      }
      try wait { hasBegun.load(ordering: .relaxed) }
      reminder.watch(try policy(ending: 3), from: "/etc/gatehouse")
      #expect(collector.messages == [])
    }
    try wait { collector.messages.count == 1 }
  }

  @Test("are not told more than 14 days ahead")
  func early() throws {
    let reminder = try ExpiryReminder(loop: loop, worker: worker, log: log)
    reminder.watch(try policy(ending: 20), from: "/etc/gatehouse")
    close()
    #expect(collector.messages == [])
  }
}
