import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// `gatehouse confirm`: the candidate on trial is the policy from now on.
struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the policy that `gatehouse apply --confirm-within` has put on trial.",
    discussion: """
      Has to be run in a login session that was opened after the trial began and that the \
      candidate let in, or on the machine's console: so it is known that one can still log in. \
      Then the candidate is written into the policy's folder, with an entry in the history, and \
      serves from there. `gatehouse rollback` ends the trial instead.

      Exit status: 0 where the policy stands and serves, 1 where nothing is on trial or this \
      session may not confirm it, 3 where it could not be written, or the daemon cannot be asked.
      """)

  @OptionGroup var placeOptions: PolicyPlaceOptions

  private var place: PolicyPlace { placeOptions.place }

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let update = PolicyUpdate(
      change: try place.change(as: "gatehouse confirm"), folder: place.path,
      daemon: RunningDaemon(daemon), allowed: [])
    let served = ServedPolicy(update.daemon, folder: update.folder)
    try served.requireAnswer(for: update.folder)
    let kept = place.kept
    let candidate = try readingHistory { () throws(SystemError) in try kept.keptCandidate() }
    // Without one the daemon is asked all the same: it says what is on trial, if anything.
    var request = ConfirmRequest()
    request.digest = candidate?.archive.digest ?? String(repeating: "0", count: 64)
    let answer = try update.daemon.ask(ofSelf: request)
    guard answer.status == .yes, let candidate else {
      try output.print(answer)
    }
    let report = ChangeReport(
      source: "the candidate on trial", place: place.path, folder: place.path, loaded: nil,
      diagnostics: [], outcome: .unchanged)
    let ready = PolicyUpdate.Ready(archive: candidate.archive, report: report, served: served)
    let outcome = try update.commit(ready, means: .confirm, reason: candidate.note.reason) {
      (daemon) throws(CommandFailure) in
      let verdict = try daemon.endTrial()
      // Its time was up meanwhile, and the folder was read before the candidate stood there?
      return verdict.status == .yes ? verdict : try daemon.reload()
    }
    try? kept.forgetCandidate()
    try output.print(outcome)
  }
}
