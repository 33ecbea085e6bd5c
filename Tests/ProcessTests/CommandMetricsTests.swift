import TestKit
import Testing

@Suite("gatehouse metrics, by the built command")
struct CommandMetricsTests {
  @Test("counts what was answered, and how long it took")
  func counts() throws {
    let bench = try DaemonBench(policy: "version: 1\neveryone: {from: [192.0.2.0/24]}\n")
    let daemon = try bench.start()
    for _ in 0..<3 { _ = try bench.ask("root", from: "192.0.2.7") }
    _ = try bench.ask("root", from: "198.51.100.7")
    let result = try gatehouse(["metrics", "--socket", bench.socket])
    #expect(result.status == 0, "\(result)")
    for line in [
      "gatehouse_up 1",
      #"gatehouse_decisions_total{service="sshd",decision="allow",reason="listed",mode="enforce"} 3"#,
      #"gatehouse_decisions_total{service="sshd",decision="deny",reason="not_listed",mode="enforce"} 1"#,
      #"gatehouse_answer_duration_seconds_bucket{le="+Inf"} 4"#, "gatehouse_policy_generation 1",
      "gatehouse_policies_refused_total 0",
    ] { #expect(result.output.contains("\n\(line)\n"), "\(line)\n\(result.output)") }
    #expect(result.output.hasSuffix("\n# EOF\n"))
    try bench.folder.write("version: 1\nevryone: {}\n", to: "etc/policy.yaml")
    _ = try gatehouse(["reload", "--socket", bench.socket])
    let refused = try gatehouse(["metrics", "--socket", bench.socket])
    #expect(refused.output.contains("\ngatehouse_policies_refused_total 1\n"))
    #expect(refused.output.contains("\ngatehouse_policy_current 0\n"))
    #expect(daemon.poll() == nil)
  }

  @Test("writes the file for node_exporter also if the daemon is away, and says so")
  func textfile() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write("old\n", to: "gatehouse.prom", mode: 0o600)
    let result = try gatehouse(["metrics", "--textfile", file, "--socket", folder.file("none")])
    #expect(result.status == 3 && result.output == "" && !result.errors.isEmpty)
    let text = try readText(file)
    #expect(text.hasPrefix("# TYPE gatehouse_up gauge\n") && text.contains("\ngatehouse_up 0\n"))
    #expect(!text.contains("# EOF"))
    #expect(try run("ls", [folder.path]).output == "gatehouse.prom\n")
    #expect(try run("stat", ["-c", "%a", file]).output == "644\n")
    let missing = try gatehouse(["metrics", "--textfile", folder.file("no/such.prom")])
    #expect(missing.status == 3 && missing.errors.contains("no/such.prom cannot be written"))
  }
}
