import GatehouseChange
import GatehousePolicy
import TestKit
import Testing

/// A policy's folder with its history.
final class ChangeBench {
  let folder: TemporaryDirectory
  var path: String { folder.file("etc") }
  var history: History { History(path: folder.file("history")) }

  static let old = [
    "policy.yaml": "version: 1\nmode: monitor\n", "policy.d/a.yaml": "version: 1\n",
  ]

  init(_ files: [String: String] = ChangeBench.old) throws {
    folder = try TemporaryDirectory("gatehouse-change")
    try folder.directory("etc")
    try write(files)
  }

  func write(_ files: [String: String]) throws {
    for (name, text) in files { try folder.write(text, to: "etc/\(name)") }
  }

  /// Begins a change; again where a process that another test is just starting holds the lock's
  /// descriptor until its exec.
  func change() throws -> PolicyChange {
    try eventually {
      do throws(PolicyChange.Obstacle) {
        return try begin(by: "alice")
      } catch {
        if case .busy = error { return nil }
        throw error
      }
    }
  }

  func begin(by user: Name) throws(PolicyChange.Obstacle) -> PolicyChange {
    try PolicyChange(
      of: path, history: history, author: .init(user: user, address: IPAddress("192.0.2.7")),
      command: "gatehouse test")
  }

  @discardableResult
  func put(_ files: [String: String], reason: String? = nil) throws -> PolicyChange.Put {
    try change().put(try archive(files), means: .apply, reason: reason)
  }

  func archive(_ files: [String: String]) throws -> SnapshotArchive {
    let candidate = Candidate(files.mapValues { Array($0.utf8) }, listsIn: path)
    return try #require(candidate.archive)
  }

  /// What a reader sees.
  var read: [String: String] {
    PolicySnapshot.read(path: path, insecure: .warning).snapshot.inside
      .mapValues { String(decoding: $0, as: UTF8.self) }
  }

  /// The history, the oldest first: how, and the main file.
  var entries: [String] {
    get throws {
      try history.numbers().map { number in
        let entry = try #require(try history.entry(number))
        let main = entry.archive.snapshot.inside["policy.yaml"] ?? []
        let mode = String(decoding: main, as: UTF8.self).split(separator: " ").last ?? ""
        return "\(number) \(entry.record.means.rawValue) \(mode.dropLast())"
      }
    }
  }

  /// Everything in the folder, what is hidden included.
  func files() throws -> [String] {
    try run("/usr/bin/find", [path, "-mindepth", "1", "-printf", "%P\n"]).output
      .split(separator: "\n").map(String.init).sorted()
  }
}
