import GatehouseControl
import GatehouseIdentity
import GatehousePolicy

// Requests about grants: whether there may be one, and for whom, is settled here; GrantBook has them.

/// A grant that is asked for.
struct GrantProposal {
  var user: Name
  let place: GrantPlace
  let service: Name?
  let role: Name?
  /// Nil if it is only asked whether there may be one.
  let duration: Duration?
  let author: String
  let why: String
  /// The denial that it comes from.
  var denial: Denial?
  /// The denial after which the user has entered the right code; nil if somebody else gives it.
  var codeDenial: String?
}

extension Answerer {
  /// Whether there may be a grant.
  enum GrantJudgement {
    /// There may, and it would let its user in.
    case possible(Grant)
    case refused(GrantRefusal)
  }

  func grant(_ request: GrantRequest, _ connection: ClientConnection) {
    let send = { [unowned self] in reply(to: request, $0, connection) }
    guard let place = try? GrantPlace(written: request.address) else {
      return send(GrantVerdict(.refused(.notAnAddress(request.address))))
    }
    let proposal = GrantProposal(
      user: request.user, place: place, service: request.service, role: request.role,
      duration: request.duration, author: request.author, why: request.why)
    consider(proposal, send)
  }

  func approve(_ request: ApproveRequest, _ connection: ClientConnection) {
    let send = { [unowned self] in reply(to: request, $0, connection) }
    guard let denial = denials.denial(request.id, at: .now()) else {
      let refusal = GrantRefusal.unknownDenial(
        id: request.id, remembered: Denials.limitPerUser)
      return send(GrantVerdict(.refused(refusal)))
    }
    guard let place = denial.origin.flatMap({ GrantPlace($0) }) else {
      return send(GrantVerdict(.refused(.originNotAnAddress), denial: denial))
    }
    let proposal = GrantProposal(
      user: denial.user, place: place, service: denial.service, role: denial.role,
      duration: request.duration, author: request.author,
      why: request.why ?? "approved \(request.id)", denial: denial)
    consider(proposal, send)
  }

  func revoke(_ request: RevokeRequest, _ connection: ClientConnection) {
    let id = request.id
    var revoked: Grant?
    revoked = grants.revoke(id, by: request.author, why: request.why) { [unowned self] error in
      guard let revoked else { return }
      let outcome: GrantVerdict.Outcome =
        error.map { .refused(.endNotKept(id: id, cause: "\($0)")) } ?? .revoked(revoked)
      reply(to: request, GrantVerdict(outcome), connection)
    }
    if revoked == nil {
      reply(to: request, GrantVerdict(.refused(.unknownGrant(id: id))), connection)
    }
  }

  // MARK: Whether there may be one

  private func consider(_ proposal: GrantProposal, _ send: @escaping (GrantVerdict) -> Void) {
    guard let generation = keeper.serving else {
      return send(GrantVerdict(.refused(.noPolicy), denial: proposal.denial))
    }
    identities.find(
      proposal.user, for: generation.identityScope, within: Self.explainTime
    ) { [unowned self] in consider(proposal, $0, generation, send) }
  }

  /// Tries on the policy whether the grant would let the user in, and gives it.
  private func consider(
    _ proposal: GrantProposal, _ identity: UserIdentity?, _ generation: Generation,
    _ send: @escaping (GrantVerdict) -> Void
  ) {
    let denial = proposal.denial
    func refuse(_ refusal: GrantRefusal) {
      send(GrantVerdict(.refused(refusal), denial: denial))
    }
    if identity?.isKnown == false { return refuse(.unknownUser(proposal.user)) }
    let user = ResolvedUser(identity, of: proposal.user)
    switch judge(proposal, as: user, by: generation) {
    case .refused(let refusal): refuse(refusal)
    case .possible where proposal.duration == nil:
      send(GrantVerdict(.approvable, denial: denial))
    case .possible(let grant):
      grants.give(grant, denial: denial?.id) { error in
        if let error {
          refuse(.notKept(cause: "\(error)"))
        } else {
          send(GrantVerdict(.given(grant), denial: denial))
        }
      }
    }
  }

  /// Whether there may be a grant by a policy, and whether it would let its user in.
  func judge(
    _ proposal: GrantProposal, as user: ResolvedUser, by generation: Generation
  ) -> GrantJudgement {
    let limits = generation.policy.grantLimits
    if let duration = proposal.duration,
      duration <= .zero || duration > limits.longestDuration
    {
      return .refused(.tooLong(longest: limits.longestDuration))
    }
    if case .network(let network) = proposal.place, limits.isTooWide(proposal.place) {
      return .refused(
        .tooWide(proposal.place, widest: limits.widest(of: network.address.family)))
    }
    let now = Instant.now()
    func proposed(_ id: String, until: Instant) -> Grant {
      Grant(
        id: id, user: user.name, place: proposal.place, service: proposal.service,
        role: proposal.role, since: now, until: until, author: proposal.author, why: proposal.why,
        codeDenial: proposal.codeDenial)
    }
    var grant = proposed(nextID(), until: now + (proposal.duration ?? .seconds(1)))
    // The same again lengthens the one that there is, and never shortens it.
    let twin = grants.twin(of: grant)
    if let twin { grant = proposed(twin.id, until: max(twin.until, grant.until)) }
    guard twin != nil || grants.count < limits.mostGrants else {
      return .refused(.tooMany(limit: limits.mostGrants))
    }
    let decisions = grant.place.ends.map { origin in
      let login = Login(
        user, service: proposal.service ?? "sshd", origin: origin, time: now, role: proposal.role)
      return generation.policy.decide(login, grants: [grant])
    }
    // Of a network only a part may be blocked.
    if let obstacle = decisions.first, decisions.allSatisfy(\.isDenial) {
      return .refused(self.obstacle(obstacle, to: grant))
    }
    return .possible(grant)
  }

  /// Why a grant would let nobody in.
  private func obstacle(_ decision: Decision, to grant: Grant) -> GrantRefusal {
    switch decision.reason {
    case .blocked: .blocked(grant.place, rule: decision.rule)
    case .roleUnavailable: .notMember(user: grant.user, role: grant.role)
    case .identityUnavailable: .membershipUnknown(user: grant.user, role: grant.role)
    default: .ineffective(decision.reason, rule: decision.rule)
    }
  }
}
