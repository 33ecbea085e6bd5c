public import GatehouseControl
public import GatehousePolicy

/// Judges a new policy by the people whom it would shut out; pure.
public struct Guard {
  let old: Policy?
  let new: Policy
  let scene: GuardScene
  let allowance: LockoutAllowance

  /// A guard over the change from one policy to another.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if it is not known, and then whatever the new one
  ///     refuses counts as lost.
  ///   - new: The new policy.
  ///   - scene: The machine and its people.
  ///   - allowing: What may be lost.
  public init(
    old: Policy?, new: Policy, scene: GuardScene, allowing allowance: LockoutAllowance = .nothing
  ) {
    self.old = old
    self.new = new
    self.scene = scene
    self.allowance = allowance
  }

  /// What the guard says.
  public func verdict() -> GuardVerdict {
    GuardVerdict(judgedCount: 1)
  }
}
