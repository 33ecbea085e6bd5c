import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// Answers questions from a policy, without the daemon.
struct PolicyAnswers {
  private let policy: Policy
  private var users: KnownUsers

  init(_ policy: Policy) {
    self.policy = policy
    users = KnownUsers(among: policy.groupNames)
  }

  /// The full explanation.
  mutating func explain(_ question: ExplainQuestion) -> ExplainedLogin {
    let (login, source) = login(question)
    return ExplainedLogin(
      explanation: policy.explain(login), remoteHost: question.from, groupSource: source,
      policy: PolicyIdentity(policy))
  }

  /// The decision without its explanation.
  mutating func decide(_ question: ExplainQuestion) -> Decision {
    policy.decide(login(question).login)
  }

  /// The login that a question is about, and where the user's groups are from.
  mutating func login(
    _ question: ExplainQuestion
  ) -> (login: Login, groups: ExplainedLogin.GroupSource) {
    var (name, groups, source) = (
      question.user, question.groups, ExplainedLogin.GroupSource.given
    )
    if groups == nil {
      let user = users[question.user]
      (name, groups, source) = (user.name, user.groups, user.isKnown ? .nss : .unknownUser)
    }
    let login = Login(
      user: name, groups: groups, service: question.service, origin: question.origin,
      time: question.time ?? .now(), role: question.role)
    return (login, source)
  }
}
