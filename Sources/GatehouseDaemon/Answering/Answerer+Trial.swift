import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

extension Answerer {
  // MARK: Trials

  func begin(_ request: TrialRequest, _ connection: ClientConnection) throws(WireError) {
    let asker = Asker(request.asker, from: request.askerHost)
    let allowing = try allowance(request.allow)
    let file = try candidate(from: connection)
    let session = session(of: connection, or: asker)
    // Beside the loop: each open session costs a look at its files.
    replies.run { [sessions] in
      Result { () throws(SystemError) in try sessions.openSessions() }
    } then: { [unowned self] found in
      let sessions: Set<String>
      switch found {
      case .success(let open): sessions = open
      case .failure(let error):
        let failure = CandidateFailure.sessionsUnreadable(cause: "\(error)")
        return reply(to: request, verdict(.impossible(.failed(failure))), connection)
      }
      let plan = PolicyKeeper.TrialPlan(
        author: asker.description, asker: session, allowing: allowing,
        duration: request.duration, sessions: sessions)
      keeper.beginTrial(plan, of: file) { [unowned self] outcome, diagnostics, guardVerdict in
        reply(to: request, verdict(outcome, diagnostics, guardVerdict), connection)
      }
    }
  }

  /// The candidate that came with a request, or why it cannot be used.
  func candidate(
    from connection: ClientConnection
  ) throws(WireError) -> Result<SealedMemoryFile, SystemError> {
    do throws(SystemError) {
      if let file = try connection.takeFile(atMost: ControlLimit.policy) { return .success(file) }
    } catch { return .failure(error) }
    throw .missingField
  }

  func confirm(_ request: ConfirmRequest, _ connection: ClientConnection) {
    let asker = Asker(request.asker, from: request.askerHost)
    var outcome = TrialVerdict.Outcome.impossible(.noTrial)
    if let trial = keeper.trial {
      if let refusal = objection(to: asker, digest: request.digest, of: trial, connection) {
        keeper.tell(.refused(by: asker.description, refusal), of: trial)
        outcome = .impossible(refusal)
      } else {
        keeper.tell(.confirming(by: asker.description), of: trial)
        outcome = .confirmable(trial.state)
      }
    }
    reply(to: request, verdict(outcome), connection)
  }

  func end(_ request: EndTrialRequest, _ connection: ClientConnection) {
    let asker = Asker(request.asker, from: request.askerHost)
    keeper.endTrial(by: asker.description, asker: session(of: connection, or: asker)) {
      [unowned self] outcome, diagnostics, guardVerdict in
      reply(to: request, verdict(outcome, diagnostics, guardVerdict), connection)
    }
  }

  private func objection(
    to asker: Asker, digest: String, of trial: Trial, _ connection: ClientConnection
  ) -> TrialRefusal? {
    guard digest == trial.generation.policy.digest else { return .otherContent }
    do throws(SystemError) {
      let session = try sessions.session(ofProcess: connection.peer)
      return trial.objection(to: asker.user, from: asker.address, in: session)
    } catch { return .failed(.ownSessionUnreadable(cause: "\(error)")) }
  }

  private func verdict(
    _ outcome: TrialVerdict.Outcome, _ diagnostics: [Diagnostic] = [],
    _ guardVerdict: GuardVerdict? = nil
  ) -> TrialVerdict {
    TrialVerdict(
      folder: folder, outcome: outcome, diagnostics: diagnostics, guardVerdict: guardVerdict)
  }
}

/// Who asks for something that is recorded.
struct Asker: CustomStringConvertible {
  let user: Name
  /// The address that they say their session was opened from.
  let address: IPAddress?

  init(_ user: Name, from host: Name?) {
    self.user = user
    let host = host?.bytes ?? []
    if case .address(let address) = Origin(remoteHost: host.span) {
      self.address = address
    } else {
      address = nil
    }
  }

  /// Ready to be shown.
  var description: String { address.map { "\(user) from \($0)" } ?? user.description }
}
