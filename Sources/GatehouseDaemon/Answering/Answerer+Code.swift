import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseWire

// A user who was denied may authorise the place by a code: it is made after the denial, and entered
// at the next login, before the account stage.

extension Answerer {
  /// What a denied user is told of a code, and what becomes of it once they have been told.
  enum CodePlan {
    /// One is made, and sent this way.
    case make(CodeOffer.Way)
    /// One is open, and was sent this way.
    case open(CodeOffer.Way)
    /// None is made: there were too many.
    case overLimit

    /// The end of the message; nil if nothing is said.
    var sentence: String? {
      switch self {
      case .make(.mail(let address)), .open(.mail(let address)):
        "A code was sent to \(address.masked): log in again and enter it."
      case .make(.command), .open(.command): "A code was sent to you: log in again and enter it."
      case .overLimit: nil
      }
    }
  }

  // MARK: After a denial

  /// Whether a denied user gets a code; nil if there is nothing to do.
  func codePlan(
    for asked: AskedLogin, as user: ResolvedUser, _ decision: Decision, _ generation: Generation,
    _ connection: ClientConnection
  ) -> CodePlan? {
    guard decision.isDenial, decision.reason.canBeAuthorized, connection.isOfRoot,
      codes.counts(under: generation), !generation.policy.hasVirtualAccounts(asked.service),
      let offer = generation.policy.codeOffer(for: asked.login(as: user, at: .now()))
    else { return nil }
    switch codes.standing(of: user.name, asked, perDay: offer.perDay) {
    case .has: return .open(offer.way)
    case .hasAnother: return nil
    case .overLimit: return .overLimit
    case .mayHave:
      guard
        let proposal = GrantProposal(
          byCode: user.name, asked.origin, service: asked.service, role: asked.role, offer,
          denial: "", longest: generation.policy.grantLimits.longestDuration),
        case .possible = judge(proposal, as: user, by: generation)
      else { return nil }
      return .make(offer.way)
    }
  }

  /// Does what was planned, once the user has the answer.
  func carryOut(_ plan: CodePlan, for asked: AskedLogin, as user: Name, denial: String) {
    switch plan {
    case .make(let way): codes.make(for: user, asked, denial: denial, by: way)
    case .open: break
    case .overLimit: codes.refuse(user, asked, denial: denial)
    }
  }

  // MARK: At the next login

  /// Answers whether a code is open for a login, or whether the one that was entered is right.
  func answerCode(
    _ text: [UInt8]?, of asked: AskedLogin, within time: Duration, _ generation: Generation?,
    _ connection: ClientConnection
  ) {
    guard let generation else { return send(.noPolicy, "no_policy", asked, connection) }
    guard connection.isOfRoot, !tests.isTested(connection.peer), codes.mayBeOpen(for: asked) else {
      return sendNoCode(text, asked, connection)
    }
    func answer(as user: ResolvedUser) {
      guard codes.isOpen(for: user.name, asked) else {
        return sendNoCode(text, asked, connection)
      }
      guard let text else { return send(.allow, "code_open", asked, connection) }
      enter(text, of: asked, as: user, generation, connection)
    }
    identities.find(asked.user, for: generation.identityScope, within: time) { identity in
      answer(as: ResolvedUser(identity, of: asked.user))
    }
  }

  /// Tries a code; the right one gives the grant that `gatehouse approve` would give.
  private func enter(
    _ text: [UInt8], of asked: AskedLogin, as user: ResolvedUser, _ generation: Generation,
    _ connection: ClientConnection
  ) {
    func offer(from origin: Origin) -> CodeOffer? {
      guard codes.counts(under: generation) else { return nil }
      let login = Login(user, service: asked.service, origin: origin, time: .now())
      return generation.policy.codeOffer(for: login)
    }
    let way = asked.origins.lazy.compactMap(offer).first?.way
    codes.enter(text, for: user.name, asked, by: way) { [unowned self] code in
      guard let code else { return send(.deny, "code_wrong", asked, connection) }
      // The policy is asked again: it may have changed since the denial.
      let origin = Origin.address(code.address)
      guard let offer = offer(from: origin),
        let proposal = GrantProposal(
          byCode: code.user, origin, service: code.service, role: code.role, offer,
          denial: code.denial, longest: generation.policy.grantLimits.longestDuration),
        case .possible(let grant) = judge(proposal, as: user, by: generation)
      else { return send(.deny, "code_wrong", asked, connection) }
      grants.give(grant, denial: code.denial) { [unowned self] error in
        guard error == nil else { return send(.deny, "code_wrong", asked, connection) }
        codes.noteUse(of: code, grant: grant.id)
        send(.allow, "authorized", asked, connection)
      }
    }
  }

  /// None is open: there is nothing to ask for, and what was entered is too late.
  private func sendNoCode(_ text: [UInt8]?, _ asked: AskedLogin, _ connection: ClientConnection) {
    if text == nil {
      send(.ignore, "no_code", asked, connection)
    } else {
      send(.deny, "code_wrong", asked, connection)
    }
  }

  private func send(
    _ decision: AnswerDecision, _ reason: String, _ asked: AskedLogin,
    _ connection: ClientConnection
  ) {
    let id = nextID()
    let isTest = tests.isTested(connection.peer)
    frame.setAnswer(decision, reason: reason, id: id)
    _ = connection.reply(&frame)
    guard isTest else { return }
    tests.add(
      PAMTestResult.Answered(
        service: asked.service, user: asked.user, origin: asked.origin, role: nil, network: nil,
        answer: decision.word, reason: reason, id: id), of: connection.peer)
  }

  // MARK: Letters

  func letters(_ request: LettersRequest, _ connection: ClientConnection) {
    // Whoever has a letter has its code.
    guard connection.isOfRoot else { return connection.reply(nil) }
    reply(to: request, LettersReply(letters: codes.letters(sent: request.sent)), connection)
  }
}

extension GrantProposal {
  /// The grant that a code gives; nil for an origin that no grant can be for.
  fileprivate init?(
    byCode user: Name, _ origin: Origin, service: Name, role: Name?, _ offer: CodeOffer,
    denial: String, longest: Duration
  ) {
    guard let place = GrantPlace(origin) else { return nil }
    self.init(
      user: user, place: place, service: service, role: role,
      duration: min(offer.duration, longest), author: user.description,
      why: "authorised by the user", codeDenial: denial)
  }
}

extension AskedLogin {
  /// Those of its origins that are addresses.
  var addresses: [IPAddress] {
    origins.compactMap { if case .address(let address) = $0 { address } else { nil } }
  }
}
