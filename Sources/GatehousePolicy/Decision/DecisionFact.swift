/// What a step of a decision found.
///
/// The command puts it into words.
public enum DecisionFact: Hashable, Codable, Sendable {
  /// A list of the policy, by its scope and key.
  public struct List: Hashable, Codable, Sendable {
    /// The scope of the list.
    public let scope: Scope
    /// Its key.
    public let key: ListKey
    /// The location of its key.
    public let location: SourceLocation

    init(_ list: AddressList) {
      scope = list.scope
      key = list.key
      location = list.location
    }

    /// Its path in the policy: `users.deploy.only_from`.
    public var path: String { scope.path(of: key) }
  }

  // Step 1.
  case off
  case serviceUnchecked(service: Name, location: SourceLocation)
  case serviceChecked(service: Name, mode: Mode)

  // Step 2; the first of step 13 too.
  case noRoleAsked
  case member(user: Name, role: Name)
  case membershipUnknown(user: Name, role: Name)
  case roleUndeclared(role: Name)
  case notMember(user: Name, role: Name)

  // Step 3.
  case notInBreakGlass(user: Name)
  case breakGlassWithoutAddress(user: Name)
  case inBreakGlass(user: Name, location: SourceLocation)

  // Steps 4 and 5.
  case remoteHost
  case noRemoteHost
  case originUnknown
  case originAddress(address: IPAddress)

  // Step 6.
  case nothingBlocked
  case notBlocked(address: IPAddress)
  case blocked(address: IPAddress, location: SourceLocation)

  // Step 7.
  case noGrant(user: Name, address: IPAddress)
  case noGrantForRole(user: Name, address: IPAddress, role: Name)
  case granted(id: String, until: Instant)

  // Step 8.
  case groupsRead
  case noGroupNamed
  case groupsUnknown(user: Name)

  // Step 9.
  case noUserListRequired(user: Name)
  case userListPresent(list: List)
  case userListMissing(user: Name, requirement: SourceLocation)

  // Step 10.
  case nothingConfines
  case confinementsHold(address: IPAddress)

  // Step 11; the first of step 14 too.
  case noBaseList
  case inNoList(address: IPAddress, lists: [List])

  // Step 12.
  case noRoleRequired
  case rolesAvailable(roles: [Name])
  case noRoleOfUser(user: Name, requirement: SourceLocation)
  case noRoleAvailable(roles: [Name], requirement: SourceLocation)

  // Step 13.
  case roleAvailable(role: Name)
  case roleUnavailable(role: Name, list: List?)

  // Step 14.
  case noListConcerns(user: Name)

  // Steps 3, 10, 11 and 14.
  case listHolds(list: List, address: IPAddress)
  case listLacks(list: List, address: IPAddress)
}

/// The steps of a decision, by their numbers in gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// The first one whose condition holds decides.
public enum DecisionStep: Int, CaseIterable, Codable, Sendable {
  case notChecked = 1
  case roleMembership = 2
  case breakGlass = 3
  case local = 4
  case originUnknown = 5
  case blocked = 6
  case granted = 7
  case identity = 8
  case userList = 9
  case confined = 10
  case listed = 11
  case requiredRole = 12
  case askedRole = 13
  case allowed = 14
}

/// Records how a decision is made.
protocol DecisionRecorder {
  /// A step begins; `note` follows.
  func begin(_ step: DecisionStep)
  /// What the step found.
  func note(_ fact: @autoclosure () -> DecisionFact)
}

/// Records nothing, so a decision that is not explained makes no facts.
struct NoRecorder: DecisionRecorder {
  func begin(_ step: DecisionStep) {}
  func note(_ fact: @autoclosure () -> DecisionFact) {}
}

/// Keeps what each step found.
final class ExplanationRecorder: DecisionRecorder {
  /// The steps that were reached, in order, each with what it found.
  private var facts: [(step: DecisionStep, fact: DecisionFact?)] = []

  func begin(_ step: DecisionStep) {
    facts.append((step, nil))
  }

  func note(_ fact: @autoclosure () -> DecisionFact) {
    guard let last = facts.indices.last else { return }
    facts[last].fact = fact()
  }

  /// Every step; the last one that was reached has decided.
  var steps: [Explanation.Step] {
    DecisionStep.allCases.map { step in
      let judged = facts.first { $0.step == step }
      let outcome: Explanation.Step.Outcome =
        step == facts.last?.step ? .decided : judged == nil ? .notReached : .passed
      return Explanation.Step(step: step, outcome: outcome, fact: judged?.fact)
    }
  }
}
