public import GatehousePolicy

/// What the serving policy decides of the login sessions that are open.
public struct SessionVerdicts: Codable, Sendable {
  /// Whether a session could be opened again.
  public struct Verdict: Codable, Sendable {
    /// The session's name, such as `7`.
    public var session: String
    /// Its user, as the directory spells the name.
    public var user: Name
    /// Where it was opened from: an address, or the machine itself.
    public var origin: Origin
    /// The PAM service that opened it.
    public var service: Name
    /// What such a login would get now.
    public var decision: Decision
    /// What would let it in; nil if it is let in, or if many are not.
    public var remedy: Explanation.Remedy?

    /// A session with its verdict.
    public init(
      session: String, user: Name, origin: Origin, service: Name, decision: Decision,
      remedy: Explanation.Remedy?
    ) {
      self.session = session
      self.user = user
      self.origin = origin
      self.service = service
      self.decision = decision
      self.remedy = remedy
    }
  }

  /// A session that cannot be judged.
  public struct Unjudged: Codable, Sendable {
    /// Why not.
    public enum Cause: String, Codable, Sendable {
      /// Nobody knows its user any more.
      case userUnknown
      /// It was opened from a host whose address is not known.
      case notAnAddress
    }

    /// The session's name.
    public var session: String
    /// Its user; nil if that is not known.
    public var user: Name?
    /// The host that it was opened from, as the login manager has it.
    public var host: String
    /// Why it cannot be judged.
    public var cause: Cause

    /// A session that cannot be judged.
    public init(session: String, user: Name?, host: String, cause: Cause) {
      self.session = session
      self.user = user
      self.host = host
      self.cause = cause
    }
  }

  /// The most sessions that are judged.
  public static let limit = 10_000

  /// The remote sessions that were judged; nil if there is no policy.
  public var verdicts: [Verdict]?
  /// The remote sessions that could not be judged.
  public var unjudged: [Unjudged]
  /// Why the sessions could not be read; nil if they could.
  public var problem: String?

  /// What is decided of the sessions.
  public init(verdicts: [Verdict]?, unjudged: [Unjudged], problem: String?) {
    self.verdicts = verdicts
    self.unjudged = unjudged
    self.problem = problem
  }
}
