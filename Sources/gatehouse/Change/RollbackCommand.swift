import ArgumentParser
import GatehouseChange
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse rollback`: goes back to an earlier policy.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Go back to an earlier policy, if it locks nobody out.",
    discussion: """
      Without a number, goes back to the last policy that was accepted before the one in the \
      folder; each further rollback goes one further back. It is applied as \
      `gatehouse apply` does: checked, judged by the guard, written and loaded. It is a \
      change of its own, and can be rolled back too. Lists outside of the policy's folder stay as \
      they are.

      While a policy is on trial (`--confirm-within`), `rollback` without a \
      number ends the trial now.

      Exit status: 0 if the policy is in place and serves; 1 if it was refused; 3 if it could \
      not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp("The number of a change (`gatehouse history`).", valueName: "change"),
    completion: .change)
  var number: Int?

  @OptionGroup var trial: TrialOptions

  @OptionGroup var dryRun: DryRunOptions

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let update = try options.update(as: "gatehouse rollback", isDone: !dryRun.isDryRun)
    let location = options.location
    if number == nil, !dryRun.isDryRun,
      case .trial = ServedPolicy(update.daemon, folder: location.path)
    {
      let verdict = try update.daemon.endTrial()
      try? location.kept.forgetCandidate()
      try options.output.print(verdict)
    }
    let entry =
      try number.map(location.entry) ?? previous(to: update.present.snapshot, in: location.kept)
    let source = "change \(entry.number)"
    try options.output.print(
      update.put(
        Candidate(entry.archive.snapshot.inside, listsIn: location.path), source: source, base: "",
        for: .init(
          means: .rollback, reason: options.reason ?? "back to \(source)",
          backTo: entry.record.backTo ?? entry.number, trial: trial.duration)))
  }

  private func previous(
    to present: PolicySnapshot, in kept: History
  ) throws(CommandFailure) -> HistoryEntry {
    let found = try readingHistory { () throws(SystemError) in
      try kept.previous(to: present)
    }
    guard let found else {
      throw .refused(
        "\(kept.path) has no earlier policy that was accepted",
        remedy: "`gatehouse history` lists all; `gatehouse rollback NUMBER` goes to one of them")
    }
    return found
  }
}
