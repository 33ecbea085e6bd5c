import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GuardKit

/// A time of `present` and some days, hours or minutes, as a policy writes it.
func written(days: Int = 0, hours: Int = 0, minutes: Int = 0) -> String {
  (present + .seconds(((days * 24 + hours) * 60 + minutes) * 60)).description
}

extension Village {
  func verdict(
    _ old: String?, _ new: String, allowing: LockoutAllowance = .nothing
  ) throws -> GuardVerdict {
    try Guard(
      old: old.map(policy), new: policy(new), scene: scene, allowing: allowing
    ).verdict()
  }

  /// What would be lost: `login alice 192.0.2.7 confined`; with the hours until then, and the excuse.
  func losses(
    _ old: String?, _ new: String, allowing: LockoutAllowance = .nothing
  ) throws -> [String] {
    try verdict(old, new, allowing: allowing).losses.map(\.summary)
  }
}

extension Lockout {
  var summary: String {
    var words = [kind.rawValue, names.map(\.description).joined(separator: "+")]
    if let role { words.append("role \(role)") }
    if let origin { words.append(origin.description) }
    if let service, service != "sshd" { words.append("by \(service)") }
    if let decision { words.append(decision.reason.rawValue) }
    if let at { words.append("in \((at - present).components.seconds / 3600)h") }
    if isOwn { words.append("own") }
    if let excuse { words.append("(\(excuse.rawValue))") }
    if let missing { words.append("(not meant: \(missing.rawValue))") }
    return words.joined(separator: " ")
  }
}

extension PlanRow {
  var summary: String {
    var words = ["\(user)", "\(origin)", "\(service)", reason.rawValue]
    if let at { words.append("in \((at - present).components.seconds / 3600)h") }
    return words.joined(separator: " ")
  }
}

let anywhere = "everyone: {from: [anywhere]}"
let office = "everyone: {from: [192.0.2.0/24]}"
