public import GatehousePolicy

/// What the questions of a process gave that were tests.
public struct PAMTestResult: Codable, Sendable {
  /// What became of the request.
  public enum Outcome: String, Codable, Sendable {
    /// The process has ended, and these are its questions.
    case ended
    /// There is no such process, or another one has its number now.
    case noSuchProcess = "no_such_process"
    /// Too many such requests are open, or one for this process is.
    case busy
  }

  /// A question and its answer.
  public struct Answered: Codable, Sendable {
    /// The PAM service, as it was judged.
    public var service: Name
    /// The user, as the module gave the name.
    public var user: Name
    /// Where the login comes from, as the daemon resolved it.
    public var origin: Origin
    /// The role that was asked for; nil if none was.
    public var role: Name?
    /// The networks that were asked about, joined by commas; nil if the policy was asked.
    public var network: Name?
    /// Whether it was asked if a second factor is needed, instead of the policy's lists.
    public var asksFactor: Bool
    /// `allow`, `deny`, `ignore`, `no_policy`, or `local` for a local login that is the module's.
    public var answer: String
    /// The reason's name.
    public var reason: String
    /// The rule that decided; nil if none did.
    public var rule: SourceLocation?
    /// Whether only monitor mode let the login in.
    public var wouldDeny: Bool
    /// The roles that are available, sorted.
    public var roles: [Name]
    /// What the user can quote; empty if there is none.
    public var id: String
    /// The text for the user; empty if the module says it, or nothing is said.
    public var message: String

    /// A question with its answer.
    public init(
      service: Name, user: Name, origin: Origin, role: Name?, network: Name?,
      asksFactor: Bool = false, answer: String, reason: String, rule: SourceLocation? = nil,
      wouldDeny: Bool = false, roles: [Name] = [],
      id: String = "", message: String = ""
    ) {
      self.service = service
      self.user = user
      self.origin = origin
      self.role = role
      self.network = network
      self.asksFactor = asksFactor
      self.answer = answer
      self.reason = reason
      self.rule = rule
      self.wouldDeny = wouldDeny
      self.roles = roles
      self.id = id
      self.message = message
    }
  }

  /// What became of the request.
  public var outcome: Outcome
  /// The questions, in the order in which they were answered.
  public var answers: [Answered]
  /// Whether there were more than are kept.
  public var isCut: Bool

  /// The result of a request.
  public init(_ outcome: Outcome, answers: [Answered] = [], isCut: Bool = false) {
    self.outcome = outcome
    self.answers = answers
    self.isCut = isCut
  }
}
