/// Decides a login by the steps of gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// All rules of the decision are here and in DecisionEngine+Lists.swift: `ruling` takes the steps in
/// their order, and each step is one function, with its number. What applies to a login is collected in
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

  /// The decision of the first step that decides, with what decided.
  func ruling() -> Ruling {
    if let ruling = ruling(of: .notChecked, notChecked()) { return ruling }
    if let ruling = ruling(of: .roleMembership, roleMembership()) { return ruling }
    if let ruling = ruling(of: .breakGlass, breakGlass()) { return ruling }
    if let ruling = ruling(of: .local, local()) { return ruling }
    if let ruling = ruling(of: .localNotListed, localNotListed()) { return ruling }
    if let ruling = ruling(of: .noAddress, noAddress()) { return ruling }
    if let ruling = ruling(of: .originUnknown, originUnknown()) { return ruling }
    if let ruling = ruling(of: .blocked, blocked()) { return ruling }
    if let ruling = ruling(of: .userUnknown, userUnknown()) { return ruling }
    if let ruling = ruling(of: .granted, granted()) { return ruling }
    if let ruling = ruling(of: .identity, identity()) { return ruling }
    if let ruling = ruling(of: .userList, userList()) { return ruling }
    if let ruling = ruling(of: .confined, confined()) { return ruling }
    if let ruling = ruling(of: .listed, listed()) { return ruling }
    if let ruling = ruling(of: .requiredRole, requiredRole()) { return ruling }
    if let ruling = ruling(of: .askedRole, askedRole()) { return ruling }
    recorder.begin(.allowed)
    return ruling(allowed(), by: .allowed)
  }

  /// Takes a step; nil if its condition does not hold.
  ///
  /// Always inlined, and so are then most of the steps: called one by one through a table of the steps
  /// they took twice as long.
  @inline(__always)
  private func ruling(of step: DecisionStep, _ decision: @autoclosure () -> Decision?) -> Ruling? {
    recorder.begin(step)
    guard let decision = decision() else { return nil }
    return ruling(decision, by: step)
  }

  /// What comes of a step's decision.
  private func ruling(_ decision: consuming Decision, by step: DecisionStep) -> Ruling {
    if decision.verdict == .deny {
      if step > .breakGlass, mayBreakGlass {
        decision = Decision(verdict: .deny, reason: .identityUnavailable)
      }
      if applicable.mode == .monitor {
        decision.verdict = .allow
        decision.wouldDeny = true
      }
    }
    let list = decision.rule.flatMap { applicable.list(at: $0) }
    return Ruling(decision, step: step, origin: login.origin, list: list)
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
///
/// It never changes, so whoever remembers it shares one: to copy a decision takes long.
package final class Ruling: Sendable {
  /// The decision.
  package let decision: Decision
  /// The step that decided.
  package let step: DecisionStep
  /// The origin that decided, as the rules count it.
  package let origin: Origin
  /// The list whose key is the decision's rule; nil if there is none, or the rule is no list.
  package let list: DecidingList?

  /// A decision with what decided.
  package init(
    _ decision: Decision, step: DecisionStep, origin: Origin, list: DecidingList? = nil
  ) {
    self.decision = decision
    self.step = step
    self.origin = origin
    self.list = list
  }
}

/// A list that has decided a login.
package struct DecidingList: Sendable {
  private let list: AddressList

  init(_ list: AddressList) { self.list = list }

  /// Its path in the policy: `users.deploy.only_from`.
  package var path: Name { Name(list.path) }
}
