import GatehouseWire

extension Answerer {
  // MARK: The candidate in the shadow

  func startShadow(
    _ format: GatehouseWire.ReportFormat, _ connection: Connection
  ) throws(WireError) {
    shadows.start(try candidate(from: connection)) { [unowned self] report in
      send(report, as: format, connection)
    }
  }
}
