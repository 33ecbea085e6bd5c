import GatehouseFit
import GatehousePlatform
import GatehousePolicy

/// What is worth knowing of a policy that loads: the warnings of `gatehouse check`, as far as the
/// daemon can see.
struct PolicyReview: Sendable {
  /// Whether the policy fits the machine; nil if there is no machine to look at.
  let fit: PolicyFit?

  /// How long the directory may take.
  private static let patience = Duration.seconds(5)

  /// The errors and warnings of a policy that somebody has asked to load; none if it has errors
  /// already.
  func diagnostics(ofLoad load: PolicyLoad) -> [Diagnostic] {
    load.policy.map { diagnostics(of: $0, at: .reload) } ?? []
  }

  /// The errors and warnings; blocks.
  ///
  /// - Parameters:
  ///   - policy: The policy.
  ///   - occasion: Why it is looked at.
  /// - Returns: All of them, silenced ones too.
  func diagnostics(of policy: Policy, at occasion: PolicyFit.Occasion) -> [Diagnostic] {
    guard let fit else { return policy.foreignNames.map(\.warning) }
    return policy.warnings() + fit.diagnostics(of: policy, at: occasion, within: Self.patience)
  }
}
