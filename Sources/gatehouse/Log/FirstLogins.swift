import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// Who came from where for the first time, by the login record of this machine's daemon.
///
/// The daemon is asked once about each user, and again about a login that is newer than its answer.
final class FirstLogins {
  /// How much later than the record the journal may have a login.
  private static let tolerance = Duration.seconds(2)

  /// How the daemon is asked by somebody who goes on without end.
  struct Asking {
    /// How long an answer is waited for.
    var patience: Duration
    /// The most questions in a minute; if there are more, nothing is known.
    var perMinute: Int
  }

  /// The most users whose answers are kept.
  private static let userLimit = 10_000
  /// How long the daemon is not asked again after it did not answer, if `Asking` says how.
  private static let pause = Duration.seconds(10)

  private let daemon: RunningDaemon?
  /// Nil if there is an end.
  private let asking: Asking?
  private var minute = Uptime.now
  private var questions = 0
  private var answers: [Name: (time: Instant, first: [Origin: Instant])] = [:]
  /// The first login from each place that was seen here, by its id.
  private var seen: [Name: [Origin: String]] = [:]
  /// When the daemon did not answer; then nothing is known.
  private var awaySince: Uptime?

  /// By a daemon; of another machine nothing is known.
  init(_ daemon: RunningDaemon?, asking: Asking? = nil) {
    self.daemon = daemon
    self.asking = asking
  }

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
    holds(decision.id, decision.user, from: decision.origin, at: decision.time)
  }

  /// The same for the parts of a decision.
  func holds(_ id: String, _ user: Name, from origin: Origin, at time: Instant) -> Bool {
    guard mayHold(user, from: origin, at: time) else { return false }
    if seen.count >= Self.userLimit { seen = [:] }
    let first = seen[user, default: [:]][origin, default: id]
    seen[user, default: [:]][origin] = first
    return first == id
  }

  /// Whether a decision may have been the first.
  func mayHold(_ decision: LoggedDecision) -> Bool {
    mayHold(decision.user, from: decision.origin, at: decision.time)
  }

  private func mayHold(_ user: Name, from origin: Origin, at time: Instant) -> Bool {
    guard origin.isListed else { return false }
    // What was known before does not change by later logins.
    if let first = answers[user]?.first[origin], time - first >= Self.tolerance { return false }
    guard let answer = answer(about: user, at: time) else { return false }
    guard let first = answer.first[origin] else {
      // The record takes up a login half a second after it.
      return answer.time - time < Self.tolerance
    }
    return time - first < Self.tolerance
  }

  private func answer(
    about user: Name, at time: Instant
  ) -> (time: Instant, first: [Origin: Instant])? {
    if let answer = answers[user], answer.time > time { return answer }
    guard let daemon, mayAsk() else { return nil }
    do throws(CommandFailure) {
      let places = try daemon.places(
        of: user, patience: asking?.patience ?? RunningDaemon.patience
      ).places
      awaySince = nil
      var first: [Origin: Instant] = [:]
      for place in places where !place.isNetwork {
        first[place.origin] = min(place.first, first[place.origin] ?? place.first)
      }
      let answer = (time: Instant.now(), first: first)
      if answers.count >= Self.userLimit { answers = [:] }
      answers[user] = answer
      return answer
    } catch {
      awaySince = .now
      return nil
    }
  }

  /// Whether the daemon may be asked now.
  private func mayAsk() -> Bool {
    if let awaySince, asking == nil || Uptime.now - awaySince < Self.pause { return false }
    guard let asking else { return true }
    if Uptime.now - minute >= .seconds(60) {
      minute = .now
      questions = 0
    }
    questions += 1
    return questions <= asking.perMinute
  }
}
