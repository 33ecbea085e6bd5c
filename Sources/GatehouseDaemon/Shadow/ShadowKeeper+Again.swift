import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseRecord

// If another policy serves, what was counted is judged again, so that the record does not begin anew
// with each correction of the policy.

extension ShadowKeeper {
  /// Another policy serves from now on, in place of `old`.
  func obey(_ generation: Generation, after old: Policy?) {
    let policy = generation.policy
    guard old?.digest != policy.digest else { return }
    if policy.mode == .monitor, let counts = monitored?.counts, counts.digest != policy.digest {
      let counter = ShadowCounter(ShadowCounts(digest: policy.digest, since: counts.since))
      monitored = counter
      judgeAgain(counts, old: nil, new: policy, into: counter)
    }
    if let shadow, old != nil {
      let counts = shadow.counter.counts
      let counter = ShadowCounter(ShadowCounts(digest: counts.digest, since: counts.since))
      self.shadow = Shadow(shadow.policy, counter)
      judgeAgain(counts, old: policy, new: shadow.policy, into: counter)
    }
  }

  /// Judges again what was counted, on the thread that loads: it asks the directory.
  ///
  /// `old` is nil in monitor mode, where every login is let in.
  private func judgeAgain(
    _ counts: ShadowCounts, old: Policy?, new: Policy, into counter: ShadowCounter
  ) {
    worker.run { [scene] in
      let scene = scene(old, new, nil)
      counter.take(scene.judgedAgain(counts, old: old, new: new))
    } then: { [unowned self] in
      plan()
    }
  }
}

extension GuardScene {
  /// The logins that were counted, and those that the login record has since then, with what becomes of
  /// them now.
  fileprivate func judgedAgain(
    _ counts: ShadowCounts, old: Policy?, new: Policy
  ) -> LoginChanges {
    typealias Kind = LoginChanges.LoginKind
    let known = Set(counts.changes.counts.keys.map(\.place))
    let others = record.admitted.visits.compactMap { place, visits -> (Kind, LoginChanges.Count)? in
      guard visits.last >= counts.since, !known.contains(place), !place.isNetwork else {
        return nil
      }
      let kind = Kind(
        user: place.user, service: place.service, role: nil, origin: place.origin,
        change: .gains, reason: .listed, rule: nil)
      return (
        kind,
        LoginChanges.Count(
          logins: max(1, visits.allowed), first: max(visits.first, counts.since),
          last: visits.last)
      )
    }
    return counts.changes.judgedAgain(others) { kind in
      guard case .known(let identity)? = people[kind.user] else { return nil }
      let user = ResolvedUser(identity, of: kind.user)
      let login = Login(
        user, service: kind.service, origin: kind.origin, time: now, role: kind.role)
      let decision = new.decide(login)
      guard decision.reason != .identityUnavailable else { return nil }
      let before = old.map { DecisionOutcome($0.decide(login)) }
      return (before ?? DecisionOutcome(verdict: .allow), decision)
    }
  }
}

extension LoginChanges.LoginKind {
  /// The place of the login record that its logins are in.
  fileprivate var place: LoginRecord.Place {
    LoginRecord.Place(user: user, service: service, origin: origin)
  }
}
