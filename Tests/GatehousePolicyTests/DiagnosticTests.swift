import GatehousePolicy
import Testing

@Suite("What is said of a policy")
struct DiagnosticTests {
  @Test("is cut if names in it are as long as the policy")
  func length() throws {
    let word = String(repeating: "k", count: 100_000)
    let load = load("version: 1\nmode: \(word)\n")
    let error = try #require(load.diagnostics.first)
    #expect(error.message.count == 1025)
    #expect(error.message.hasSuffix("…"))
  }

  @Test("durations are put in words whatever they are")
  func durations() {
    let longest = Duration(attoseconds: .max)
    #expect(longest.wholeSeconds == .max)
    #expect(Duration(attoseconds: .min).wholeSeconds == .min)
    #expect(durationInWords(longest).hasPrefix("106751991167300 days"))
    #expect(durationText(Duration(attoseconds: .min)).hasSuffix("s"))
  }
}
