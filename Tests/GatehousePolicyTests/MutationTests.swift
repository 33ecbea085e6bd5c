import TestKit
import Testing

@testable import GatehousePolicy

/// How many mutated policies are loaded.
private let mutations = rounds("GATEHOUSE_MUTATIONS", usually: 1500)

@Suite("Damaged policies")
struct MutationTests {
  /// What a damaged file often has: the marks of YAML, and bytes that are none of its business.
  private static let splinters: [[UInt8]] =
    [
      "[", "]", "{", "}", ":", ": ", "- ", "*", "&a ", "!t ", "\"", "'", "\n", "\t", "#", "|\n",
      ">\n",
      "%", "@", "<<: ", "---\n", "...\n", "::", "*.*.*.*", "2001:db8::", "? ", ",", "~", "\\x00",
      "\r", "\u{2028}", "\u{FEFF}",
    ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0x80], [0xE2, 0x80]]

  private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.number(1...4) {
      guard !bytes.isEmpty else { return bytes }
      let place = random.number(0...(bytes.count - 1))
      switch random.number(0...4) {
      case 0: bytes[place] = UInt8.random(in: 0...(.max), using: &random)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + random.number(1...20)))
      case 2: bytes.insert(contentsOf: random.pick(Self.splinters), at: place)
      case 3:
        let other = random.number(0...(bytes.count - 1))
        bytes.insert(
          contentsOf: bytes[min(place, other)..<min(max(place, other), min(place, other) + 80)],
          at: place)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }

  @Test("No damage crashes the loader; what it refuses has an error with a place in the file")
  func damage() throws {
    let originals = try ["example.yaml", "scopes.yaml"].map { Array(try Vectors.text($0).utf8) }
    var random = SeededRandom(seed: 9)
    for _ in 0..<mutations {
      let bytes = mutated(random.pick(originals), &random)
      let loaded = Policy.load(
        PolicySnapshot(policyFiles: [.init(name: "policy.yaml", content: .bytes(bytes))]))
      let errors = loaded.diagnostics.filter { $0.severity == .error }
      #expect((loaded.policy == nil) == !errors.isEmpty)
      let lines = bytes.count + 2
      for error in errors {
        let location = try #require(error.location)
        #expect((1...lines).contains(location.line) && location.column >= 1, "\(error)")
        #expect(displayText(of: error.description) == error.description)
      }
      // Neither does asking what was let through.
      _ = loaded.policy?.warnings(now: TwinTime.instant(0))
      _ = loaded.policy?.failingTests(now: TwinTime.instant(0))
    }
  }

  @Test("No damage crashes the reading of a list")
  func listDamage() {
    let original = Array(
      "# partners\n192.0.2.0/24\n2001:db8::/32 # here\n10.0.0.1-10.0.0.9\n10.1.*.*\n".utf8)
    var random = SeededRandom(seed: 10)
    for _ in 0..<mutations {
      let bytes = mutated(original, &random)
      let file = ListFile(name: "x", bytes: bytes)
      #expect(file.diagnostics.allSatisfy { $0.location != nil })
    }
  }
}
