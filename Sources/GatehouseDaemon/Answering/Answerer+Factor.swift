import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseWire

// Whether a second factor is needed; asked before anything is proved.

extension Answerer {
  /// Answers whether a second factor is needed.
  func answerFactor(
    of asked: AskedLogin, within time: Duration, _ generation: Generation?,
    _ connection: ClientConnection
  ) {
    guard let generation else {
      return finish(asked, as: asked.user, .noPolicy, nil, connection)
    }
    let policy = generation.policy
    func decide(as user: ResolvedUser) {
      decideFactor(of: asked, as: user, generation, connection)
    }
    // Nobody in the machine's directory is meant; and without rules nobody needs to be known.
    if policy.hasVirtualAccounts(asked.service) || !policy.hasSecondFactor || policy.mode == .off {
      return decide(as: ResolvedUser(asked.user, groups: []))
    }
    identities.find(asked.user, for: generation.identityScope, within: time) { identity in
      decide(as: ResolvedUser(identity, of: asked.user))
    }
  }

  private func decideFactor(
    of asked: AskedLogin, as user: ResolvedUser, _ generation: Generation,
    _ connection: ClientConnection
  ) {
    let policy = generation.policy
    let now = Instant.now()
    func decision(visited: Set<Origin>) -> FactorDecision {
      asked.factor(by: policy, as: user, at: now, visited: visited)
    }
    let first = decision(visited: [])
    // The record is asked only if the answer depends on it: it lives beside the loop.
    guard first.reason == .newPlace else {
      return finish(asked, as: user.name, .decided(first), generation, connection)
    }
    book.visited(
      by: user.name, among: asked.origins, since: now - Policy.newPlaceAge
    ) { [unowned self] visited in
      finish(asked, as: user.name, .decided(decision(visited: visited)), generation, connection)
    }
  }

  /// Sends the answer, and then logs it.
  private func finish(
    _ asked: AskedLogin, as user: Name, _ answer: FactorAnswer, _ generation: Generation?,
    _ connection: ClientConnection
  ) {
    let id = nextID()
    frame.setAnswer(answer.wire, reason: answer.reason, id: id)
    let isTest = tests.isTested(connection.peer)
    let wasDelivered = connection.reply(&frame)
    if isTest {
      let answered = PAMTestResult.Answered(
        service: asked.service, user: asked.user, origin: asked.origin, role: nil, network: nil,
        asksFactor: true, answer: answer.wire.word, reason: answer.reason,
        rule: answer.decision?.rule, id: id)
      return tests.add(answered, of: connection.peer)
    }
    let record = FactorRecord(
      asked: answer.decision.map { asked.decided(by: $0.origin) } ?? asked, user: user,
      answer: answer, generation: generation?.label, id: id, peer: connection.peer,
      wasDelivered: wasDelivered)
    log.post(record.priority) { record.entry }
  }
}

extension AskedLogin {
  /// Whether a policy wants a second factor of it; `visited` are those of its origins from which the
  /// user has come in before.
  fileprivate func factor(
    by policy: Policy, as user: ResolvedUser, at time: Instant, visited: Set<Origin>
  ) -> FactorDecision {
    policy.secondFactor(for: login(as: user, at: time), from: placesOfPerson) {
      !visited.contains($0)
    }
  }

  /// The origins, as far as they say where the person is.
  ///
  /// A service such as sudo is used from any session, so that it is local says nothing of its user:
  /// with `origin=session` the session does.
  private var placesOfPerson: [Origin] {
    guard !isOfSession, isLocal else { return origins }
    let name = service.bytes
    return switch LocalService.of(name.span) {
    case .changesUser, .other: [.unknown(.session)]
    case .console, .display, .locker, nil: origins
    }
  }
}
