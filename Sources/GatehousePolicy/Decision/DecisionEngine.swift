/// Decides a login by the steps of gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// All rules of the decision are here and in DecisionEngine+Lists.swift: `DecisionStep` is the order of
/// the steps, and each step is one function, with its number. What applies to a login is collected in
/// `ApplicableRules`.
struct DecisionEngine<Recorder: DecisionRecorder> {
  let login: Login
  let grants: [Grant]
  let applicable: ApplicableRules
  let recorder: Recorder
  /// What is unknown of the user; nil if everything is known.
  let doubt: Doubt?

  /// Decides a login, as the rules count it.
  init(_ rules: borrowing Rules, login: Login, grants: [Grant] = [], recorder: Recorder) {
    applicable = ApplicableRules(rules, to: login)
    self.login = login
    self.grants = grants
    self.recorder = recorder
    doubt = login.isUserSure ? nil : Doubt(of: login, rules, applicable)
  }

  /// The decision; in monitor mode a denial is answered with allow.
  func decide() -> Decision { ruling().decision }

  /// The decision, with the step that decided.
  func ruling() -> Ruling {
    var ruling = firstRuling()
    guard ruling.decision.verdict == .deny else { return ruling }
    if ruling.step > .breakGlass, mayBreakGlass {
      ruling.decision = Decision(verdict: .deny, reason: .identityUnavailable)
    }
    if applicable.mode == .monitor {
      ruling.decision.verdict = .allow
      ruling.decision.wouldDeny = true
    }
    return ruling
  }

  /// The decision of the first step that decides.
  private func firstRuling() -> Ruling {
    for step in DecisionStep.conditional {
      recorder.begin(step)
      if let decision = decision(of: step) {
        return Ruling(decision: decision, step: step, origin: login.origin)
      }
    }
    recorder.begin(.allowed)
    return Ruling(decision: allowed(), step: .allowed, origin: login.origin)
  }

  /// What a step decides; nil if its condition does not hold.
  private func decision(of step: DecisionStep) -> Decision? {
    switch step {
    case .notChecked: notChecked()
    case .roleMembership: roleMembership()
    case .breakGlass: breakGlass()
    case .local: local()
    case .localNotListed: localNotListed()
    case .noAddress: noAddress()
    case .originUnknown: originUnknown()
    case .blocked: blocked()
    case .userUnknown: userUnknown()
    case .granted: granted()
    case .identity: identity()
    case .userList: userList()
    case .confined: confined()
    case .listed: listed()
    case .requiredRole: requiredRole()
    case .askedRole: askedRole()
    case .allowed: allowed()
    }
  }

  // Step 1.
  private func notChecked() -> Decision? {
    if applicable.mode == .off {
      recorder.note(.off)
      return Decision(verdict: .ignore, reason: .notChecked)
    }
    if let unchecked = applicable.service?.unchecked {
      recorder.note(.serviceUnchecked(service: login.service, location: unchecked))
      return Decision(verdict: .ignore, reason: .notChecked, rule: unchecked)
    }
    recorder.note(.serviceChecked(service: login.service, mode: applicable.mode))
    return nil
  }

  // Step 2.
  private func roleMembership() -> Decision? {
    guard let role = login.role else {
      recorder.note(.noRoleAsked)
      return nil
    }
    if applicable.roles.contains(where: { $0.name == role }) {
      recorder.note(.member(user: login.user, role: role))
      return nil
    }
    if applicable.askedRole?.members.membership(of: login) == .unknown {
      recorder.note(.membershipUnknown(user: login.user, role: role))
      return Decision(verdict: .deny, reason: .identityUnavailable)
    }
    recorder.note(
      applicable.askedRole == nil
        ? .roleUndeclared(role: role) : .notMember(user: login.user, role: role))
    return Decision(verdict: .deny, reason: .roleUnavailable)
  }

  // Step 3. For users by name it works while the groups cannot be read, which is its purpose.
  private func breakGlass() -> Decision? {
    guard let rule = applicable.breakGlass else {
      recorder.note(.notInBreakGlass(user: login.user))
      return nil
    }
    guard login.origin.isListed else {
      recorder.note(.breakGlassWithoutAddress(user: login.user))
      return nil
    }
    if let list = rule.from, !list.contains(login.origin, at: login.time) {
      recorder.note(.listLacks(list: .init(list), origin: login.origin))
      return nil
    }
    guard applicable.breakGlassMembership == .member else {
      recorder.note(.breakGlassUnknown(user: login.user))
      return nil
    }
    recorder.note(.inBreakGlass(user: login.user, location: rule.location))
    return Decision(
      verdict: .allow, reason: .breakGlass, roles: applicable.roles.map(\.name),
      rule: (rule.from?.location ?? rule.location))
  }

