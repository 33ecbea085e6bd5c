import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import GatehouseWire

/// The answer to a login.
enum LoginAnswer: Sendable {
  /// The serving policy decided.
  case decided(Decision)
  /// No policy serves; the module's option `onerr` decides.
  case noPolicy
  /// The login is local, and its PAM line leaves local logins alone: nothing is decided or logged.
  case local

  /// The decision; nil if nothing was decided.
  var decision: Decision? {
    if case .decided(let decision) = self { decision } else { nil }
  }

  /// The reason, as the log and the module get it.
  var reason: String {
    switch self {
    case .decided(let decision): decision.reason.rawValue
    case .noPolicy: LoginHistory.noPolicy
    case .local: Reason.local.rawValue
    }
  }

  /// The answer, as the module gets it.
  var wire: AnswerDecision {
    switch self {
    case .decided(let decision):
      switch decision.verdict {
      case .allow: .allow
      case .deny: .deny
      case .ignore: .ignore
      }
    case .noPolicy: .noPolicy
    case .local: .local
    }
  }
}

extension DaemonStatus.Counts {
  /// Counts an answered login; one that is left alone as local does not count.
  mutating func count(_ answer: LoginAnswer) {
    switch answer {
    case .decided(let decision):
      switch decision.verdict {
      case .allow: allow += 1
      case .deny: deny += 1
      case .ignore: ignore += 1
      }
      if decision.wouldDeny { wouldDeny += 1 }
      reasons[decision.reason, default: 0] += 1
    case .noPolicy: noPolicy += 1
    case .local: break
    }
  }
}
