import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

extension Answerer {
  // MARK: Explanations

  /// How long an explanation waits for the directory: as long as a login does.
  static let explainTime = Duration.seconds(2)
  /// How long a refresh waits for it; no login waits for that.
  private static let refreshTime = Duration.seconds(5)

  /// The most replies that may wait; with more, an explanation is refused as busy.
  private static let replyLimit = 64

  func explain(_ request: ExplainRequest, _ connection: ClientConnection) {
    guard let generation = keeper.serving else {
      return reply(to: request, .noPolicy(folder: folder), connection)
    }
    let origin = request.origin { [own] in own.isOwn($0, zone: $1) }
    func finish(
      _ user: ResolvedUser, _ groups: ExplainedLogin.GroupSource, service: String? = nil,
      readAt: Instant? = nil
    ) {
      guard replies.waiting < Self.replyLimit else {
        return self.reply(to: request, .busy, connection)
      }
      func reply(visited: Set<Origin>) {
        self.reply(to: request, connection) { [grants = grants.grants] in
          .explained(
            ExplainedLogin(
              request, from: origin, visited: visited, as: user, groupSource: groups,
              groupService: service, readAt: readAt, by: generation, grants: grants))
        }
      }
      guard generation.policy.hasSecondFactor else { return reply(visited: []) }
      book.visited(
        by: user.name, among: [origin], since: (request.time ?? .now()) - Policy.newPlaceAge
      ) { reply(visited: $0) }
    }
    // As at a login, nobody in the machine's directory is meant.
    if generation.policy.hasVirtualAccounts(request.service) {
      return finish(ResolvedUser(request.user, groups: []), .virtualAccounts)
    }
    if let groups = request.groups {
      return finish(ResolvedUser(request.user, groups: Set(groups)), .given)
    }
    let scope = generation.identityScope
    identities.find(request.user, for: scope, within: Self.explainTime) { [identities] in
      finish(
        ResolvedUser($0, of: request.user), $0?.isKnown == false ? .unknownUser : .nss,
        service: $0?.source, readAt: identities.readAt(request.user, for: scope))
    }
  }

  // MARK: Users

  func refresh(_ request: RefreshRequest, _ connection: ClientConnection) {
    guard let generation = keeper.serving else {
      return reply(to: request, .noPolicy(folder: folder), connection)
    }
    guard let user = request.user else {
      identities.makeStale()
      return reply(to: request, .all(users: identities.userCount), connection)
    }
    let scope = generation.identityScope
    identities.refresh(user, for: scope, within: Self.refreshTime) { [unowned self] read in
      reply(to: request, .user(RefreshedUser(read, of: user, among: scope.groups)), connection)
    }
  }

  // MARK: Status

  func status(_ request: StatusRequest, _ connection: ClientConnection) {
    var status = DaemonStatus(
      processID: Int(CurrentProcess.id), startedAt: startedAt, now: .now(), socket: socket,
      folder: folder,
      serving: keeper.serving.map {
        .init(
          generation: $0.number, digest: $0.policy.digest, mode: $0.policy.mode, since: $0.since,
          isKeptCopy: $0.isKeptCopy, warnings: keeper.servingWarnings)
      },
      refusal: keeper.refusal.map {
        .init(at: $0.at, digest: $0.digest, diagnostics: $0.diagnostics, verdict: $0.verdict)
      },
      counts: counts.value,
      identity: .init(
        users: identities.userCount,
        failing: identities.failing.map { .init(since: $0.since, problem: $0.problem) },
        lastReadAt: identities.lastReadAt,
        services: identities.services.sorted { $0.key < $1.key }.map { name, said in
          .init(
            name: name, state: said.isOnline.map { $0 ? .online : .offline } ?? .unknown,
            at: said.at)
        }),
      lostEntries: log.losses.all)
    status.malformedRequests = malformedRequests
    status.latencies = latencies
    status.refusedPolicies = keeper.refusalCount
    status.trial = keeper.trial?.state
    status.accepted = keeper.accepted.map { .init($0) }
    status.isWaiting = keeper.refusal?.isWaiting ?? false
    let difference = keeper.difference
    status.grants = grants.grants.count
    status.codes = codes.counts
    status.originProblem = origins.problem
    status.endings = endings.logins
    let (candidate, monitored) = shadows.watched(beside: keeper.serving)
    reply(to: request, connection) { [status] in
      var status = status
      status.shadow = candidate?.value
      status.monitored = monitored?.value
      status.isDiffering = difference()
      return status
    }
  }
}

extension RefreshedUser {
  /// What a reading gave, or why it failed.
  fileprivate init(
    _ read: Result<UserIdentity, DirectoryError>, of user: Name, among groups: Set<Name>
  ) {
    switch read {
    case .success(let identity):
      self.init(
        name: identity.name, number: identity.userID, isAbsent: identity.isCertainlyAbsent,
        groups: identity.groups.sorted(), unknownGroups: identity.unsureGroups.sorted(),
        problem: identity.problem)
    case .failure(let error):
      self.init(
        name: user, number: nil, isAbsent: false, groups: [], unknownGroups: groups.sorted(),
        problem: error.description)
    }
  }
}

extension ExplainRequest {
  /// Where the login comes from, as it would be judged now.
  ///
  /// - Parameter isOwn: Whether an address, with its zone id, is the machine's own.
  /// - Returns: The origin; `policy.explain` still counts what the policy says of the service.
  func origin(isOwn: (IPAddress, String?) -> Bool) -> Origin {
    if let origin { return (OriginWord(rawValue: origin) ?? .unknown).origin }
    let host = remoteHost?.bytes ?? []
    if let address = ZonedAddress(host.span), isOwn(address.address, address.zone) {
      return .machine
    }
    return Origin(remoteHost: host.span, service: service)
  }
}

extension ExplainedLogin {
  /// Explains a login; a function of its parameters alone, for any thread.
  init(
    _ request: ExplainRequest, from origin: Origin, visited: Set<Origin>, as user: ResolvedUser,
    groupSource: GroupSource, groupService: String?, readAt: Instant?, by generation: Generation,
    grants: [Grant]
  ) {
    let login = Login(
      user, service: request.service, origin: origin, time: request.time ?? .now(),
      role: request.role)
    let policy = generation.policy
    self.init(
      explanation: policy.explain(login, grants: grants),
      factor: policy.explainFactor(of: login, isNewPlace: !visited.contains(origin)),
      remoteHost: request.remoteHost?.description ?? "", groupSource: groupSource,
      groupService: groupService, readAt: readAt,
      policy: PolicyIdentity(
        generation: generation.number, digest: policy.digest, mode: policy.mode))
  }
}
