import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse apply`: puts another policy in place if it has no error and locks nobody out.
struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Replace the policy, if the new one locks nobody out.",
    discussion: """
      The policy is checked as `gatehouse check` does, and judged by the guard, now and at each \
      `since` and `until` of the next 14 days. It is refused if it has an error, if a test of it \
      fails, or if it would shut out those who can repair this machine. Who would lose and who \
      would gain is shown. Then its files are written, all at once, and the daemon loads them. \
      Earlier policies are kept: see `gatehouse history` and `gatehouse rollback`.

      If nobody could be judged, and no person is at a terminal, --allow-lockout=unjudged is \
      needed. --allow-lockout=all works always, also without a daemon.

      A file becomes policy.yaml, and so does standard input with -. The files of policy.d stay, \
      and are part of the new policy. A list that the file names is taken from beside it if one \
      lies there, and else from the policy's folder. A folder is laid out like /etc/gatehouse and \
      replaces the whole policy: policy files that it does not have are removed. What is replaced, \
      added, removed and kept is shown.

      With --dry-run everything is done but writing: checks, tests, the guard and the plan, also \
      beside another change, and without a daemon. The exit status is the one that the real \
      command would have.

      With --confirm-within nothing is written. The daemon serves the policy for that long, and \
      then goes back to the one in /etc/gatehouse, also after a reboot. To keep the new policy, \
      run `gatehouse confirm` in a login session that it has let in, or on the console. So a \
      policy that locks you out does so for a limited time only.

      Exit status: 0 if the policy is in place and serves, or serves on trial; 1 if it was \
      refused; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp("The policy: a file, a folder, or -.", valueName: "policy"),
    completion: .file())
  var policy: String

  @OptionGroup var trial: TrialOptions

  @OptionGroup var dryRun: DryRunOptions

  @OptionGroup var options: ChangeOptions

  func run() throws {
    // Before the lock is taken: standard input may come from a person.
    let mainFile = try isFolder() ? nil : content()
    let update = try options.update(as: "gatehouse apply", isDone: !dryRun.isDryRun)
    let candidate =
      mainFile.map { replacing($0, in: update.present.snapshot) } ?? Candidate(folder: policy)
    let source = isInput ? "standard input" : policy
    try options.output.print(
      update.put(
        candidate, source: source, base: mainFile == nil ? policy : "",
        for: .init(means: .apply, reason: options.reason, trial: trial.duration)))
  }

  private var isInput: Bool { policy == "-" }

  private func isFolder() throws(CommandFailure) -> Bool {
    isInput ? false : try PolicyFiles.isFolder(policy)
  }

  private func content() throws(CommandFailure) -> [UInt8] {
    let limit = PolicySnapshot.maximumPolicyLength
    do throws(SystemError) {
      return isInput
        ? try StandardStream.input(atMost: limit)
        : try Files.contentOrPipe(of: policy, atMost: limit)
    } catch {
      throw .unreadable(isInput ? "standard input" : "the policy \(policy)", error)
    }
  }

  private func replacing(_ mainFile: [UInt8], in present: PolicySnapshot) -> Candidate {
    // Standard input and a pipe lie in no folder.
    let hasFolder = !isInput && !Files.isPipe(policy)
    return Candidate(
      mainFile: mainFile, at: hasFolder ? policy : "-",
      listsBeside: hasFolder ? Files.parent(of: policy) : nil, over: present,
      in: options.location.path)
  }
}
