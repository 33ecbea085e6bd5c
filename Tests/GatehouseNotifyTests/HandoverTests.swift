import GatehouseNotify
import GatehousePlatform
import TestKit
import Testing

@Suite("Handing a message over")
struct HandoverTests {
  private func handover(
    _ script: String, within patience: Duration = Handover.patience
  ) -> Handover {
    Handover(
      Array("a message\n".utf8), to: "mailer", ["/bin/sh", "-c", script],
      environment: ["PATH=/usr/bin:/bin"], within: patience)
  }

  @Test("the program reads it on its standard input")
  func taken() throws {
    let folder = try TemporaryDirectory()
    #expect(handover("cat >\(folder.file("said"))").wait() == .taken)
    #expect(try readText(folder.file("said")) == "a message\n")
  }

  @Test("one that fails says how")
  func failed() {
    #expect(
      handover("echo no queue; exit 75").wait() == .failed("mailer failed with status 75: no queue")
    )
    #expect(handover("kill -9 $$").wait() == .failed("signal 9 ended mailer"))
    let missing = Handover([], to: "mailer", ["/no/such/program"], environment: []).wait()
    #expect(missing != .taken)
  }

  @Test("one that takes too long is killed, and holds up nobody else")
  func deadline() throws {
    let folder = try TemporaryDirectory()
    let begun = Uptime.now
    let slow = handover(
      "echo $$ >\(folder.file("pid")); exec sleep 120", within: .seconds(4))
    #expect(handover("exit 0").wait() == .taken && slow.outcome == nil)
    #expect(slow.wait() == .failed("mailer took longer than 4 s"))
    #expect(Uptime.now - begun >= .seconds(4) && Uptime.now - begun < .seconds(60))
    let process = try readText(folder.file("pid")).dropLast()
    #expect(!Files.exists("/proc/\(process)"))
    #expect(Handover.patience == .seconds(30))
  }
}
