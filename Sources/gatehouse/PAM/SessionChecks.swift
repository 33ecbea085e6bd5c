import GatehouseChange
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// Asks the daemon whether the open sessions could be opened again.
enum SessionChecks {
  /// Checks this session first, then every other remote session.
  ///
  /// - Parameters:
  ///   - daemon: The daemon that is asked.
  ///   - allowed: The users who may be locked out; nil if nothing is about to change.
  /// - Returns: One check for each session.
  static func all(_ daemon: RunningDaemon, allowed: Set<Name>?) -> [PAMCheck] {
    let open = OpenSessions.now()
    var checks: [PAMCheck] = []
    var asked: Set<OpenSession> = []
    for var session in open.sessions {
      guard session.origin.isListed else { continue }
      // All sessions of this user from this address count as one.
      if session.isOwn { session.id = nil }
      guard asked.insert(session).inserted else { continue }
      checks.append(check(session, daemon, allowed))
    }
    checks += open.unjudged.map { one in
      PAMCheck(
        .warning, one.id.map { "session \($0)" } ?? "sessions", one.problem, remedy: one.remedy)
    }
    return checks.isEmpty ? [PAMCheck(.ok, "sessions", "no remote session is open")] : checks
  }

  /// The checks of sessions that could not be opened again, or only because of monitor mode.
  static func refused(_ daemon: RunningDaemon) -> [PAMCheck] {
    all(daemon, allowed: nil).filter { $0.outcome != .ok }
  }

  private static func check(
    _ session: OpenSession, _ daemon: RunningDaemon, _ allowed: Set<Name>?
  ) -> PAMCheck {
    let subject = session.id.map { "session \($0)" } ?? "you"
    let user = session.user
    let explanation: Explanation
    do {
      let question = ExplainQuestion(
        user: user, from: session.origin.description, service: session.service)
      switch try daemon.explain(question) {
      case .explained(let login): explanation = login.explanation
      case .noPolicy:
        return PAMCheck(
          .notOK, subject, "the daemon has no policy",
          remedy: "gatehouse check says what is wrong with it")
      case .busy:
        return PAMCheck(
          .notOK, subject, "too many explanations are waiting in the daemon",
          remedy: "try again in a moment")
      }
    } catch let failure as CommandFailure {
      return PAMCheck(.notOK, subject, failure.problem, remedy: failure.remedy)
    } catch {
      return PAMCheck(
        .notOK, subject, "the daemon cannot be asked about \(user): \(error)",
        remedy: "end that session")
    }
    let place = "\(user) from \(session.origin)"
    let remedy =
      explanation.remedies.first?.text
      ?? "gatehouse explain \(user) --from \(session.origin) says why"
    let decision = explanation.decision
    let outcome = "\(place): \(decision.verdict.rawValue), \(decision.reason.rawValue)"
    return switch (decision.verdict, decision.wouldDeny) {
    case (.allow, false), (.ignore, _): PAMCheck(.ok, subject, outcome)
    case (.allow, true):
      PAMCheck(
        .warning, subject,
        "\(place): let in only because of monitor mode, \(decision.reason.rawValue)",
        remedy: remedy)
    case (.deny, _):
      PAMCheck(
        allowed?.contains(user) ?? false ? .warning : .notOK, subject,
        outcome,
        remedy: ([remedy] + (session.isOwn ? [] : ["end that session"])
          + (allowed == nil ? [] : ["--allow-lockout=\(user)"])).joined(separator: "; or "))
    }
  }
}
