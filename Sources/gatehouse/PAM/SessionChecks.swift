import GatehousePolicy
import GatehouseReport

/// Whether the sessions that are open now could be opened again.
enum SessionChecks {
  /// This session first, then each other remote one.
  ///
  /// - Parameters:
  ///   - daemon: Who is asked.
  ///   - allowed: Who may be locked out; nil where nobody is about to be.
  /// - Returns: A check of each session.
  static func all(_ daemon: RunningDaemon, allowed: Set<Name>?) -> [PAMCheck] {
    var checks: [PAMCheck] = []
    let own = OwnSession.current()
    if let own {
      checks.append(
        check(
          "you", own.user, from: own.address.description, service: "sshd", daemon, allowed))
    }
    guard let sessions = LoginSession.all() else {
      return checks + [
        PAMCheck(.warning, "sessions", "the login sessions that are open cannot be read")
      ]
    }
    for session in sessions {
      guard let host = session.remoteHost else { continue }
      let origin = Origin(remoteHost: host)
      if let own, own.user == session.user, origin == .address(own.address),
        session.service == "sshd"
      {
        continue
      }
      checks.append(check(session, from: host, origin, daemon, allowed))
    }
    if checks.isEmpty { return [PAMCheck(.ok, "sessions", "no remote session is open")] }
    return checks
  }

  /// Those of them that could not, or by monitor mode alone.
  static func refused(_ daemon: RunningDaemon) -> [PAMCheck] {
    all(daemon, allowed: nil).filter { $0.outcome != .ok }
  }

  private static func check(
    _ session: LoginSession, from host: String, _ origin: Origin, _ daemon: RunningDaemon,
    _ allowed: Set<Name>?
  ) -> PAMCheck {
    let subject = "session \(session.id)"
    guard let user = session.user else {
      return PAMCheck(.warning, subject, "its user is not known any more")
    }
    // With `UseDNS yes` only the name is kept. A new login would be judged by its address.
    guard case .address(let address) = origin else {
      return PAMCheck(
        .warning, subject, "\(user) came from \(host), which is no address",
        remedy: "gatehouse explain \(user) --from ADDRESS says what a login would get")
    }
    return check(
      subject, user, from: address.description, service: Name(session.service), daemon, allowed)
  }

  private static func check(
    _ subject: String, _ user: Name, from address: String, service: Name, _ daemon: RunningDaemon,
    _ allowed: Set<Name>?
  ) -> PAMCheck {
    let question = ExplainQuestion(user: user, from: address, service: service)
    let login: JudgedLogin
    do {
      login = try JudgedLogin(json: daemon.explain(question, as: .json).text)
    } catch let failure as CommandFailure {
      return PAMCheck(.notOK, subject, failure.problem, remedy: failure.remedy)
    } catch {
      return PAMCheck(
        .notOK, subject, "the daemon cannot be asked about \(user): \(error)",
        remedy: "end that session")
    }
    let place = "\(user) from \(address)"
    let remedy = login.remedies.first ?? "gatehouse explain \(user) --from \(address) says why"
    return switch (login.decision, login.wouldDeny) {
    case ("allow", false), ("ignore", _):
      PAMCheck(.ok, subject, "\(place): \(login.decision), \(login.reason)")
    case ("allow", true):
      PAMCheck(
        .warning, subject, "\(place): let in by monitor mode alone, \(login.reason)",
        remedy: remedy)
    default:
      PAMCheck(
        allowed?.contains(user) ?? false ? .warning : .notOK, subject,
        "\(place): \(login.decision), \(login.reason)",
        remedy: ([remedy] + (subject == "you" ? [] : ["end that session"])
          + (allowed == nil ? [] : ["--allow-lockout=\(user)"])).joined(separator: "; or "))
    }
  }
}
