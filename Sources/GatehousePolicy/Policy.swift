/// A policy that loaded without error: a value that never changes, safe to ask from any thread.
public final class Policy: Sendable {
  /// The text that a refused user reads.
  public let message: MessageTemplate
  /// Every group that a rule names.
  ///
  /// A reading of a user's groups is good only if each of these was found or reported absent.
  public let groupNames: Set<Name>
  /// The SHA-256 of all files' names and content, in lowercase hexadecimal.
  public let digest: String
  /// How long an earlier good reading of a user's groups may be used: `identity.max_age`.
  public let identityMaxAge: Duration
  /// What bounds the grants.
  public let grantLimits: GrantLimits

  let rules: Rules
  let tests: [PolicyTest]
  /// The warnings that nobody wants to hear, for the policy says so.
  let silenced: Set<WarningName>

  init(
    rules: Rules, tests: [PolicyTest], message: MessageTemplate, silenced: Set<WarningName>,
    identityMaxAge: Duration, grantLimits: GrantLimits, digest: String
  ) {
    self.rules = rules
    self.tests = tests
    self.message = message
    self.silenced = silenced
    self.identityMaxAge = identityMaxAge
    self.grantLimits = grantLimits
    self.digest = digest
    groupNames = rules.groupNames
  }

  /// What its decisions are for.
  public var mode: Mode { rules.mode }

  /// Decides a login.
  ///
  /// The grants may be all that there are, or none where it is the policy alone that is judged.
  public func decide(_ login: consuming Login, grants: [Grant] = []) -> Decision {
    let engine = DecisionEngine(rules, login: login, grants: grants, recorder: NoRecorder())
    return engine.decide()
  }
}
