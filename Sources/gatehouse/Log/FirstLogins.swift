import GatehouseControl
import GatehouseJournal
import GatehousePolicy

/// Who came from where for the first time, by the login record of this machine's daemon.
///
/// The daemon is asked once about each user, and again about a login that is newer than its answer.
final class FirstLogins {
  /// How much later than the record the journal may have a login.
  private static let tolerance = Duration.seconds(2)

  private let daemon: RunningDaemon?
  private var answers: [Name: (time: Instant, first: [Origin: Instant])] = [:]
  /// The first login from each place that was seen here, by its id.
  private var seen: [Name: [Origin: String]] = [:]
  /// Whether the daemon cannot be asked; then nothing is known.
  private var isAway = false

  /// By a daemon; of another machine nothing is known.
  init(_ daemon: RunningDaemon?) { self.daemon = daemon }

  /// Throws if nothing can be known.
  func require() throws(CommandFailure) {
    guard let daemon else {
      throw .misuse("who came for the first time is known of this machine alone")
    }
    _ = try daemon.services()
  }

  /// Whether a decision was the first about its user from there; to be asked in the order of time.
  ///
  /// If there were several in the time in which the record does not tell them apart, it was the first of
  /// them.
  func holds(_ decision: LoggedDecision) -> Bool {
    guard mayHold(decision) else { return false }
    let first = seen[decision.user, default: [:]][decision.origin, default: decision.id]
    seen[decision.user, default: [:]][decision.origin] = first
    return first == decision.id
  }

  /// Whether a decision may have been the first.
  func mayHold(_ decision: LoggedDecision) -> Bool {
    guard decision.origin.isListed, let answer = answer(about: decision) else { return false }
    guard let first = answer.first[decision.origin] else {
      // The record takes up a login half a second after it.
      return answer.time - decision.time < Self.tolerance
    }
    return decision.time - first < Self.tolerance
  }

  private func answer(
    about decision: LoggedDecision
  ) -> (time: Instant, first: [Origin: Instant])? {
    if let answer = answers[decision.user], answer.time > decision.time { return answer }
    guard !isAway, let daemon else { return nil }
    do throws(CommandFailure) {
      let places = try daemon.places(of: decision.user).places
      var first: [Origin: Instant] = [:]
      for place in places where !place.isNetwork {
        first[place.origin] = min(place.first, first[place.origin] ?? place.first)
      }
      let answer = (time: Instant.now(), first: first)
      answers[decision.user] = answer
      return answer
    } catch {
      isAway = true
      return nil
    }
  }
}
