import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseState

/// What the first version's own daemon and command wrote.
enum FirstVersionSample {
  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return try readFile("\(folder)/FirstVersion/\(name)")
  }
}

@Suite("What the first version wrote")
struct FirstVersionTests {
  @Test("a policy")
  func policy() throws {
    let kept = try #require(
      FirstVersion.policy(FirstVersionSample.bytes("state/last-good-policy")))
    #expect(kept.digest == "daa1bf663a426c2a502f00bc7bb5ef0795b9be0a853730c5877d949be1287ca3")
    #expect(kept.snapshot.listFiles.keys.sorted() == ["lists/more.txt"])
    #expect(FirstVersion.policy(try FirstVersionSample.bytes("state/shadow")) != nil)
  }

  @Test("a policy with what else was known of it")
  func titled() throws {
    let title = "gatehouse trial, format 1"
    let bytes = try FirstVersionSample.bytes("state/trial")
    let trial = try #require(FirstVersion.policy(bytes, titled: title))
    #expect(trial.values["end"] == "4524884753")
    #expect(trial.values["exempt"] == "all")
    #expect(trial.values["sessions"] == "")
    #expect(trial.archive.snapshot.policyFiles.map(\.name) == ["policy.yaml"])
    #expect(FirstVersion.policy(bytes, titled: "gatehouse change, format 1") == nil)
    for name in ["1", "2", "candidate"] {
      let bytes = try FirstVersionSample.bytes("history/\(name)")
      let change = try #require(FirstVersion.policy(bytes, titled: "gatehouse change, format 1"))
      #expect(change.values["by"] == (name == "1" ? "hand" : "apply"))
    }
  }

  @Test("a value that is out of the present bounds is set aside, like any other damage")
  func bounds() throws {
    let kind = StateKind(
      "sample", version: 1, .text("text", atMost: 100),
      firstVersion: { String(decoding: $0, as: UTF8.self) })
    let folder = try TemporaryDirectory("gatehouse-state")
    let file = StateFile(folder: folder.path, name: "sample", kind)
    let longest = String(repeating: "x", count: 100)
    try writeFile(file.path, Array(longest.utf8))
    guard case .value(longest) = try file.read() else { throw TestKitError("it is not read") }
    #expect(file.holds(longest))
    try writeFile(file.path, Array("\(longest)x".utf8))
    #expect(file.valueIfUsable() == nil)
    guard case .setAside(let aside) = try file.read() else { throw TestKitError("it is read") }
    #expect(aside.problem == .notState && aside.obstacle == nil)
    guard case .absent = try file.read() else { throw TestKitError("it is still there") }
  }

  @Test("records")
  func records() throws {
    let bytes = try FirstVersionSample.bytes("state/grants")
    let grants = try #require(
      FirstVersion.records(bytes, titled: "gatehouse grants", width: 9) { $0 })
    #expect(grants.map { String(decoding: $0[8], as: UTF8.self) } == ["on call", "caffè"])
    #expect(FirstVersion.records(bytes, titled: "gatehouse grants", width: 8) { $0 } == nil)
    #expect(FirstVersion.records(bytes, titled: "gatehouse denials", width: 9) { $0 } == nil)
    let denials = try FirstVersionSample.bytes("state/denials")
    #expect(
      FirstVersion.records(denials, titled: "gatehouse denials", width: 8) { $0 }?.count == 7)
  }

  @Test("counts")
  func counts() throws {
    let lines = try #require(
      FirstVersion.lines(
        FirstVersionSample.bytes("state/shadow-counts"), titled: "gatehouse changes, format 1"))
    #expect(lines.count == 12)
    #expect(lines[1] == ["logins", "24", "0", "0"])
    #expect(lines.dropFirst(2).allSatisfy { $0.count == 11 && $0[0] == "place" })
    #expect(FirstVersion.bytes(hexadecimal: "62696e") == Array("bin".utf8))
    for word in ["6", "6g", "+6", "-1"] { #expect(FirstVersion.bytes(hexadecimal: word) == nil) }
  }

  @Test("a time outside of the years 1970 to 9999 is none")
  func instants() {
    #expect(FirstVersion.instant("0")?.microseconds == 0)
    for text in ["-1", "\(Int64.min)", "\(Int64.max)", "253402300800000000", "x", ""] {
      #expect(FirstVersion.instant(text) == nil)
    }
  }

  @Test("cut anywhere, or with any byte changed, it is not read, or is what it was")
  func damage() throws {
    for name in ["last-good-policy", "trial", "grants", "denials"] {
      let whole = try FirstVersionSample.bytes("state/\(name)")
      func read(_ bytes: [UInt8]) -> Bool {
        switch name {
        case "trial": FirstVersion.policy(bytes, titled: "gatehouse trial, format 1") != nil
        case "grants":
          FirstVersion.records(bytes, titled: "gatehouse grants", width: 9) { $0 } != nil
        case "denials":
          FirstVersion.records(bytes, titled: "gatehouse denials", width: 8) { $0 } != nil
        default: FirstVersion.policy(bytes) != nil
        }
      }
      #expect(read(whole))
      // The values of a trial were under no digest.
      let first = name == "trial" ? whole.count - 178 : 0
      for index in first..<whole.count {
        #expect(!read(Array(whole[..<index])), "\(name) \(index)")
        var changed = whole
        changed[index] ^= 0x01
        #expect(!read(changed), "\(name) \(index)")
      }
    }
  }
}
