import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseWire

extension Answerer {
  // MARK: Explanations

  /// How long an explanation waits for the directory; nobody's login waits for it.
  static let explainTime = Duration.seconds(5)

  func explain(_ explain: Explain, in frame: Span<UInt8>, _ connection: Connection) {
    let asked = Asked(explain: explain.login, in: frame)
    let time = explain.time.map { Instant(microsecondsSinceEpoch: $0) }
    guard let generation = keeper.serving else {
      return send(NoPolicyReport(folder: folder), as: explain.format, connection)
    }
    func finish(_ user: Identified, _ groups: ExplanationReport.GroupSource) {
      let login = asked.login(as: user, at: time ?? .now())
      let report = ExplanationReport(
        explanation: generation.policy.explain(login, grants: grants.grants),
        remoteHost: asked.remoteHost?.description ?? "", groupSource: groups,
        source: .init(
          generation: generation.number, digest: generation.policy.digest,
          mode: generation.policy.mode))
      send(report, as: explain.format, connection)
    }
    if let groups = explain.groups(in: frame) {
      let given = Identified(asked.user, groups: Set(groups.map { Name(bytes: $0) }))
      return finish(given, .given)
    }
    identities.find(asked.user, for: generation.identityScope, within: Self.explainTime) {
      let source: ExplanationReport.GroupSource = $0?.isKnown == false ? .unknownUser : .nss
      finish(Identified($0, of: asked.user), source)
    }
  }

  // MARK: Reports

  func status() -> StatusReport {
    var report = StatusReport(
      processID: Int(CurrentProcess.id), startedAt: startedAt, now: .now(), socket: socket,
      folder: folder,
      serving: keeper.serving.map {
        .init(
          generation: $0.number, digest: $0.policy.digest, mode: $0.policy.mode, since: $0.since,
          isKeptCopy: $0.isKeptCopy, warnings: $0.warnings)
      },
      refusal: keeper.refusal.map { .init(at: $0.at, diagnostics: $0.diagnostics) },
      counts: counts,
      identity: .init(users: identities.userCount, failing: identities.failing),
      lostEntries: log.losses.all)
    report.malformedRequests = malformedRequests
    report.monitored = keeper.serving.flatMap { shadows.monitored(by: $0) }
    report.shadow = shadows.shadow?.watched
    report.trial = keeper.trial?.state
    report.grants = grants.grants.count
    return report
  }

  func report(_ verdict: PolicyKeeper.Verdict) -> ReloadReport {
    switch verdict {
    case .loaded(let generation):
      ReloadReport(
        folder: folder,
        outcome: .loaded(
          generation: generation.number, digest: generation.policy.digest,
          mode: generation.policy.mode),
        diagnostics: generation.warnings)
    case .refused(let diagnostics):
      ReloadReport(
        folder: folder, outcome: .refused(keeping: keeper.serving?.number),
        diagnostics: diagnostics)
    case .onTrial(let trial):
      ReloadReport(folder: folder, outcome: .onTrial(trial), diagnostics: [])
    }
  }

  func send(
    _ report: some GatehouseReport.Report, as format: GatehouseWire.ReportFormat,
    _ connection: Connection
  ) {
    do {
      let text = report.render(as: Self.reportFormat(format))
      try connection.reply(report: text, exitStatus: report.status.rawValue)
    } catch {
      log.post(.error, "a report could not be sent: \(error)")
      connection.close()
    }
  }

  private static func reportFormat(
    _ format: GatehouseWire.ReportFormat
  ) -> GatehouseReport.ReportFormat {
    switch format {
    case .text: .text
    case .colouredText: .colouredText
    case .json: .json
    case .batchLine: .batchLine
    }
  }
}
