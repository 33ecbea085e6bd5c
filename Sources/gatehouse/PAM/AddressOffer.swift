import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The offer to add the address that this session comes from, where the policy lacks it.
enum AddressOffer {
  /// Asks on a terminal, and where the answer is yes puts the policy with the address in force.
  ///
  /// - Returns: Whether it is in force now; nil where there was nothing to offer, or nobody to ask.
  static func make(to daemon: RunningDaemon) throws(CommandFailure) -> ChangeReport? {
    guard StandardStream.input.isTerminal, let own = OwnSession.current(),
      try daemon.status().folder == Check.standardPath
    else { return nil }
    let place = PolicyPlace.standard
    let change = try place.change(as: "gatehouse pam enable")
    let present = change.present.snapshot
    guard let policy = Policy.load(present).policy,
      let addition = present.adding(addressOf: own.login(under: policy)),
      let answer = Terminal.ask(
        "You come from \(own.address), and the policy would deny you from there. "
          + "Shall it be added: \(addition.amendments.text)? (y)es or (n)o:"),
      ["y", "yes"].contains(answer.lowercased())
    else { return nil }
    let update = PolicyUpdate(
      change: change, folder: place.path, daemon: daemon, allowed: [])
    return try update.put(
      Candidate(addition.snapshot.inside, listsIn: place.path), source: "the policy with it",
      place: place.path, means: .pamEnable, reason: addition.amendments.text)
  }
}
