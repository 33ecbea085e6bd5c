public import GatehouseControl
import GatehousePolicy

/// The report of `gatehouse revoke`: what became of each grant.
public struct RevocationReport: Report {
  private let verdicts: [GrantVerdict]

  /// A report on the answers of the daemon, in their order.
  public init(_ verdicts: [GrantVerdict]) { self.verdicts = verdicts }

  /// Yes if all of them are over.
  public var status: ReportStatus { verdicts.allSatisfy { $0.status == .yes } ? .yes : .no }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] { verdicts.flatMap { $0.text(coloured: coloured) } }

  /// `revoked`, or `refused` if one was.
  public var outcomeWord: String { status == .yes ? "revoked" : "refused" }

  /// Why the first was refused.
  public var failure: ReportFailure? { verdicts.lazy.compactMap(\.failure).first }

  /// Writes the grants that are over, and why others were refused.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("grants", verdicts.compactMap(\.grant))
    writer.member("refused", verdicts.compactMap(\.failure))
  }
}
