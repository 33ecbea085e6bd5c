import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The offer to add the address that this session comes from, if the policy would deny it.
enum AddressOffer {
  /// Asks on a terminal; if the answer is yes, applies the policy with the address.
  ///
  /// - Parameters:
  ///   - own: The session of the user who is asked.
  ///   - daemon: The daemon that is to load the policy.
  ///   - folder: The policy's folder, as the daemon says.
  /// - Returns: What came of it; nil if there was nothing to offer, nobody to ask, or the answer
  ///   was no.
  /// - Throws: If the policy could not be changed.
  static func make(
    to own: OwnSession, _ daemon: RunningDaemon, folder: String
  ) throws(CommandFailure) -> ChangeReport? {
    guard StandardStream.input.isTerminal, folder == Check.standardPath else { return nil }
    let location = PolicyLocation.standard
    let change = try location.change(as: "gatehouse pam enable")
    let present = change.present.snapshot
    guard let policy = Policy.load(present).policy,
      let addition = present.adding(addressOf: own.login(under: policy)),
      let answer = Terminal.ask(
        "You come from \(own.address), and the policy would deny you from there. "
          + "Shall it be added: \(addition.amendments.text)? (y)es or (n)o:"),
      ["y", "yes"].contains(answer.lowercased())
    else { return nil }
    let update = PolicyUpdate(
      change: change, folder: location.path, daemon: daemon, allowed: [])
    return try update.put(
      Candidate(addition.snapshot.inside, listsIn: location.path), source: "the policy with it",
      base: location.path, means: .pamEnable, reason: addition.amendments.text)
  }
}
