/// Who may log in from one origin: the decision about each user, and the one about everyone else.
public struct Admissions: Sendable {
  /// A user, as far as a directory knows them.
  public struct User: Hashable, Sendable {
    /// As the directory writes it, or as the policy does if no directory knows the user.
    public let name: Name
    /// The groups that the user is certainly in, of those that the policy names.
    public let groups: Set<Name>
    /// The groups of which it is unknown whether the user is in them.
    public let unsureGroups: Set<Name>
    /// Whether the user has uid 0; nil if no directory knows the user.
    public let isRoot: Bool?
    /// Whether a directory knows the user.
    public var isKnown: Bool { isRoot != nil }

    /// A user with all that matters of them.
    public init(name: Name, groups: Set<Name>, unsureGroups: Set<Name> = [], isRoot: Bool?) {
      self.name = name
      self.groups = groups
      self.unsureGroups = unsureGroups
      self.isRoot = isRoot
    }
  }

  /// A user, and the decision about them.
  public struct Answer: Sendable {
    /// Whom it is about.
    public let user: User
    /// The decision.
    public let decision: Decision
  }

  /// The decisions, in the order in which the users were given.
  public let answers: [Answer]
  /// The decision about a user that the policy does not name, in no group that it names.
  public let everyoneElse: Decision

  /// Decides about each of these users.
  ///
  /// A user whom no directory knows is decided on as if there were one: the policy may be for another
  /// machine.
  public init(
    by policy: Policy, of users: [User], from origin: Origin, service: Name, at time: Instant,
    grants: [Grant] = []
  ) {
    func decision(about user: User) -> Decision {
      policy.decide(
        Login(
          user: user.name, groups: user.groups, unsureGroups: user.unsureGroups,
          isRoot: user.isRoot, service: service, origin: origin, time: time),
        grants: grants)
    }
    answers = users.map { Answer(user: $0, decision: decision(about: $0)) }
    let stranger = Name.unnamed(among: Set(policy.mentionedUsers.keys))
    everyoneElse = decision(about: User(name: stranger, groups: [], isRoot: false))
  }
}
