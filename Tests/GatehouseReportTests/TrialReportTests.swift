import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("What is said of a candidate on trial")
struct TrialReportTests {
  private func trial(secondsLeft: Int = 540) throws -> TrialState {
    TrialState(
      generation: 5, digest: "0123456789abcdef", mode: .enforce, author: "alice from 203.0.113.9",
      exempt: "bob", since: try instant("2026-11-21T11:59:00.7Z"),
      until: try instant("2026-11-21T12:09:00.7Z"), timeLeft: .seconds(secondsLeft))
  }

  private func report(
    _ outcome: TrialVerdict.Outcome, _ diagnostics: [Diagnostic] = []
  ) -> TrialVerdict {
    TrialVerdict(folder: "/etc/gatehouse", outcome: outcome, diagnostics: diagnostics)
  }

  @Test("that it serves, until when, and how to keep it")
  func begun() throws {
    let report = report(.begun(try trial()))
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        on trial  generation 5 (0123456789ab), mode enforce, for 9 minutes (until 2026-11-21T12:09:00Z)
            To keep it, open another session and run `gatehouse confirm` there. Unless that is done,
            the policy in /etc/gatehouse takes effect again by itself.

        """)
    #expect(
      report.text(.json) == """
        {"version":1,"outcome":"on_trial","error":null,"trial":{"generation":5,"sha256":"0123456789abcdef",\
        "mode":"enforce","author":"alice from 203.0.113.9","allow_lockout":"bob",\
        "since":"2026-11-21T11:59:00Z","until":"2026-11-21T12:09:00Z","seconds_left":540},\
        "folder":"/etc/gatehouse","diagnostics":[]}

        """)
  }

  @Test("why something is not done, and what to do then")
  func refusals() throws {
    let every: [TrialRefusal] = [
      .onTrial(try trial()), .noTrial, .failed(.busy), .noBoot, .otherContent, .noSession,
      .oldSession("7"), .notSeen(user: "alice", origin: .unknown(.notAnAddress)),
      .notSeen(user: "alice", origin: Origin(remoteHost: "203.0.113.9")),
    ]
    for refusal in every {
      let report = report(.impossible(refusal))
      #expect(report.status == .no)
      #expect(
        report.text() == "refused  \(refusal.problem)\n    \(refusal.remedy)\n")
      #expect(report.text(.json).contains("\"reason\":\"\(refusal.name)\""))
    }
    #expect(every.last?.remedy.hasPrefix("`gatehouse explain alice 203.0.113.9` says") == true)
    #expect(
      report(.impossible(every[0])).text().hasPrefix(
        "refused  a candidate of alice from 203.0.113.9 is on trial since 2026-11-21T11:59:00Z, "
          + "9 minutes left (until 2026-11-21T12:09:00Z)\n"))
  }

  @Test(
    "how it ended",
    arguments: [
      (
        TrialVerdict.Outcome.over(generation: 6, digest: "0123456789abcdef", confirmed: true),
        "confirmed  generation 6 (0123456789ab) serves from /etc/gatehouse\n", ReportStatus.yes
      ),
      (
        .over(generation: 6, digest: "0123456789abcdef", confirmed: false),
        "ended  generation 6 (0123456789ab) serves from /etc/gatehouse\n", .yes
      ),
      (
        .overWithErrors(generation: 6),
        "ended  /etc/gatehouse has errors; the last good policy serves, as generation 6\n", .no
      ),
      (
        .overWithErrors(generation: nil),
        "ended  /etc/gatehouse has errors; "
          + "there is no policy at all: the module's onerr decides each login\n", .no
      ),
    ])
  func endings(outcome: TrialVerdict.Outcome, text: String, status: ReportStatus) {
    #expect(report(outcome).text() == text)
    #expect(report(outcome).status == status)
  }

  @Test(
    "the time that is left, in words",
    arguments: [
      (0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"),
      (61, "1 minute 1 second"), (3600, "1 hour"), (3660, "1 hour 1 minute"), (3601, "1 hour"),
      (604_800, "7 days"), (90_000, "1 day 1 hour"),
    ])
  func timeLeft(seconds: Int, text: String) throws {
    #expect(durationInWords(.seconds(seconds)) == text)
  }

  @Test("a reload that it keeps out says so")
  func reload() throws {
    let report = ReloadVerdict(
      folder: "/etc/gatehouse", outcome: .onTrial(try trial()), diagnostics: [])
    #expect(report.status == .no)
    #expect(report.text().hasPrefix("refused  a candidate of alice"))
    #expect(
      report.text(.json).hasPrefix(
        "{\"version\":1,\"outcome\":\"on_trial\",\"error\":{\"message\":\"a candidate of alice"))
  }
}
