import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseSystem
import GatehouseWire

extension Answerer {
  // MARK: Trials

  func begin(
    _ trial: GatehouseWire.Trial, in frame: Span<UInt8>, _ connection: Connection
  ) throws(WireError) {
    let asker = Asker(trial.author, in: frame)
    let format = trial.format
    let file = try candidate(from: connection)
    let sessions: Set<String>
    do throws(SystemError) {
      sessions = try self.sessions.openSessions()
    } catch {
      let problem = "nobody could confirm it, since the login sessions cannot be read: \(error)"
      return send(trialReport((.impossible(.failed(problem)), [])), as: format, connection)
    }
    let plan = PolicyKeeper.TrialPlan(
      author: asker.description,
      exempt: frame.array(ifPresent: trial.exempt).map { Name(bytes: $0).description },
      duration: .seconds(UInt64(trial.duration)), sessions: sessions)
    keeper.beginTrial(plan, of: file) { [unowned self] verdict in
      send(trialReport(verdict), as: format, connection)
    }
  }

  /// The candidate that came with a request, or why it cannot be used.
  func candidate(
    from connection: Connection
  ) throws(WireError) -> Result<SealedMemoryFile, SystemError> {
    do throws(SystemError) {
      if let file = try connection.takeFile(atMost: WireLimit.policy) { return .success(file) }
    } catch { return .failure(error) }
    throw .missingField
  }

  func confirm(_ confirm: Confirm, in frame: Span<UInt8>, _ connection: Connection) {
    let asker = Asker(confirm.author, in: frame)
    var outcome = TrialReport.Outcome.impossible(.noTrial)
    if let trial = keeper.trial {
      let digest = String(decoding: frame.array(of: confirm.digest), as: UTF8.self)
      if let refusal = objection(to: asker, digest: digest, of: trial, connection) {
        keeper.tell(.refused(by: asker.description, refusal), of: trial)
        outcome = .impossible(refusal)
      } else {
        keeper.tell(.confirming(by: asker.description), of: trial)
        outcome = .confirmable(trial.state)
      }
    }
    send(trialReport((outcome, [])), as: confirm.format, connection)
  }

  func end(_ end: EndTrial, in frame: Span<UInt8>, _ connection: Connection) {
    let format = end.format
    keeper.endTrial(by: Asker(end.author, in: frame).description) { [unowned self] verdict in
      send(trialReport(verdict), as: format, connection)
    }
  }

  private func objection(
    to asker: Asker, digest: String, of trial: Trial, _ connection: Connection
  ) -> TrialRefusal? {
    guard digest == trial.generation.policy.digest else { return .otherContent }
    do throws(SystemError) {
      let session = try sessions.session(ofProcess: connection.peer)
      return trial.objection(to: asker.user, from: asker.address, in: session)
    } catch { return .failed("your login session cannot be read: \(error)") }
  }

  private func trialReport(_ verdict: PolicyKeeper.TrialVerdict) -> TrialReport {
    TrialReport(folder: folder, outcome: verdict.outcome, diagnostics: verdict.diagnostics)
  }
}

/// Who asks for something that is recorded.
private struct Asker: CustomStringConvertible {
  let user: Name
  /// The address that they say their session was opened from.
  let address: IPAddress?

  init(_ author: Author, in frame: Span<UInt8>) {
    user = Name(bytes: frame.array(of: author.user))
    let host = String(decoding: frame.array(ifPresent: author.remoteHost) ?? [], as: UTF8.self)
    if case .address(let address) = Origin(remoteHost: host) {
      self.address = address
    } else {
      address = nil
    }
  }

  /// Ready to be shown.
  var description: String { address.map { "\(user) from \($0)" } ?? user.description }
}
