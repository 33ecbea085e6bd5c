public import GatehouseControl
public import GatehousePolicy

/// Judges a new policy by the people whom it would shut out; pure.
///
/// A login is lost if the old policy lets it in at some time from now on, within `horizon`, and the
/// new one does not at the same time. Grants do not count. What may not be lost is in the functions of
/// `Judgement`, one for each kind of `Lockout`; of everybody else `Plan` tells who would lose and who
/// would gain.
public struct Guard {
  /// How far ahead the policies are judged.
  public static let horizon = Duration.seconds(14 * 86_400)
  /// How old a login may be that counts as a place to come from.
  public static let placeAge = Duration.seconds(30 * 86_400)
  /// The groups whose members can repair a machine, as distributions set up sudo and polkit.
  public static let repairGroups: Set<Name> = ["sudo", "wheel", "admin"]

  private let old: Policy?
  private let new: Policy
  private let scene: GuardScene
  private let allowance: LockoutAllowance

  /// A guard over the change from one policy to another.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if it is not known, and then whatever the new one
  ///     refuses counts as lost.
  ///   - new: The new policy.
  ///   - scene: The machine and its people.
  ///   - allowance: What may be lost.
  public init(
    old: Policy?, new: Policy, scene: GuardScene, allowing allowance: LockoutAllowance = .nothing
  ) {
    self.old = old
    self.new = new
    self.scene = scene
    self.allowance = allowance
  }

  /// What the guard says.
  ///
  /// With 50,000 places and some later changes it takes about half a second.
  public func verdict() -> GuardVerdict {
    let judgement = Judgement(old: old, new: new, scene: scene)
    let losses = judgement.losses(allowing: allowance)
    let plan = Plan(judgement)
    let unjudged = judgement.unjudged.sorted()
    return GuardVerdict(
      losses: losses, losing: plan.losing.rows, gaining: plan.gaining.rows,
      losingCount: plan.losing.count, gainingCount: plan.gaining.count, isPlanCut: plan.isCut,
      judgedUntil: judgement.judgedUntil,
      unjudged: Array(unjudged.prefix(GuardVerdict.rowLimit)), unjudgedCount: unjudged.count,
      judgedCount: judgement.judged.count)
  }

  /// The groups that a person is to be read with: those that either policy names, and those of people
  /// who can repair the machine.
  public static func groups(of old: Policy?, _ new: Policy) -> Set<Name> {
    new.groupNames.union(old?.groupNames ?? []).union(repairGroups)
  }
}
