import GatehouseControl
import GatehousePolicy

extension Judgement {
  /// A loss, and whether the new policy states in plain words what brings it about.
  struct Found {
    var loss: Lockout
    var isStated: Bool
  }

  /// Everything that may not be lost and would be, with the excuses of each.
  func losses(allowing allowance: LockoutAllowance) -> [Lockout] {
    // In `off` and `monitor` nobody is refused.
    let found = sessionLosses() + lastPlaces() + consoles() + breakGlass()
    return excused(found, allowing: allowance)
  }

  // MARK: Sessions

  /// What the session that asks, and the open remote ones of repairers, would lose.
  private func sessionLosses() -> [Found] {
    var found: [Found] = []
    if let asker = scene.asker { found += losses(of: asker, isOwn: true) }
    for session in scene.sessions
    where session != scene.asker && session.origin.isListed && mayRepair(session.user) {
      found += losses(of: session, isOwn: false)
    }
    for part in scene.unread {
      note(part, matters: part.user.map { mayRepair($0) } ?? true)
    }
    return found
  }

  private func mayRepair(_ user: Name) -> Bool { repairers.contains(user) ?? true }

  private func losses(of session: OpenSession, isOwn: Bool) -> [Found] {
    let isSure = isOwn || repairers.contains(session.user) == true
    var found: [Found] = []
    func judge(_ kind: Lockout.Kind, _ login: Login) {
      let loss = Lockout(
        kind, names: [session.user], role: login.role, session: session.id, origin: login.origin,
        service: login.service, isOwn: isOwn)
      let this = firstLoss(loss, of: session.user, isSure: isSure, logins: [login])
      if let this, !found.contains(where: { $0.loss == this.loss }) { found.append(this) }
    }
    judge(.login, login(of: session.user, by: session.service, from: session.origin))
    for line in scene.roleLines {
      let origin = line.usesSession ? session.origin : .local
      guard line.asksLocally || origin != .local else { continue }
      let user = line.judgesRoot ? "root" : session.user
      judge(
        line.role == nil ? .login : .role,
        login(of: user, by: line.service, from: origin, role: line.role))
    }
    return found
  }

  // MARK: Places

  /// Which repairers would have none of their addresses left.
  private func lastPlaces() -> [Found] {
    let sure = repairers.certain.map { (user: $0, isSure: true) }
    let possible = repairers.possible.map { (user: $0, isSure: false) }
    return (sure + possible).compactMap { user, isSure in
      let logins = repairers.ways(of: user).map { login(of: user, by: $0.service, from: $0.origin) }
      guard !logins.isEmpty else { return nil }
      let loss = Lockout(.lastPlace, names: [user])
      return firstLoss(loss, of: user, isSure: isSure, logins: logins)
    }
  }

  /// Which repairers could no longer log in at the console.
  private func consoles() -> [Found] {
    repairers.certain.compactMap { user in
      let login = login(of: user, by: "login", from: .local)
      switch outcome(of: login) {
      case .kept, .deniedBefore: return nil
      case .unclear:
        note(unclear: user, matters: true)
        return nil
      case .lost(let decision):
        let loss = Lockout(
          .console, names: [user], origin: .local, service: login.service, decision: decision)
        return Found(loss: loss, isStated: false)
      }
    }
  }

  // MARK: Over time

  /// The first time at which all of some logins are lost together: at least one of them is, and the
  /// new policy lets in none.
  ///
  /// A loss that the new policy does not state in plain words counts before one that it states, even
  /// if it comes later.
  ///
  /// - Parameters:
  ///   - loss: What it would be.
  ///   - user: Whose logins they are.
  ///   - isSure: Whether it is certain that this user's loss counts; if not, it is unjudged.
  ///   - logins: The logins.
  /// - Returns: The loss; nil if there is none.
  private func firstLoss(
    _ loss: Lockout, of user: Name, isSure: Bool, logins: [Login]
  ) -> Found? {
    var stated: Found?
    var newest = 0
    var isUnclear = false
    for time in times(of: logins) {
      // Mostly the login that was let in last time is let in again.
      if case .kept = outcome(of: logins[newest].at(time)) { continue }
      var lost: [(login: Login, decision: Decision)] = []
      var (isKept, isUnclearNow) = (false, false)
      for (index, login) in logins.enumerated() {
        switch outcome(of: login.at(time)) {
        case .kept: (isKept, newest) = (true, index)
        case .deniedBefore: break
        case .unclear: isUnclearNow = true
        case .lost(let decision): lost.append((login, decision))
        }
        if isKept { break }
      }
      if isKept { continue }
      isUnclear = isUnclear || isUnclearNow
      guard let first = lost.first, !isUnclearNow else { continue }
      if !isSure {
        isUnclear = true
        break
      }
      var found = Found(
        loss: loss, isStated: lost.allSatisfy { isStated($0.decision, for: $0.login.user, user) })
      found.loss.at = told(time)
      found.loss.decision = first.decision
      found.loss.origin = first.login.origin
      found.loss.service = first.login.service
      if !found.isStated {
        note(judged: user)
        return found
      }
      stated = stated ?? found
    }
    if isUnclear { note(unclear: user, matters: true) } else { note(judged: user) }
    return stated
  }

  /// Whether the new policy says in plain words that this login is to be refused.
  private func isStated(_ decision: Decision, for judged: Name, _ user: Name) -> Bool {
    decision.reason == .blocked || (judged == subject(user).name && new.shutsOut(judged))
  }
}

extension Login {
  /// The same login at another time.
  func at(_ time: Instant) -> Login {
    var login = self
    login.time = time
    return login
  }
}
