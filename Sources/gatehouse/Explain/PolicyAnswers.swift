import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// Answers questions from a policy that was named by its path; no daemon is asked.
struct PolicyAnswers {
  private let policy: Policy
  private let directory = SystemDirectory()
  /// What NSS said of a user, so that a batch asks once for each.
  private var known: [Name: (name: Name, groups: Set<Name>?)] = [:]

  init(_ policy: Policy) {
    self.policy = policy
  }

  /// The full explanation.
  mutating func explain(_ question: ExplainQuestion) -> ExplanationReport {
    ExplanationReport(
      explanation: policy.explain(login(question)), remoteHost: question.from,
      groupSource: question.groups == nil ? .nss : .given,
      source: .init(generation: nil, digest: policy.digest, mode: policy.mode))
  }

  /// The decision alone.
  mutating func decide(_ question: ExplainQuestion) -> Decision {
    policy.decide(login(question))
  }

  private mutating func login(_ question: ExplainQuestion) -> Login {
    let identity = question.groups.map { (question.user, $0) } ?? identity(of: question.user)
    return Login(
      user: identity.0, groups: identity.1, service: question.service, origin: question.origin,
      time: question.time ?? .now(), role: question.role)
  }

  private mutating func identity(of user: Name) -> (name: Name, groups: Set<Name>?) {
    if let identity = known[user] { return identity }
    let reading = try? directory.reading(of: user, among: policy.groupNames)
    let identity = (name: reading?.name ?? user, groups: reading?.groups)
    known[user] = identity
    return identity
  }
}
