import TestKit
import Testing

@Suite(
  "gatehouse shadow",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct CommandShadowTests {
  private func ask(_ bench: DaemonBench, _ arguments: [String]) throws -> ProcessResult {
    try gatehouse(["shadow"] + arguments + ["--socket", bench.socket])
  }

  @Test("a candidate is started, watched over a restart of the daemon, and stopped")
  func life() throws {
    let bench = try DaemonBench()
    let folder = try TemporaryDirectory()
    let candidate = try folder.write(
      "version: 1\nblock: [192.0.2.7]\n", to: "new.yaml")
    try withExtendedLifetime(try bench.start()) { _ in
      #expect(try ask(bench, []).output.hasPrefix("NONE  there is no candidate"))
      let started = try ask(bench, ["start", candidate])
      #expect(started.status == 0, "\(started)")
      #expect(started.output.hasPrefix("started  enforce"))
      #expect(try ask(bench, ["start", candidate]).status == 1)
    }
    let second = try bench.start()
    let shown = try ask(bench, ["show", "--json"])
    #expect(shown.status == 0)
    #expect(
      shown.output.hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"watched":[{"kind":"candidate","policy":{"#))
    #expect(try ask(bench, []).output.hasPrefix("SAME  no login was decided differently, of 0\n"))
    let stopped = try ask(bench, ["stop"])
    #expect(stopped.status == 0)
    #expect(stopped.output.hasPrefix("stopped\n"))
    #expect(try ask(bench, ["stop"]).status == 1)
    #expect(second.poll() == nil)
  }

  @Test("a candidate with errors or that is not there exits 3, misuse 2, no daemon 3")
  func failures() throws {
    let bench = try DaemonBench()
    let folder = try TemporaryDirectory()
    let bad = try folder.write("version: 2\n", to: "bad.yaml")
    let good = try folder.write("version: 1\n", to: "good.yaml")
    let daemon = try bench.start()
    for candidate in [bad, folder.file("missing")] {
      let outcome = try ask(bench, ["start", candidate])
      #expect(outcome.status == 3)
      #expect(outcome.errors.contains("the policy \(candidate) "))
    }
    #expect(try gatehouse(["shadow", "start"]).status == 2)
    #expect(try gatehouse(["shadow", "begin"]).status == 2)
    let nowhere = folder.file("socket")
    for arguments in [[], ["start", good], ["stop"]] {
      #expect(try gatehouse(["shadow"] + arguments + ["--socket", nowhere]).status == 3)
    }
    #expect(daemon.poll() == nil)
  }
}
