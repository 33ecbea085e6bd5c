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

  @Test("are bounded in number, errors before warnings, with one more that counts the others")
  func number() throws {
    let error = Diagnostic(error: .badAddress, location: nil, message: "wrong")
    let warning = Diagnostic(warning: .hiddenRule, location: nil, message: "doubtful")
    let both = [warning, error, warning, error, error]
    #expect(both.limited(to: 5) == both)
    let short = both.limited(to: 3)
    #expect(short.dropLast() == [error, error])
    let last = try #require(short.last)
    #expect(last.severity == .error)
    #expect(last.name == "omitted")
    #expect(last.message == "errors not shown: 1, warnings not shown: 2")
    let doubts = [warning, warning, warning].limited(to: 1)
    #expect(doubts.map(\.message) == ["errors not shown: 0, warnings not shown: 3"])
    #expect(doubts.map(\.severity) == [.warning])
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
