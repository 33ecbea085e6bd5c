import GatehouseControl
import GatehousePolicy
import GatehouseWire
import Glibc
import Synchronization
import TestKit

@testable import GatehouseDaemon

/// Lets other threads go on.
func pause() { usleep(500) }

/// Collects what is logged.
final class LogCollector: Sendable {
  private let entries = Mutex<[LogEntry]>([])

  var messages: [String] { entries.withLock { $0.map(\.message) } }

  func makeLog() throws -> Log {
    try Log { [self] in write($0) }
  }

  func write(_ written: [LogEntry]) -> [LogEntry] {
    entries.withLock { $0 += written }
    return []
  }
}

extension LogEntry {
  var message: String { text(parts[0].value) }

  /// The fields beside the message, by their names.
  var fields: [String: String] {
    Dictionary(
      uniqueKeysWithValues: parts.dropFirst().map { (text($0.name), text($0.value)) })
  }

  var line: String {
    var line: [UInt8] = []
    addLine(to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}

/// A policy that is one file, as it is sent.
func archive(_ policy: String) throws -> SnapshotArchive {
  let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(policy.utf8)))
  guard let archive = SnapshotArchive(PolicySnapshot(policyFiles: [file])) else {
    throw TestKitError("a file that is given cannot be read")
  }
  return archive
}

/// The frame of a question with the fields given.
func question(
  _ user: String = "alice", service: String = "sshd", _ fields: [(GatehouseWire.Tag, String)] = [],
  ownHostName: Bool = false, caller: UInt32? = nil, leavesLocal: Bool = false,
  asksFactor: Bool = false, asksCode: Bool = false, timeLeft: UInt32 = 2000
) -> [UInt8] {
  var frame = Frame(.question)
  frame.append(.service, Array(service.utf8))
  frame.append(.user, Array(user.utf8))
  for (tag, value) in fields { frame.append(tag, Array(value.utf8)) }
  var flags = LoginFlags()
  flags.isOwnHostName = ownHostName
  flags.asksSession = caller != nil
  flags.leavesLocal = leavesLocal
  flags.asksFactor = asksFactor
  flags.asksCode = asksCode
  frame.append(.flags, word: flags.word)
  if let caller { frame.append(.caller, word: caller) }
  frame.append(.timeLeft, word: timeLeft)
  return frame.bytes.array
}
