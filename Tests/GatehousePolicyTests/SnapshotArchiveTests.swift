import GatehousePolicy
import TestKit
import Testing

@Suite("A policy's files in one piece")
struct SnapshotArchiveTests {
  private static let snapshot = PolicySnapshot(
    policyFiles: [
      .init(
        name: "policy.yaml", content: .bytes(Array("version: 1\nblock: [{file: x.txt}]\n".utf8))),
      .init(name: "policy.d/a.yaml", content: .bytes(Array("version: 1\n".utf8))),
    ],
    listFiles: [
      "x.txt": .bytes(Array("192.0.2.1\n".utf8)), "lists/empty.txt": .bytes([]),
      "lists/any bytes": .bytes(Array(0...255)),
    ])

  private func archive(_ snapshot: PolicySnapshot = snapshot) throws -> SnapshotArchive {
    try #require(SnapshotArchive(snapshot))
  }

  private func damage(_ bytes: [UInt8]) -> SnapshotArchive.Damage? {
    do throws(SnapshotArchive.Damage) {
      _ = try SnapshotArchive(decoding: bytes)
      return nil
    } catch { return error }
  }

  /// Bytes laid out like an archive of these files, whose digest cannot be right.
  private func forged(_ files: [(word: String, name: String)]) -> [UInt8] {
    var text = "gatehouse policy, format 1, sha256 \(String(repeating: "0", count: 64))\n"
    for (word, name) in files { text += "\(word) \(name.utf8.count) 2\n\(name)ab" }
    return Array(text.utf8)
  }

  @Test("what was put in comes out, with the digest of the loaded policy")
  func roundTrip() throws {
    let archive = try archive()
    let read = try SnapshotArchive(decoding: archive.bytes)
    #expect(read == archive)
    #expect(read.snapshot == Self.snapshot)
    let policy = try #require(load("version: 1\n").policy)
    let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array("version: 1\n".utf8)))
    #expect(try self.archive(PolicySnapshot(policyFiles: [file])).digest == policy.digest)
  }

  @Test("a file that could not be read is in no archive")
  func unreadable() {
    let file = PolicySnapshot.File(name: "policy.yaml", content: .unreadable("no such file"))
    #expect(SnapshotArchive(PolicySnapshot(policyFiles: [file])) == nil)
  }

  @Test("no part of an archive is taken for the whole")
  func truncations() throws {
    let bytes = try archive().bytes
    for length in bytes.indices { #expect(damage(Array(bytes[..<length])) != nil) }
    #expect(damage(bytes + [0x0A]) == .malformed)
  }

  @Test("a changed byte shows, wherever it is")
  func changes() throws {
    let bytes = try archive().bytes
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      #expect(damage(changed) != nil)
    }
  }

  @Test("random changes give an archive or an error")
  func mutations() throws {
    var random = SeededRandom(seed: 7)
    let bytes = try archive().bytes
    for _ in 0..<20_000 {
      var mutated = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: mutated.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: mutated[place] = UInt8.random(in: 0...255, using: &random)
        case 1: mutated.insert(UInt8.random(in: 0x20...0x39, using: &random), at: place)
        default: mutated.removeSubrange(place..<min(place + 3, mutated.count))
        }
      }
      if mutated != bytes { _ = damage(mutated) }
    }
  }

  @Test(
    "a name that is none of a policy's folder is refused",
    arguments: [
      "../policy.yaml", "/etc/passwd", "policy.d/../../x.yaml", "policy.d/a/b.yaml", "policy.d/",
      "policy.d/..", "..", ".", "", "other/x.yaml", "x\0.yaml",
    ])
  func policyNames(name: String) {
    #expect(damage(forged([("policy", name)])) == .badName)
  }

  @Test(
    "a list file has the one name that a policy can give it",
    arguments: ["", ".", "a/../b", "./a", "a//b", "a/", "lists/x\0"])
  func listNames(name: String) {
    #expect(damage(forged([("list", name)])) == .badName)
  }

  @Test("a name stands once", arguments: ["policy", "list"])
  func repeated(word: String) {
    #expect(damage(forged([(word, "x"), (word, "x")])) == .badName)
  }

  @Test("lengths that no file has are refused", arguments: ["-1", "99999999999999999999", "x", ""])
  func lengths(length: String) {
    let first = "gatehouse policy, format 1, sha256 \(String(repeating: "0", count: 64))\n"
    #expect(damage(Array("\(first)policy 11 \(length)\npolicy.yaml".utf8)) == .malformed)
    #expect(damage(Array("\(first)policy \(length) 0\npolicy.yaml".utf8)) == .malformed)
  }

  @Test("lists outside the policy's folder are named")
  func outside() throws {
    let names = ["/srv/list.txt", "../up.txt", "..", "in.txt", "lists/in.txt", "..in.txt"]
    let snapshot = PolicySnapshot(
      policyFiles: [],
      listFiles: Dictionary(uniqueKeysWithValues: names.map { ($0, .bytes([])) }))
    let read = try SnapshotArchive(decoding: archive(snapshot).bytes)
    #expect(read.outsideNames == ["..", "../up.txt", "/srv/list.txt"])
  }
}
