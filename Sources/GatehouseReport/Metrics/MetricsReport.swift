public import GatehouseControl
public import GatehouseDoors
import GatehousePolicy

/// The state of the daemon and the machine's doors as metrics: `gatehouse metrics`.
public struct MetricsReport: Sendable {
  /// The daemon's state; nil if it cannot be asked.
  private let daemon: DaemonStatus?
  private let doors: Doors

  /// Metrics of a daemon, if there is one, and of the machine's doors.
  public init(_ daemon: DaemonStatus?, doors: Doors) {
    self.daemon = daemon
    self.doors = doors
  }

  /// The metrics in a form, ended by a newline.
  public func text(_ form: MetricsForm) -> [UInt8] {
    var metrics = MetricsText(form)
    metrics.gauge("gatehouse_up", "Whether gatehoused answers.", daemon == nil ? 0 : 1)
    daemon?.write(to: &metrics)
    let standings = Dictionary(grouping: doors.doors, by: \.standing.rawValue)
    metrics.gauge(
      "gatehouse_doors",
      "PAM services by whether their logins are judged; gatehouse doors has the words.",
      standings.keys.sorted().map { standing in
        ([("standing", standing)], String(standings[standing, default: []].count))
      })
    metrics.gauge(
      "gatehouse_door_findings", "What needs attention about the doors: gatehouse doors.",
      doors.findings.count { $0.weight != .note })
    return metrics.bytes
  }
}

extension DaemonStatus {
  fileprivate func write(to metrics: inout MetricsText) {
    metrics.gauge(
      "gatehouse_build_info", "The version of gatehoused.", [([("version", version)], "1")])
    metrics.time("gatehouse_start_time_seconds", "When gatehoused started.", startedAt)
    writeAnswers(to: &metrics)
    writePolicy(to: &metrics)
    writeDirectory(to: &metrics)
    metrics.gauge("gatehouse_grants", "Grants that are in effect.", grants)
    metrics.counter(
      "gatehouse_codes", "What became of codes by which users authorise a new place.",
      codes.byEvent.map { ([("event", $0.word)], $0.count) })
    metrics.gauge(
      "gatehouse_ending_logins",
      "Recent logins that will be refused within two weeks because an entry ends.", endings.count)
    metrics.gauge(
      "gatehouse_origins_known",
      "Whether the machine's addresses and login sessions can be followed.",
      originProblem == nil ? 1 : 0)
    metrics.counter(
      "gatehouse_malformed_requests", "Connections closed because they sent no valid request.",
      malformedRequests)
    metrics.counter(
      "gatehouse_log_entries_lost", "Log entries that the log did not take in time.", lostEntries)
  }

  private func writeAnswers(to metrics: inout MetricsText) {
    metrics.counter(
      "gatehouse_decisions", "Logins decided, by service, decision, reason and mode.",
      counts.answers.map { answer in
        (
          [
            ("service", answer.service.description), ("decision", answer.word),
            ("reason", answer.reason?.rawValue ?? "no_policy"),
            ("mode", answer.mode?.rawValue ?? "none"),
          ], answer.count
        )
      })
    metrics.histogram(
      "gatehouse_answer_duration_seconds",
      "Time from when a question was read until its answer was sent.", limits: Latencies.limits,
      counts: latencies.counts, sum: latencies.sum)
  }

  private func writePolicy(to metrics: inout MetricsText) {
    metrics.gauge("gatehouse_policy_serving", "Whether there is a policy.", serving == nil ? 0 : 1)
    metrics.gauge(
      "gatehouse_policy_current", "Whether the policy in the folder is the one that serves.",
      isCurrent ? 1 : 0)
    if let serving {
      metrics.gauge(
        "gatehouse_policy_info", "The policy that serves.",
        [([("sha256", serving.digest), ("mode", serving.mode.rawValue)], "1")])
      metrics.gauge(
        "gatehouse_policy_generation", "The number of the generation that serves.",
        serving.generation)
      metrics.gauge(
        "gatehouse_policy_warnings", "Warnings about the policy that serves.",
        serving.warnings.count)
    }
    metrics.time(
      "gatehouse_policy_serving_since_timestamp_seconds", "When the policy began to serve.",
      serving?.since)
    metrics.counter(
      "gatehouse_policies_refused", "Policies that were refused, since gatehoused started.",
      refusedPolicies)
    metrics.gauge(
      "gatehouse_policy_on_trial", "Whether a policy is on trial.", trial == nil ? 0 : 1)
    metrics.time(
      "gatehouse_policy_trial_end_timestamp_seconds", "When the trial ends by itself.",
      trial?.until)
  }

  private func writeDirectory(to metrics: inout MetricsText) {
    metrics.gauge(
      "gatehouse_directory_up", "Whether the last reading of a user succeeded.",
      identity.failing == nil ? 1 : 0)
    metrics.gauge(
      "gatehouse_directory_readings", "Users whose readings are kept.", identity.users)
    metrics.time(
      "gatehouse_directory_last_read_timestamp_seconds", "When the newest reading was made.",
      identity.lastReadAt)
    metrics.gauge(
      "gatehouse_directory_service_online",
      "Whether sssd or winbind reaches its server, if it says so.",
      identity.services.filter { $0.state != .unknown }.map { service in
        ([("name", service.name)], service.state == .online ? "1" : "0")
      })
  }
}

extension DaemonStatus.Answers {
  /// The decision in the word of `gatehouse log --decision`.
  fileprivate var word: String { wouldDeny ? "would_deny" : verdict?.rawValue ?? "no_policy" }
}
