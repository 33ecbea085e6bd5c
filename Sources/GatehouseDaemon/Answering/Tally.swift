import GatehouseControl
import GatehousePolicy

extension DaemonStatus.Counts {
  /// Counts an answered question.
  mutating func count(_ decision: Decision) {
    switch decision.verdict {
    case _ where decision.reason == .noPolicy: noPolicy += 1
    case .allow: allow += 1
    case .deny: deny += 1
    case .ignore: ignore += 1
    }
    if decision.wouldDeny { wouldDeny += 1 }
    reasons[decision.reason, default: 0] += 1
  }
}
