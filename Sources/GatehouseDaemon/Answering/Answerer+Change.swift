import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import GatehouseWire

extension Answerer {
  // MARK: Reloading and judging

  func reload(_ request: ReloadRequest, _ connection: ClientConnection) throws(WireError) {
    let asker = request.asker.map { Asker($0, from: request.askerHost) }
    var order = LoadOrder(occasion: .request)
    order.asker = session(of: connection, or: asker)
    order.author = asker?.description
    order.allowing = try allowance(request.allow)
    order.digest = request.digest
    keeper.reload(order) { [unowned self] in reply(to: request, verdict($0), connection) }
  }

  /// Says what a reload would make of a policy, and changes nothing.
  func judge(_ request: JudgeRequest, _ connection: ClientConnection) throws(WireError) {
    let asker = Asker(request.asker, from: request.askerHost)
    let allowing = try allowance(request.allow)
    let file = try candidate(from: connection)
    let session = session(of: connection, or: asker)
    keeper.judge(file, asker: session, allowing: allowing) { [unowned self] in
      reply(to: request, $0, connection)
    }
  }

  private func verdict(_ outcome: PolicyKeeper.ReloadOutcome) -> ReloadVerdict {
    switch outcome {
    case .loaded(let generation, let verdict):
      ReloadVerdict(
        folder: folder,
        outcome: .loaded(
          generation: generation.number, digest: generation.policy.digest,
          mode: generation.policy.mode),
        diagnostics: generation.warnings, guardVerdict: verdict)
    case .refused(let refusal):
      ReloadVerdict(
        folder: folder, outcome: self.outcome(of: refusal), diagnostics: refusal.diagnostics,
        guardVerdict: refusal.verdict)
    case .onTrial(let trial):
      ReloadVerdict(folder: folder, outcome: .onTrial(trial), diagnostics: [])
    }
  }

  private func outcome(of refusal: RefusedPolicy) -> ReloadVerdict.Outcome {
    let keeping = keeper.serving?.number
    if refusal.isWaiting { return .waiting(keeping: keeping) }
    return refusal.verdict == nil ? .refused(keeping: keeping) : .refusedByGuard(keeping: keeping)
  }

  // MARK: Who asks

  /// What `--allow-lockout` named.
  func allowance(_ text: Name?) throws(WireError) -> LockoutAllowance {
    guard let text else { return .nothing }
    guard let allowance = LockoutAllowance(text) else { throw .badValue }
    return allowance
  }

  /// The session that asks: that of the connection's process, or, if logind has none, the user and the
  /// address that the request names.
  func session(of connection: ClientConnection, or asker: Asker?) -> GuardScene.Asker? {
    // Whoever asks at the same time from one session asks for one thing.
    let session = try? sessions.session(ofProcess: connection.peer)
    let process = session.map { $0.leader ?? connection.peer }
    guard process != nil || asker != nil else { return nil }
    return GuardScene.Asker(
      process: process, user: asker?.user, host: asker?.address.map(\.description))
  }
}

extension DaemonStatus.Accepted {
  /// What is reported of an accepted policy.
  init(_ entry: AcceptedPolicies.Entry) {
    let acceptance = entry.acceptance
    self.init(
      digest: entry.digest, at: acceptance.means == .unknown ? nil : acceptance.at,
      means: acceptance.means.rawValue, author: acceptance.author)
  }
}
