import GatehouseReport
import GatehouseSystem
import GatehouseWire

extension Answerer {
  // MARK: The candidate in the shadow

  func startShadow(
    _ format: GatehouseWire.ReportFormat, _ connection: Connection
  ) throws(WireError) {
    let attached: SealedFile?
    do throws(SealedFile.Failure) {
      attached = try connection.takeFile(atMost: WireLimit.policy)
    } catch {
      let problem = "the candidate that was sent cannot be used: \(error)"
      return send(ShadowStepReport(.failed(problem)), as: format, connection)
    }
    guard let attached else { throw .missingField }
    shadows.start(attached) { [unowned self] report in send(report, as: format, connection) }
  }
}
