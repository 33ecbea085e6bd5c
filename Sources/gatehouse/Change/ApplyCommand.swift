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
      The policy is checked as `gatehouse check` does, and tried on the sessions that are open \
      now. It is refused if it has an error, if a test of it fails, or if it would deny this \
      session or another open remote session, take away a role that such a session uses with \
      sudo, or leave no way in by break-glass. Then its files are written, all at once, and the \
      daemon loads them. Earlier policies are kept: see `gatehouse history` and `gatehouse \
      rollback`.

      A file becomes policy.yaml. A folder is laid out like /etc/gatehouse. With -, policy.yaml \
      is read from standard input, and its lists from the policy's folder. Policy files that are \
      not part of the new policy are removed.

      With --confirm-within nothing is written. The daemon serves the policy for that long, and \
      then goes back to the one in /etc/gatehouse, also after a reboot. To keep the new policy, \
      run `gatehouse confirm` in a login session that it has let in, or on the console. So a \
      policy that locks you out does so for a limited time only.

      Exit status: 0 if the policy is in place and serves, or serves on trial; 1 if it was \
      refused; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(help: ArgumentHelp("The policy: a file, a folder, or -.", valueName: "policy"))
  var policy: String

  @OptionGroup var trial: TrialOptions

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let (candidate, source, folder) = try candidate()
    let update = try options.update(as: "gatehouse apply")
    switch update.verdict(on: candidate, source: source, base: folder) {
    case .final(let report): try options.output.print(report)
    case .ready(let ready):
      if let duration = trial.duration {
        try options.output.print(update.trial(ready, for: duration, reason: options.reason))
      }
      try options.output.print(update.commit(ready, means: .apply, reason: options.reason))
    }
  }

  private func candidate() throws(CommandFailure) -> (Candidate, source: String, folder: String) {
    if policy == "-" {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try StandardStream.input(atMost: PolicySnapshot.maximumPolicyLength)
      } catch {
        throw .unreadable("standard input", error)
      }
      let candidate = Candidate(mainFile: bytes, named: "-", listsIn: options.location.path)
      return (candidate, "standard input", "")
    }
    if try PolicyFiles.isFolder(policy) { return (Candidate(folder: policy), policy, policy) }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.contentOrPipe(of: policy, atMost: PolicySnapshot.maximumPolicyLength)
    } catch {
      throw .unreadable("the policy \(policy)", error)
    }
    if Files.isPipe(policy) {
      // A pipe has no folder in which its lists could be.
      let candidate = Candidate(mainFile: bytes, named: "-", listsIn: options.location.path)
      return (candidate, policy, "")
    }
    let end = policy.lastIndex(of: "/")
    let folder = end.map { String(policy[...$0]) } ?? ""
    let name = end.map { String(policy[policy.index(after: $0)...]) } ?? policy
    let candidate = Candidate(
      mainFile: bytes, named: name, listsIn: folder.isEmpty ? "." : folder)
    return (candidate, policy, folder)
  }
}
