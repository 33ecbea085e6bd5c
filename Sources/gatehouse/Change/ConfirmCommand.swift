import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// `gatehouse confirm`: keeps the policy that is on trial.
struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Keep what `--confirm-within` has put on trial.",
    discussion: """
      Run it in a login session that the new policy has let in after the trial began, or on the \
      machine's console: that shows that logging in still works. `pam enable --confirm-within` is \
      kept likewise. The new policy is then written into the policy's folder, with an entry in \
      the history. `gatehouse rollback` ends the trial instead.

      Exit status: 0 if the policy is in place and serves; 1 if no policy is on trial, or this \
      session cannot confirm it; 3 if the policy could not be written, or the daemon cannot be \
      asked.
      """)

  @OptionGroup var locationOptions: PolicyLocationOptions

  private var location: PolicyLocation { locationOptions.location }

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    if let record = CurrentProcess.isRoot ? PAMTrial.current() : nil {
      let report = try confirm(record)
      // A policy on trial is confirmed after it, by the same command.
      guard report.status == .yes, (try? RunningDaemon(daemon).status().trial) != nil else {
        try output.print(report)
      }
      Terminal.say(String(decoding: report.render(as: .text), as: UTF8.self))
    }
    let update = PolicyUpdate(
      making: try location.change(as: "gatehouse confirm"), in: location.path,
      RunningDaemon(daemon))
    let served = ServedPolicy(update.daemon, folder: update.folder)
    try served.requireAnswer(for: update.folder)
    let kept = location.kept
    let candidate = try readingHistory { () throws(SystemError) in try kept.keptCandidate() }
    // The daemon is asked also if there is none: it says what is on trial, if anything.
    var request = ConfirmRequest()
    request.digest = candidate?.archive.digest ?? String(repeating: "0", count: 64)
    let answer = try update.daemon.ask(ofSelf: request)
    guard answer.status == .yes, let candidate else {
      try output.print(answer)
    }
    let report = ChangeReport(
      source: "the candidate on trial", base: location.path, folder: location.path, loaded: nil,
      diagnostics: [], outcome: .unchanged)
    let outcome = try update.confirm(
      candidate.archive, report, served,
      for: .init(means: .confirm, reason: candidate.note.reason, backTo: candidate.note.backTo))
    try? kept.forgetCandidate()
    try output.print(outcome)
  }

  /// Keeps what `gatehouse pam enable --confirm-within` did, if this session shows that it works.
  private func confirm(_ record: TrialRecord) throws(CommandFailure) -> PAMReport {
    if let objection = PAMTrial.objection(record) {
      throw .refused(
        "`pam enable` cannot be confirmed here: \(objection.problem)", remedy: objection.remedy)
    }
    try PAMTrial.end()
    let state = PAMState.now()
    return PAMReport(
      action: .status, profile: state.effective, lines: state.reportLines,
      checks: [PAMCheck(.ok, "confirmed", "logins go on asking")])
  }
}
