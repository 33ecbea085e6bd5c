import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// Answers questions from a policy that was named by its path; no daemon is asked.
struct PolicyAnswers {
  /// A user, as given with the question or as NSS has it.
  private struct User {
    let name: Name
    let groups: Set<Name>?
    let source: ExplanationReport.GroupSource
  }

  private let policy: Policy
  private let directory = SystemDirectory()
  /// What NSS said of a user, so that a batch asks once for each.
  private var known: [Name: User] = [:]

  init(_ policy: Policy) {
    self.policy = policy
  }

  /// The full explanation.
  mutating func explain(_ question: ExplainQuestion) -> ExplanationReport {
    let (login, source) = login(question)
    return ExplanationReport(
      explanation: policy.explain(login), remoteHost: question.from, groupSource: source,
      source: .init(policy))
  }

  /// The decision alone.
  mutating func decide(_ question: ExplainQuestion) -> Decision {
    policy.decide(login(question).login)
  }

  /// The question with the user's own name and groups, and where those are from.
  mutating func login(
    _ question: ExplainQuestion
  ) -> (login: Login, groups: ExplanationReport.GroupSource) {
    let user = user(of: question)
    let login = Login(
      user: user.name, groups: user.groups, service: question.service, origin: question.origin,
      time: question.time ?? .now(), role: question.role)
    return (login, user.source)
  }

  private mutating func user(of question: ExplainQuestion) -> User {
    if let groups = question.groups {
      return User(name: question.user, groups: groups, source: .given)
    }
    if let user = known[question.user] { return user }
    let reading = try? directory.reading(of: question.user, among: policy.groupNames)
    let user = User(
      name: reading?.name ?? question.user, groups: reading?.groups,
      source: reading?.isKnown == false ? .unknownUser : .nss)
    known[question.user] = user
    return user
  }
}
