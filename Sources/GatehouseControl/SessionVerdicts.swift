public import GatehousePolicy

/// The login sessions that are open, and what the serving policy decides of them.
public struct SessionVerdicts: Codable, Sendable {
  /// A session, and whether it could be opened again.
  public struct Session: Codable, Sendable {
    /// The session's name, such as `7`.
    public var id: String
    /// Its user, as the directory spells the name; nil if nobody knows the user any more.
    public var user: Name?
    /// Where it was opened from.
    public var origin: Origin
    /// The host that it was opened from, as the login manager has it; nil if there is none.
    public var host: String?
    /// The PAM service that opened it.
    public var service: Name
    /// The terminal that it is on, as the login manager has it; nil if it has none.
    public var terminal: String?
    /// When it was opened; nil if the login manager does not say.
    public var since: Instant?
    /// What is decided of it.
    public var standing: Standing

    /// A session by all that is known of it.
    public init(
      id: String, user: Name?, origin: Origin, host: String? = nil, service: Name,
      terminal: String? = nil, since: Instant? = nil, standing: Standing
    ) {
      self.id = id
      self.user = user
      self.origin = origin
      self.host = host
      self.service = service
      self.terminal = terminal
      self.since = since
      self.standing = standing
    }
  }

  /// What is decided of a session.
  public enum Standing: Codable, Sendable {
    /// What such a login would get now, and what would let it in; the remedy is nil if it is let in, or
    /// if many are not.
    case decided(Decision, Explanation.Remedy?)
    /// Nothing, for this reason.
    case unjudged(Cause)
  }

  /// Why a session is not judged.
  public enum Cause: String, Codable, Sendable {
    /// Nobody knows its user any more.
    case userUnknown = "user_unknown"
    /// It is not known from which address it was opened.
    case originUnknown = "origin_unknown"
    /// It was opened at the machine itself, where the PAM line says whether a login asks at all.
    case local
    /// There is no policy.
    case noPolicy = "no_policy"
  }

  /// The most sessions that are told of.
  public static let limit = 10_000

  /// The sessions, by their names.
  public var sessions: [Session]
  /// Whether there is a policy.
  public var hasPolicy: Bool
  /// Why the sessions could not be read; nil if they could.
  public var problem: String?

  /// What is decided of the sessions.
  public init(sessions: [Session], hasPolicy: Bool, problem: String? = nil) {
    self.sessions = sessions
    self.hasPolicy = hasPolicy
    self.problem = problem
  }
}
