import GatehouseChange
import GatehousePolicy
import GatehouseReport
import GatehouseWire

extension RunningDaemon {
  /// Has it serve a candidate for so many seconds.
  func trial(
    _ candidate: SnapshotArchive, for seconds: UInt32, by author: ChangeRecord.Author?,
    exempt: Set<Name>, _ format: GatehouseReport.ReportFormat
  ) throws(CommandFailure) -> Answer {
    var frame = Frame(.trial, by: author, format)
    frame.append(.duration, word: seconds)
    let names = Array(exempt.sorted().map(\.bytes).joined(separator: ",".utf8))
    if !names.isEmpty { frame.append(.exempt, names.span, cutAt: WireLimit.exempt) }
    return try ask(frame, attaching: candidate, patience: Self.reloadPatience)
  }

  /// Asks whether this process may confirm the candidate of that digest.
  func mayConfirm(
    _ digest: String, by author: ChangeRecord.Author?, _ format: GatehouseReport.ReportFormat
  ) throws(CommandFailure) -> Answer {
    var frame = Frame(.confirm, by: author, format)
    frame.append(.digest, digest.utf8)
    return try ask(frame)
  }

  /// Has it end the trial and serve what stands in its folder.
  func endTrial(
    by author: ChangeRecord.Author?, _ format: GatehouseReport.ReportFormat
  ) throws(CommandFailure) -> Answer {
    try ask(Frame(.endTrial, by: author, format), patience: Self.reloadPatience)
  }
}

extension Frame {
  /// A request that is recorded with the name of who makes it.
  fileprivate init(
    _ kind: Kind, by author: ChangeRecord.Author?, _ format: GatehouseReport.ReportFormat
  ) {
    self.init(kind)
    append(.user, Array((author?.user ?? "root").bytes).span, cutAt: WireLimit.user)
    if let address = author?.address { append(.remoteHost, address.description.utf8) }
    append(.format, byte: GatehouseWire.ReportFormat(format).rawValue)
  }
}
