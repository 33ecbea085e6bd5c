import GatehouseControl
import GatehousePlatform
import GatehousePolicy

/// A candidate that serves on trial.
final class Trial {
  let record: TrialRecord
  let generation: Generation
  private let clock: BootClock
  private var allowed: Set<Login> = []

  /// As many as it remembers; one is enough to confirm by.
  private static let most = 4096

  private struct Login: Hashable {
    let user: Name
    let address: IPAddress
  }

  init(_ record: TrialRecord, generation: Generation, clock: BootClock) {
    self.record = record
    self.generation = generation
    self.clock = clock
  }

  /// How long it still is.
  var left: Duration { max(.zero, record.end - clock.now()) }

  /// What is told of it.
  var state: TrialState {
    let left = left
    return TrialState(
      generation: generation.number, digest: generation.policy.digest,
      mode: generation.policy.mode, author: record.author, exempt: record.exempt,
      since: record.began,
      until: .now() + left,
      timeLeft: .seconds(left.wholeSecondsRoundedUp))
  }

  /// Remembers whom the candidate lets in.
  ///
  /// Not who came by a grant: without it the candidate would refuse them.
  func note(_ decision: Decision, of user: Name, from origin: Origin) {
    guard case .address(let address) = origin, decision.verdict != .deny,
      decision.reason != .granted, allowed.count < Self.most
    else { return }
    allowed.insert(Login(user: user, address: address))
  }

  /// Why somebody may not confirm it; nil where they may.
  ///
  /// Whoever confirms has shown that one can still get in: by a login of after the trial began,
  /// which the candidate has let in, or by being at the console, where it has no say.
  func objection(
    to user: Name, from address: IPAddress?, in session: LoginSession?
  ) -> TrialRefusal? {
    guard let session else { return .noSession }
    if session.isLocalLogin { return nil }
    guard session.isRemoteLogin else { return .noSession }
    guard !record.sessions.contains(session.id) else { return .oldSession(session.id) }
    var origin = Origin(remoteHost: session.remoteHost ?? "")
    // With `UseDNS yes` in sshd the session has a name, and sshd's environment the address.
    if origin == .unknown, let address { origin = .address(address) }
    guard case .address(let address) = origin,
      allowed.contains(Login(user: user, address: address))
    else { return .notSeen(user: user, origin: origin) }
    return nil
  }
}
