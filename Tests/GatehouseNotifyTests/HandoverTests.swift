import GatehouseNotify
import GatehousePlatform
import TestKit
import Testing

@Suite("Handing a message over")
struct HandoverTests {
  /// Why a script does not take a message; nil if it does.
  private func problem(
    _ script: String, within patience: Duration = Handover.patience
  ) -> String? {
    Handover.problem(
      handing: Array("a message\n".utf8), to: "mailer", ["/bin/sh", "-c", script],
      environment: ["PATH=/usr/bin:/bin"], within: patience)
  }

  @Test("the program reads it on its standard input")
  func taken() throws {
    let folder = try TemporaryDirectory()
    #expect(problem("cat >\(folder.file("said"))") == nil)
    #expect(try readText(folder.file("said")) == "a message\n")
  }

  @Test("one that fails says how")
  func failed() {
    #expect(problem("echo no queue; exit 75") == "mailer failed with status 75: no queue")
    #expect(problem("kill -9 $$") == "signal 9 ended mailer")
    let missing = Handover.problem(
      handing: [], to: "mailer", ["/no/such/program"], environment: [])
    #expect(missing != nil)
  }

  @Test("one that takes too long is killed, and holds up nobody else")
  func deadline() throws {
    let folder = try TemporaryDirectory()
    let begun = Uptime.now
    let slow = Pending {
      problem("echo $$ >\(folder.file("pid")); exec sleep 120", within: .seconds(4))
    }
    #expect(problem("exit 0") == nil && slow.ready == nil)
    #expect(slow.value() == "mailer took longer than 4 s")
    #expect(Uptime.now - begun >= .seconds(4) && Uptime.now - begun < .seconds(60))
    let process = try readText(folder.file("pid")).dropLast()
    #expect(!Files.exists("/proc/\(process)"))
    #expect(Handover.patience == .seconds(30))
  }
}
