import ArgumentParser
import GatehouseChange
import GatehousePlatform
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

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let update = try options.update(as: "gatehouse rollback")
    let place = options.place
    if number == nil, case .trial = ServedPolicy(update.daemon, folder: place.path) {
      let verdict = try update.daemon.endTrial()
      try? place.kept.forgetCandidate()
      try options.output.print(verdict)
    }
    let entry = try number.map(place.entry) ?? previous(update.change, in: place.kept)
    let source = "change \(entry.number)"
    try options.output.print(
      update.put(
        Candidate(entry.archive.snapshot.inside, listsIn: place.path), source: source, place: "",
        means: .rollback, reason: options.reason ?? "back to \(source)"))
  }

  /// The newest change whose policy is not the one that stands.
  private func previous(
    _ change: PolicyChange, in kept: History
  ) throws(CommandFailure) -> HistoryEntry {
    let found: HistoryEntry? = try readingHistory {
      () throws(SystemError) -> HistoryEntry? in
      for number in try kept.numbers().reversed() {
        if let entry = try kept.entry(number), entry.archive.digest != change.presentDigest {
          return entry
        }
      }
      return nil
    }
    guard let found else {
      throw .refused("there is no earlier policy in \(kept.path)")
    }
    return found
  }
}
