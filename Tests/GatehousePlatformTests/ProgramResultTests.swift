import GatehousePlatform
import TestKit
import Testing

@Suite("A program that is run with a bound of time")
struct ProgramResultTests {
  private func shell(_ script: String, within time: Duration = .seconds(20)) throws -> ProgramResult
  {
    try Programs.result(of: "/bin/sh", ["sh", "-c", script], within: time)
  }

  @Test("what it writes and how it ends are known")
  func endings() throws {
    let fine = try shell("echo out; echo err >&2; cat; exit 3")
    #expect(fine.ending == .exited(3))
    #expect(String(decoding: fine.output, as: UTF8.self) == "out\nerr\n")
    #expect(try shell("kill -SEGV $$").ending == .signalled(11))
  }

  @Test("one that does not end is killed, with what it has started")
  func endless() throws {
    let folder = try TemporaryDirectory()
    let outcome = try shell(
      "(sleep 1000; touch \(folder.file("late"))) & echo $$; wait", within: .seconds(1))
    #expect(outcome.ending == .timedOut)
    #expect(!String(decoding: outcome.output, as: UTF8.self).isEmpty)
  }

  @Test("its output is bounded, and it waits for what is done before")
  func bounds() throws {
    var process: Int32 = 0
    let outcome = try Programs.result(
      of: "/bin/sh", ["sh", "-c", "cat; yes | head -c 100000"], within: .seconds(20), atMost: 1000
    ) { process = $0 }
    #expect(outcome.ending == .exited(0))
    #expect(outcome.output.count == 1000)
    #expect(process > 0)
  }
}
