/// What becomes of a login where one outcome takes another's place.
public enum AccessChange: String, CaseIterable, Comparable, Codable, Sendable {
  /// Let in before, refused now.
  case loses
  /// Refused before, let in now.
  case gains
  /// Let in by monitor mode alone now.
  case wouldLose = "would_lose"
  /// Let in by monitor mode alone before.
  case wouldGain = "would_gain"

  /// Nil where both let in, or both refuse.
  public init?(from old: Outcome, to new: Outcome) {
    switch (old.verdict, new.verdict) {
    case (.deny, .deny): return nil
    case (_, .deny): self = .loses
    case (.deny, _): self = .gains
    case _ where old.wouldDeny != new.wouldDeny: self = new.wouldDeny ? .wouldLose : .wouldGain
    default: return nil
    }
  }

  /// Orders as they are declared: what is worst comes first.
  public static func < (left: AccessChange, right: AccessChange) -> Bool {
    left.order < right.order
  }

  private var order: Int {
    switch self {
    case .loses: 0
    case .gains: 1
    case .wouldLose: 2
    case .wouldGain: 3
    }
  }
}
