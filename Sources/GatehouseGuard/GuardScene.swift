public import GatehouseIdentity
public import GatehousePolicy
public import GatehouseRecord

/// What the guard knows of the machine and of the people who come to it.
public struct GuardScene: Sendable {
  /// Who somebody is.
  public enum Person: Hashable, Sendable {
    /// What the directory says, with the groups of `Guard.groups(of:_:)`.
    case known(UserIdentity)
    /// The directory did not answer: its error.
    case unreadable(String)
  }

  /// The session that asks; nil if nobody does.
  public var asker: OpenSession?
  /// The sessions that are open, the asker's included.
  public var sessions: [OpenSession]
  /// The PAM lines by which sudo and su ask.
  public var roleLines: [RoleLine]
  /// The people by name.
  ///
  /// For whoever is missing there was no time to read the groups: they are among those whose loss does
  /// not refuse a policy.
  public var people: [Name: Person]
  /// Who has come from where.
  public var record: LoginRecord
  /// What could not be read.
  public var unread: [UnreadPart]
  /// The present.
  public var now: Instant

  /// A part of the scene that could not be read.
  public struct UnreadPart: Hashable, Sendable {
    /// Whose it is; nil if that is not known.
    public var user: Name?
    /// The id of the session; nil if it is not about one.
    public var session: String?
    /// Whether it is a session that does not tell where it came from.
    public var isSession: Bool
    /// The error of the system; nil if there is none.
    public var problem: String?

    /// A part that could not be read.
    public init(user: Name?, session: String?, isSession: Bool, problem: String?) {
      self.user = user
      self.session = session
      self.isSession = isSession
      self.problem = problem
    }
  }

  /// A scene with all its parts.
  public init(
    asker: OpenSession? = nil, sessions: [OpenSession] = [], roleLines: [RoleLine] = [],
    people: [Name: Person] = [:], record: LoginRecord, unread: [UnreadPart] = [], now: Instant
  ) {
    self.asker = asker
    self.sessions = sessions
    self.roleLines = roleLines
    self.people = people
    self.record = record
    self.unread = unread
    self.now = now
  }
}
