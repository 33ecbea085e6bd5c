import GatehouseControl
import GatehouseDoors
import GatehousePolicy
import GatehouseReport
import PAMKit
import TestKit
import Testing

@Suite("gatehouse metrics")
struct MetricsReportTests {
  static let packaging =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/packaging"

  private static func status() -> DaemonStatus {
    let now = Instant(microsecondsSinceEpoch: 1_800_000_000_250_000)
    var counts = DaemonStatus.Counts()
    counts.answers = [
      .init(
        service: "sshd", verdict: .allow, reason: .listed, wouldDeny: false, mode: .enforce,
        count: 41),
      .init(
        service: "sshd", verdict: .allow, reason: .notListed, wouldDeny: true, mode: .monitor,
        count: 2
      ),
      .init(
        service: "a\"b\\c\n\u{1B}[2J\u{202E}", verdict: .deny, reason: .blocked, wouldDeny: false,
        mode: .enforce, count: 1),
      .init(
        service: "su", verdict: nil, reason: nil, wouldDeny: false, mode: nil, count: 3),
    ]
    var status = DaemonStatus(
      processID: 1, startedAt: now, now: now, socket: "/s", folder: "/etc/gatehouse",
      serving: .init(
        generation: 4, digest: "0123456789abcdef", mode: .enforce, since: now, isKeptCopy: false,
        warnings: []),
      refusal: nil, counts: counts,
      identity: .init(
        users: 5, failing: nil, lastReadAt: now,
        services: [.init(name: "sssd", state: .offline, at: now)]), lostEntries: 7)
    status.codes.made = 3
    status.codes.overLimit = 1
    for microseconds in [1, 50, 51, 700, 3_000_000] {
      status.latencies.add(microseconds: microseconds)
    }
    return status
  }

  private func text(_ form: MetricsForm, _ status: DaemonStatus? = Self.status()) -> String {
    String(
      decoding: MetricsReport(status, doors: Doors(of: FakeMachine(), policy: nil)).text(form),
      as: UTF8.self)
  }

  @Test("OpenMetrics: each family with its type, counters with _total, and # EOF at the end")
  func openMetrics() {
    let text = text(.openMetrics)
    #expect(text.hasSuffix("\n# EOF\n"))
    #expect(text.contains("# TYPE gatehouse_decisions counter\n"))
    #expect(
      text.contains(
        #"gatehouse_decisions_total{service="sshd",decision="allow",reason="listed",mode="enforce"} 41"#
          + "\n"))
    #expect(text.contains(#"decision="would_deny",reason="not_listed",mode="monitor"} 2"#))
    #expect(text.contains(#"{service="su",decision="no_policy",reason="no_policy",mode="none"} 3"#))
    #expect(text.contains("# UNIT gatehouse_answer_duration_seconds seconds\n"))
    #expect(text.contains("gatehouse_start_time_seconds 1800000000.25\n"))
    #expect(text.contains("gatehouse_directory_service_online{name=\"sssd\"} 0\n"))
    #expect(text.contains("gatehouse_log_entries_lost_total 7\n"))
    #expect(text.contains("gatehouse_codes_total{event=\"made\"} 3\n"))
    #expect(text.contains("gatehouse_codes_total{event=\"over_limit\"} 1\n"))
  }

  @Test("the histogram is cumulative, and its sum exact")
  func histogram() {
    let text = text(.openMetrics)
    for line in [
      #"_bucket{le="0.00005"} 2"#, #"_bucket{le="0.0001"} 3"#, #"_bucket{le="0.0005"} 3"#,
      #"_bucket{le="0.001"} 4"#, #"_bucket{le="2.0"} 4"#, #"_bucket{le="+Inf"} 5"#, "_count 5",
      "_sum 3.000802",
    ] { #expect(text.contains("gatehouse_answer_duration_seconds\(line)\n"), "\(line)") }
  }

  @Test("nothing of a name ends its label or commands a terminal", arguments: [true, false])
  func hostile(isOpen: Bool) {
    let text = text(isOpen ? .openMetrics : .prometheus)
    #expect(
      text.contains(#"{service="a\"b\\c\\u{a}\\u{1b}[2J\\u{202e}",decision="deny""#), "\(text)")
    #expect(
      text.unicodeScalars.allSatisfy { ($0.value >= 0x20 && $0.value < 0x7F) || $0 == "\n" })
  }

  @Test("without a daemon it says so, and nothing that is not known")
  func away() {
    let text = text(.openMetrics, nil)
    #expect(text.contains("\ngatehouse_up 0\n"))
    #expect(!text.contains("gatehouse_policy") && !text.contains("gatehouse_decisions"))
  }

  @Test("each is in gatehouse(1), and those that the alerts and the dashboard use are there")
  func names() throws {
    let families = Set(
      text(.prometheus).split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        .map { String($0.split(separator: " ")[2]) }
        + ["gatehouse_policy_trial_end_timestamp_seconds"])
    let page = try readText("\(Self.packaging)/man/gatehouse.1")
    for family in families { #expect(page.contains(".It Va \(family)\n"), "\(family)") }
    for file in ["prometheus/gatehouse.rules.yml", "grafana/gatehouse.json"] {
      let names = try readText("\(Self.packaging)/\(file)").matches(of: /\bgatehouse_[a-z_]+/)
        .map { String($0.output) }
      #expect(!names.isEmpty)
      for name in names {
        let family = ["_bucket", "_count", "_sum"].reduce(name) { text, end in
          text.hasSuffix("duration_seconds\(end)") ? String(text.dropLast(end.count)) : text
        }
        #expect(families.contains(family), "\(file): \(name)")
      }
    }
  }

  @Test("promtool finds nothing wrong with the metrics and the alerts", .enabled(if: hasPromtool))
  func promtool() throws {
    let metrics = try run("promtool", ["check", "metrics"], input: text(.prometheus))
    #expect(metrics.status == 0 && metrics.errors == "", "\(metrics)")
    let rules = "\(Self.packaging)/prometheus/gatehouse.rules.yml"
    let checked = try run("promtool", ["check", "rules", rules])
    #expect(checked.status == 0, "\(checked)")
    let tested = try run("promtool", ["test", "rules", "\(Self.packaging)/prometheus/test.yml"])
    #expect(tested.status == 0, "\(tested)")
  }

  private static let hasPromtool = (try? run("promtool", ["--version"]).status) == 0
}
