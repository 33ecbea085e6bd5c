import GatehouseIdentity
import GatehousePolicy
import GatehouseReport
import GatehouseWire

// Requests about grants: whether there may be one, and for whom, is settled here; GrantBook has them.

extension Answerer {
  /// Whom a grant is to let in, from where and for how long.
  private struct Proposal {
    var user: Name
    let address: IPAddress
    let service: Name?
    let role: Name?
    /// Nil where it is only asked whether there may be one.
    let seconds: UInt32?
    let author: String
    let why: String
    /// The denial that it comes from.
    var denial: Denial?
  }

  func grant(_ order: GrantOrder, in frame: Span<UInt8>, _ connection: Connection) {
    let format = order.signature.format
    let text = frame.text(order.address)
    guard let address = IPAddress(text) else {
      return refuse("`\(text)` is no address", nil, as: format, connection)
    }
    let proposal = Proposal(
      user: Name(bytes: frame.array(of: order.user)), address: address,
      service: frame.array(ifPresent: order.service).map { Name(bytes: $0) },
      role: frame.array(ifPresent: order.role).map { Name(bytes: $0) }, seconds: order.duration,
      author: frame.text(order.signature.author), why: frame.text(order.why))
    consider(proposal, as: format, connection)
  }

  func approve(_ approval: Approval, in frame: Span<UInt8>, _ connection: Connection) {
    let format = approval.signature.format
    let id = frame.text(approval.id)
    guard let denial = denials.denial(id, at: .now()) else {
      return refuse(
        "no denial \(id) is remembered",
        "They are for a day, the last \(Denials.mostOfUser) of each user. "
          + "Without one: gatehouse grant USER --from ADDRESS", as: format, connection)
    }
    guard let address = denial.address else {
      return refuse(
        "the origin was no address, and a grant is for one", nil, denial, as: format, connection)
    }
    let proposal = Proposal(
      user: denial.user, address: address, service: denial.service, role: denial.role,
      seconds: approval.duration, author: frame.text(approval.signature.author),
      why: approval.signature.why.map { frame.text($0) } ?? "approved \(id)", denial: denial)
    consider(proposal, as: format, connection)
  }

  func revoke(_ revocation: Revocation, in frame: Span<UInt8>, _ connection: Connection) {
    let format = revocation.signature.format
    let id = frame.text(revocation.id)
    var revoked: Grant?
    revoked = grants.revoke(
      id, by: frame.text(revocation.signature.author),
      why: revocation.signature.why.map { frame.text($0) }
    ) { [unowned self] error in
      guard let revoked else { return }
      if let error {
        refuse(
          "\(id) counts no more, but the disk cannot be told: \(error)", nil, as: format, connection
        )
      } else {
        send(GrantReport(.revoked(revoked)), as: format, connection)
      }
    }
    if revoked == nil {
      refuse(
        "there is no grant \(id)", "gatehouse grants lists those that there are", as: format,
        connection)
    }
  }

  // MARK: Whether there may be one

  private func consider(
    _ proposal: Proposal, as format: GatehouseWire.ReportFormat, _ connection: Connection
  ) {
    guard let generation = keeper.serving else {
      return refuse(
        "there is no policy, which a grant would be an exception from",
        "gatehouse status says what is wrong with it", proposal.denial, as: format, connection)
    }
    identities.find(
      proposal.user, for: generation.identityScope, within: Self.explainTime
    ) { [unowned self] in consider(proposal, $0, generation, as: format, connection) }
  }

  /// Tries on the policy whether the grant would let the user in, and gives it.
  private func consider(
    _ proposal: Proposal, _ identity: Identity?, _ generation: Generation,
    as format: GatehouseWire.ReportFormat, _ connection: Connection
  ) {
    if identity?.isKnown == false {
      return refuse(
        "there is no user \(proposal.user)", "getent passwd lists those that there are",
        proposal.denial, as: format, connection)
    }
    let limits = generation.policy.grantLimits
    if let seconds = proposal.seconds, seconds == 0 || seconds > limits.longest {
      return refuse(
        "a grant lasts at most \(durationText(limits.longest))",
        "grants.longest of the policy is the bound", proposal.denial, as: format, connection)
    }
    guard grants.count < limits.most else {
      return refuse(
        "there are as many grants as there may be, \(limits.most)",
        "gatehouse revoke ends one; grants.most of the policy is the bound", proposal.denial,
        as: format, connection)
    }
    let user = Identified(identity, of: proposal.user)
    let now = Instant.now()
    let grant = Grant(
      id: nextID(), user: user.name, address: proposal.address,
      service: proposal.service, role: proposal.role, since: now,
      until: now + .seconds(proposal.seconds ?? 1),
      author: proposal.author, why: proposal.why)
    let login = Login(
      user: user.name, groups: user.groups, service: proposal.service ?? "sshd",
      origin: .address(proposal.address), time: now, role: proposal.role)
    let decision = generation.policy.decide(login, grants: [grant])
    guard !decision.isDenial else {
      let (problem, remedy) = obstacle(decision, to: grant)
      return refuse(problem, remedy, proposal.denial, as: format, connection)
    }
    guard proposal.seconds != nil else {
      return send(GrantReport(.approvable, denial: proposal.denial), as: format, connection)
    }
    grants.give(grant, denial: proposal.denial?.id) { [unowned self] error in
      if let error {
        refuse("it cannot be kept: \(error)", nil, proposal.denial, as: format, connection)
      } else {
        send(GrantReport(.given(grant), denial: proposal.denial), as: format, connection)
      }
    }
  }

  /// Why a grant would let nobody in.
  private func obstacle(_ decision: Decision, to grant: Grant) -> (String, remedy: String?) {
    let place = decision.rule.map { " (\($0.fileAndLine))" } ?? ""
    let role = grant.role ?? ""
    return switch decision.reason {
    case .blocked:
      ("\(grant.address) is in block\(place), which no grant reaches into", nil)
    case .roleUnavailable:
      (
        "\(grant.user) is not a member of the role \(role), and no grant makes one",
        "members of roles are named in the policy"
      )
    case .identityUnavailable:
      (
        "whether \(grant.user) is a member of the role \(role) cannot be found out now",
        "see that the directory answers (getent group)"
      )
    default: ("it would let nobody in: \(decision.reason.rawValue)\(place)", nil)
    }
  }

  private func refuse(
    _ problem: String, _ remedy: String?, _ denial: Denial? = nil,
    as format: GatehouseWire.ReportFormat, _ connection: Connection
  ) {
    send(
      GrantReport(.refused(problem, remedy: remedy), denial: denial), as: format, connection)
  }
}

extension Span<UInt8> {
  /// A field's text, whatever its bytes are.
  fileprivate func text(_ field: Field) -> String {
    String(decoding: array(of: field), as: UTF8.self)
  }
}
