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
