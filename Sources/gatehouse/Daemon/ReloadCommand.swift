import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse reload`: the policy is read again, if it locks nobody out.
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have the daemon read its policy again, if it locks nobody out.",
    discussion: """
      A policy with an error or a failing test leaves the old one serving. So does one that would \
      deny this session or another remote one that is open, or take away what `gatehouse apply` \
      speaks of. `systemctl reload gatehoused` does the same; a SIGHUP does not look at sessions.

      Exit status: 0 where the policy serves now, 1 where it was refused or a candidate is on \
      trial, 3 where the daemon cannot be asked.
      """)

  @OptionGroup var lockout: LockoutOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = RunningDaemon(daemon)
    let status = try daemon.status()
    // Finishes a change that was broken off. While somebody else makes one, the files stand all the
    // same, and another folder than the standard one has its history somewhere else.
    let place = PolicyPlace.standard
    let change = status.folder == place.path ? try? place.change(as: "gatehouse reload") : nil
    if let refusal = refusal(status) { try output.print(refusal) }
    let verdict = try daemon.reload()
    if verdict.status == .yes { try? change?.recordPresent() }
    try output.print(verdict)
  }

  /// The report, where the lockout guard objects to what stands in the folder.
  ///
  /// Where the policy does not load or a candidate is on trial, the daemon refuses by itself; a
  /// policy that it serves changes nothing.
  private func refusal(_ status: DaemonStatus) -> ChangeReport? {
    let reading = PolicySnapshot.read(path: status.folder, insecure: .error)
    guard status.trial == nil, let policy = Policy.load(reading.snapshot).policy,
      let served = status.serving, policy.digest != served.digest
    else { return nil }
    let lockouts = Lockouts(
      old: ServedPolicy.policy(of: served.digest), new: policy, allowed: lockout.allowed)
    guard lockouts.isObstacle else { return nil }
    return ChangeReport(
      source: status.folder, place: status.folder, folder: status.folder,
      loaded: (policy.mode, policy.digest), diagnostics: policy.unsilenced(lockouts.unjudged),
      lockouts: lockouts.found, allowed: lockout.allowed,
      difference: lockouts.difference(from: "what the daemon serves", to: status.folder),
      outcome: .notLoadedForLockout)
  }
}
