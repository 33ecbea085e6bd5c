import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse apply`: another policy, if it is sound and locks nobody out.
struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a policy in place of the one that stands, if it locks nobody out.",
    discussion: """
      The policy is checked as `gatehouse check` does; then the sessions that are open now are \
      judged by it. It is refused where it has an error, where a test of it fails, or where it \
      would deny this session or another remote one that is open, take away a role that such a \
      session uses sudo with, or leave no way in by break-glass. Then its files are written, all \
      at once, and the daemon loads them. The policies before are kept: `gatehouse history`, \
      `gatehouse rollback`.

      A file becomes policy.yaml; a folder is laid out like /etc/gatehouse; - is a policy.yaml \
      from standard input, whose lists are those of the policy's folder. Policy files that are not \
      part of it are removed.

      With --confirm-within nothing is written: the daemon serves the policy for that long, and \
      then the one in /etc/gatehouse again by itself, also after a reboot, unless `gatehouse \
      confirm` was run in a login session that the policy has let in, or on the console. So a \
      policy that locks you out after all does so for that long only.

      Exit status: 0 where the policy stands and serves, or serves on trial, 1 where it was \
      refused, 3 where it could not be written, or where no daemon has loaded it.
      """)

  @Argument(help: ArgumentHelp("The policy: a file, a folder, or -.", valueName: "policy"))
  var policy: String

  @Option(
    name: .customLong("confirm-within"),
    help: ArgumentHelp(
      "Try the policy for so long, such as 10m, and then have the one before again unless it was "
        + "confirmed: a number and one of s, m, h, d.", valueName: "length"))
  private var trialLength: String?

  @OptionGroup var options: ChangeOptions

  func validate() throws {
    guard let trialLength, trialDuration == nil else { return }
    throw ValidationError(
      "--confirm-within \(trialLength): not a duration from 1s to 7d, such as 10m")
  }

  private var trialDuration: Duration? {
    guard let duration = trialLength.flatMap({ duration(of: $0) }), duration > .zero,
      duration <= TrialRequest.longest
    else { return nil }
    return duration
  }

  func run() throws {
    let (candidate, source, folder) = try candidate()
    let update = try options.update(as: "gatehouse apply")
    switch update.verdict(on: candidate, source: source, place: folder) {
    case .final(let report): try options.output.print(report)
    case .ready(let ready):
      if let duration = trialDuration {
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
      let candidate = Candidate(mainFile: bytes, named: "-", listsIn: options.place.path)
      return (candidate, "standard input", "")
    }
    if try PolicyFiles.isFolder(policy) { return (Candidate(folder: policy), policy, policy) }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.content(of: policy, atMost: PolicySnapshot.maximumPolicyLength)
    } catch {
      throw .unreadable("the policy \(policy)", error)
    }
    let end = policy.lastIndex(of: "/")
    let folder = end.map { String(policy[...$0]) } ?? ""
    let name = end.map { String(policy[policy.index(after: $0)...]) } ?? policy
    let candidate = Candidate(
      mainFile: bytes, named: name, listsIn: folder.isEmpty ? "." : folder)
    return (candidate, policy, folder)
  }
}
