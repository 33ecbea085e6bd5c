public import GatehousePolicy

/// Something that somebody has under the old policy and would lose under the new one, and without
/// which the machine might no longer be repaired.
public struct Lockout: Hashable, Codable, Sendable {
  /// What is lost.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// A session that is open could not be opened again, or could no longer use sudo or su.
    case login
    /// A session that is open could no longer use sudo or su with the role that their PAM line
    /// asks for.
    case role
    /// None of the addresses is left from which somebody came who can repair the machine.
    case lastPlace = "last_place"
    /// Nobody could log in by break-glass any more.
    case breakGlass = "break_glass"
    /// Somebody who can repair the machine could no longer log in at its console.
    case console
  }

  /// Why a loss does not refuse the policy.
  public enum Excuse: String, Codable, Sendable {
    /// The new policy says so in plain words: the user's own `only_from: [nowhere]`, or `block`.
    case meant
    /// `--allow-lockout` names whoever loses it.
    case allowed
  }

  /// What was missing for a loss to count as meant.
  public enum MissingCondition: String, Codable, Sendable {
    /// The one who asks would lose something, too.
    case askerKeeps = "asker_keeps"
    /// Nobody else who can repair the machine would keep a place to come from.
    case anotherKeeps = "another_keeps"
  }

  /// What is lost.
  public var kind: Kind
  /// The users who lose it; for break-glass, users and groups; sorted.
  public var names: [Name]
  /// The role that is lost; nil if it is not a role.
  public var role: Name?
  /// The id of the session that could not be opened again; nil if logind has none for it, or it is
  /// not about a session.
  public var session: String?
  /// Where the login that was judged came from; the last address for a last place; nil for
  /// break-glass.
  public var origin: Origin?
  /// The PAM service of that login; nil for break-glass.
  public var service: Name?
  /// Whether it is a loss of the session that asks.
  public var isOwn: Bool
  /// From when on; nil for now.
  public var at: Instant?
  /// The new policy's decision on that login; nil for break-glass.
  public var decision: Decision?
  /// Why it does not refuse the policy; nil if it does.
  public var excuse: Excuse?
  /// For a loss that the new policy states in plain words: why it does not count as meant.
  public var missing: MissingCondition?

  /// A loss with all its parts.
  public init(
    _ kind: Kind, names: [Name], role: Name? = nil, session: String? = nil, origin: Origin? = nil,
    service: Name? = nil, isOwn: Bool = false, at: Instant? = nil, decision: Decision? = nil,
    excuse: Excuse? = nil
  ) {
    self.kind = kind
    self.names = names
    self.role = role
    self.session = session
    self.origin = origin
    self.service = service
    self.isOwn = isOwn
    self.at = at
    self.decision = decision
    self.excuse = excuse
  }

  /// Whether it refuses the policy.
  public var isObstacle: Bool { excuse == nil }
}