  private var mayBreakGlass: Bool { applicable.mayBreakGlass(login) }

  // Step 4.
  private func local() -> Decision? {
    guard login.origin == .local else {
      recorder.note(.originNotLocal)
      return nil
    }
    guard let rule = applicable.local else {
      recorder.note(.everyoneLocal(service: login.service))
      return locally(by: nil)
    }
    if applicable.localMembership == .member {
      recorder.note(.inLocal(user: login.user, location: rule.location))
      return locally(by: rule.location)
    }
    if login.isRoot {
      recorder.note(.rootIsLocal(user: login.user))
      return locally(by: nil)
    }
    if applicable.breakGlassMembership == .member, let breakGlass = applicable.breakGlass {
      recorder.note(.inBreakGlass(user: login.user, location: breakGlass.location))
      return locally(by: breakGlass.location)
    }
    recorder.note(.notInLocal(user: login.user, location: rule.location))
    return nil
  }

  private func locally(by rule: SourceLocation?) -> Decision {
    Decision(
      verdict: .allow, reason: .local, roles: applicable.roles.map(\.name), rule: rule)
  }

  // Step 5.
  private func localNotListed() -> Decision? {
    guard login.origin == .local, let rule = applicable.local else {
      recorder.note(.originNotLocal)
      return nil
    }
    if applicable.localMembership == .unknown || applicable.breakGlassMembership == .unknown {
      recorder.note(.groupsUnknown(user: login.user))
      return Decision(verdict: .deny, reason: .identityUnavailable)
    }
    recorder.note(.notInLocal(user: login.user, location: rule.location))
    return Decision(verdict: .deny, reason: .localNotListed, rule: rule.location)
  }

  // Step 6.
  private func noAddress() -> Decision? {
    guard login.origin == .unknown(.noAddress) else {
      recorder.note(.addressGiven)
      return nil
    }
    recorder.note(.noAddress(service: login.service))
    return Decision(verdict: .deny, reason: .noAddress)
  }

  // Step 7.
  private func originUnknown() -> Decision? {
    switch login.origin {
    case .unknown(.session):
      recorder.note(.sessionUnclear)
      return Decision(verdict: .deny, reason: .sessionUnclear)
    case .unknown(.notAnAddress), .unknown(.noAddress), .local:
      recorder.note(.originUnknown)
      return Decision(verdict: .deny, reason: .originUnknown)
    case .address, .machine:
      recorder.note(.originKnown(origin: login.origin))
      return nil
    }
  }

  // Step 8.
  private func blocked() -> Decision? {
    guard let list = applicable.block.first(where: { $0.contains(login.origin, at: login.time) })
    else {
      recorder.note(
        applicable.block.isEmpty ? .nothingBlocked : .notBlocked(origin: login.origin))
      return nil
    }
    recorder.note(.blocked(origin: login.origin, location: list.location))
    return Decision(verdict: .deny, reason: .blocked, rule: list.location)
  }

  // Step 9.
  private func userUnknown() -> Decision? {
    if let location = applicable.service?.virtualAccounts {
      recorder.note(.virtualAccounts(service: login.service, location: location))
      return nil
    }
    guard !login.exists else {
      recorder.note(.userNotUnknown(user: login.user))
      return nil
    }
    recorder.note(.userUnknown(user: login.user))
    return Decision(verdict: .deny, reason: .userUnknown)
  }
}

/// A decision, with the step, the origin and the list that decided.
package struct Ruling: Sendable {
  /// The decision.
  package var decision: Decision
  /// The step that decided.
  package var step: DecisionStep
  /// The origin that decided.
  package var origin: Origin
  /// The list whose key is the decision's rule; nil if there is none, the rule is no list, or nobody
  /// has asked for it.
  package var list: DecidingList?
}

/// A list that has decided a login.
package struct DecidingList: Sendable {
  private let list: AddressList

  init(_ list: AddressList) { self.list = list }

  /// Its path in the policy: `users.deploy.only_from`.
  package var path: Name { Name(list.path) }
}
