import ArgumentParser
import GatehouseChange
import GatehousePolicy
import GatehouseReport

/// `gatehouse rollback`: an earlier policy again.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put an earlier policy in place again, if it locks nobody out.",
    discussion: """
      Without a number, the policy before the one that stands. It goes the way of `gatehouse \
      apply`: checked, judged by the sessions that are open, written, loaded; and is a change of \
      its own, which can be rolled back too. Lists outside of the policy's folder stay as they are.

      While a candidate is on trial (`gatehouse apply --confirm-within`), without a number: ends \
      the trial now.

      Exit status: 0 where the policy stands and serves, 1 where it was refused, 3 where it could \
      not be written, or where no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp("The number of a change (`gatehouse history`).", valueName: "change"))
  var number: Int?

  @OptionGroup var lockout: LockoutOptions

  @OptionGroup var why: ReasonOptions

  @OptionGroup var placeOptions: PolicyPlaceOptions

  private var place: PolicyPlace { placeOptions.place }

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let change = try place.change(as: "gatehouse rollback")
    let running = RunningDaemon(daemon)
    let format = Terminal.format(json: output.json)
    if number == nil, case .trial = ServedPolicy(running, folder: place.path) {
      let answer = try running.endTrial(by: .own(), format)
      try? place.kept.forgetCandidate()
      try answer.print()
    }
    let entry: HistoryEntry
    if let number { entry = try place.entry(number) } else { entry = try previous(change) }
    let candidate = Candidate(entry.archive.snapshot.inside, listsIn: place.path)
    let update = PolicyUpdate(
      change: change, folder: place.path, daemon: running, allowed: lockout.allowed,
      format: format)
    let source = "change \(entry.number)"
    switch update.verdict(on: candidate, source: source, place: "") {
    case .refused(let report), .unchanged(let report):
      try output.print(report)
    case .ready(let archive, let report):
      try output.print(
        update.commit(
          archive, report, means: .rollback, reason: why.reason ?? "back to \(source)"))
    }
  }

  /// The newest change whose policy is not the one that stands.
  private func previous(_ change: PolicyChange) throws(CommandFailure) -> HistoryEntry {
    let present = SnapshotArchive(change.present.snapshot)?.digest
    let kept = place.kept
    let found: HistoryEntry? = try readingHistory {
      () throws(DiskError) -> HistoryEntry? in
      for number in try kept.numbers().reversed() {
        if let entry = try kept.entry(number), entry.archive.digest != present { return entry }
      }
      return nil
    }
    guard let found else {
      throw .refused("there is no earlier policy in \(kept.path)")
    }
    return found
  }
}
