import GatehouseChange
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// Asks the daemon whether the open sessions could be opened again.
struct SessionChecks {
  /// One check for each session that was judged, this one first.
  var judged: [PAMCheck] = []
  /// One check for each that could not be.
  var unjudged: [PAMCheck] = []

  /// All of them; one that says so if no remote session is open.
  var all: [PAMCheck] {
    let checks = judged + unjudged
    return checks.isEmpty ? [PAMCheck(.ok, "sessions", "no remote session is open")] : checks
  }

  /// Checks this session, and every other remote session.
  ///
  /// - Parameters:
  ///   - daemon: The daemon that is asked.
  ///   - allowance: What may be lost; nil if nothing is about to change.
  init(_ daemon: RunningDaemon, allowing allowance: LockoutAllowance?) {
    let reply: SessionVerdicts
    do throws(CommandFailure) {
      reply = try daemon.ask(SessionsRequest())
    } catch {
      unjudged.append(PAMCheck(.notOK, "sessions", error.problem, remedy: error.remedy))
      return
    }
    guard reply.hasPolicy else {
      unjudged.append(
        PAMCheck(
          .notOK, "sessions", "the daemon has no policy",
          remedy: "`gatehouse check` says what is wrong with it"))
      return
    }
    if let problem = reply.problem {
      unjudged.append(
        PAMCheck(
          .warning, "sessions", "the login sessions that are open cannot be read: \(problem)",
          remedy: "journalctl -u systemd-logind"))
    }
    let own = OwnSession.current()
    if let own {
      let seen = reply.sessions.first { $0.user == own.user && $0.origin == own.origin }
      add(own: own, seen, daemon, allowance)
    }
    var seen: Set<Seen> = own.map { [Seen(user: $0.user, origin: $0.origin, service: nil)] } ?? []
    for session in reply.sessions {
      guard case .decided(let decision, let remedy) = session.standing, let user = session.user
      else {
        // A session at the machine itself is nobody's way in from elsewhere.
        if session.host != nil { unjudged.append(Self.check(unjudged: session)) }
        continue
      }
      // All sessions of this user from this address count as one.
      guard !seen.contains(Seen(user: user, origin: session.origin, service: nil)),
        seen.insert(Seen(user: user, origin: session.origin, service: session.service)).inserted
      else { continue }
      judged.append(
        Self.check("session \(session.id)", user, session.origin, decision, remedy, allowance))
    }
  }

  private struct Seen: Hashable {
    let user: Name
    let origin: Origin
    /// Nil for the session of this command, by whatever service.
    let service: Name?
  }

  /// Adds the check of this session, which the login manager may not know.
  private mutating func add(
    own: OwnSession, _ session: SessionVerdicts.Session?, _ daemon: RunningDaemon,
    _ allowance: LockoutAllowance?
  ) {
    if case .decided(let decision, let remedy)? = session?.standing {
      judged.append(Self.check("you", own.user, own.origin, decision, remedy, allowance))
      return
    }
    do {
      let question = ExplainQuestion(
        user: own.user, from: own.origin.description, service: "sshd")
      switch try daemon.explain(question) {
      case .explained(let login):
        let explanation = login.explanation
        judged.append(
          Self.check(
            "you", own.user, own.origin, explanation.decision, explanation.remedies.first, allowance
          ))
      case .noPolicy:
        unjudged.append(
          PAMCheck(
            .notOK, "you", "the daemon has no policy",
            remedy: "`gatehouse check` says what is wrong with it"))
      case .busy:
        unjudged.append(
          PAMCheck(
            .notOK, "you", "too many explanations are waiting in the daemon",
            remedy: "try again in a moment"))
      }
    } catch let failure as CommandFailure {
      unjudged.append(PAMCheck(.notOK, "you", failure.problem, remedy: failure.remedy))
    } catch {
      unjudged.append(
        PAMCheck(.notOK, "you", "the daemon cannot be asked about \(own.user): \(error)"))
    }
  }

  private static func check(
    _ subject: String, _ user: Name, _ origin: Origin, _ decision: Decision,
    _ remedy: Explanation.Remedy?, _ allowance: LockoutAllowance?
  ) -> PAMCheck {
    let place = "\(user) from \(origin)"
    let remedy = remedy?.text ?? "`gatehouse explain \(user) --from \(origin)` says why"
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
        allowance?.allows([user]) ?? false ? .warning : .notOK, subject,
        outcome,
        remedy: ([remedy] + (subject == "you" ? [] : ["end that session"])
          + (allowance == nil ? [] : ["--allow-lockout=\(user)"])).joined(separator: "; or "))
    }
  }

  private static func check(unjudged session: SessionVerdicts.Session) -> PAMCheck {
    let subject = "session \(session.id)"
    guard let user = session.user else {
      return PAMCheck(.warning, subject, "its user is not known any more")
    }
    return PAMCheck(
      .warning, subject,
      "\(user) came from \(session.host ?? "somewhere"), which is not an IP address",
      remedy: "`gatehouse explain \(user) --from ADDRESS` says what a login would get")
  }
}
