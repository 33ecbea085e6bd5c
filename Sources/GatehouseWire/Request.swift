/// Anything that may be asked of the daemon.
public enum Request: Hashable, Sendable {
  /// A login that asks whether it may go on.
  case question(Question)
  /// Why a login would be allowed or denied.
  case explain(Explain)
  /// How the daemon is.
  case status(ReportFormat)
  /// The policy is to be read again.
  case reload(ReportFormat)
  /// A candidate policy is to serve for a time.
  case trial(Trial)
  /// Whether the candidate may be confirmed.
  case confirm(Confirm)
  /// The trial is to end now.
  case endTrial(EndTrial)
  /// A temporary permission is to be given.
  case grant(GrantOrder)
  /// Which temporary permissions there are.
  case grants(ReportFormat)
  /// A temporary permission is to end.
  case revoke(Revocation)
  /// A denial is to be shown, or turned into a permission.
  case approve(Approval)
  /// What came out differently by a policy that decides nothing yet.
  case shadow(ReportFormat)
  /// A candidate policy is to be decided beside the serving one.
  case startShadow(ReportFormat)
  /// The candidate is to be decided no longer.
  case stopShadow(ReportFormat)

  /// Reads a request; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    switch try Header.kind(of: frame) {
    case .question: self = .question(try Question(decoding: frame))
    case .explain: self = .explain(try Explain(decoding: frame))
    case .status: self = .status(try Request.format(in: frame))
    case .reload: self = .reload(try Request.format(in: frame))
    case .trial: self = .trial(try Trial(decoding: frame))
    case .confirm: self = .confirm(try Confirm(decoding: frame))
    case .endTrial: self = .endTrial(try EndTrial(decoding: frame))
    case .grant: self = .grant(try GrantOrder(decoding: frame))
    case .grants: self = .grants(try Request.format(in: frame))
    case .revoke: self = .revoke(try Revocation(decoding: frame))
    case .approve: self = .approve(try Approval(decoding: frame))
    case .shadow: self = .shadow(try Request.format(in: frame))
    case .startShadow: self = .startShadow(try Request.format(in: frame))
    case .stopShadow: self = .stopShadow(try Request.format(in: frame))
    case .answer, .report: throw .kind
    }
  }

  /// The one field of a request that has no other.
  private static func format(in frame: Span<UInt8>) throws(WireError) -> ReportFormat {
    var format: ReportFormat?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      guard tag == .format else { throw .unknownField }
      format = try ReportFormat(field, in: frame)
    }
    guard let format else { throw .missingField }
    return format
  }
}
