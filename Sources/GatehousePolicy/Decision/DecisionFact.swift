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

  // Step 2; the first of step 16 too.
  case noRoleAsked
  case member(user: Name, role: Name)
  case membershipUnknown(user: Name, role: Name)
  case roleUndeclared(role: Name)
  case notMember(user: Name, role: Name)

  // Step 3.
  case notInBreakGlass(user: Name)
  case breakGlassWithoutAddress(user: Name)
  case breakGlassUnknown(user: Name)
  /// Step 4 too.
  case inBreakGlass(user: Name, location: SourceLocation)

  // Steps 4 and 5.
  case originNotLocal
  case everyoneLocal(service: Name)
  case rootIsLocal(user: Name)
  case inLocal(user: Name, location: SourceLocation)
  case notInLocal(user: Name, location: SourceLocation)

  // Steps 6 and 7.
  case addressGiven
  case noAddress(service: Name)
  case originUnknown
  case sessionUnclear
  case originKnown(origin: Origin)

  // Step 8.
  case nothingBlocked
  case notBlocked(origin: Origin)
  case blocked(origin: Origin, location: SourceLocation)

  // Step 9.
  case virtualAccounts(service: Name, location: SourceLocation)
  case userNotUnknown(user: Name)
  case userUnknown(user: Name)

  // Step 10.
  case noGrant(user: Name, origin: Origin)
  case noGrantForRole(user: Name, origin: Origin, role: Name)
  case granted(id: String, until: Instant)

  // Step 11; the last of step 5 too.
  case groupsRead
  case noGroupNamed
  case groupsUnknown(user: Name)
  case groupsDoNotMatter(user: Name)
  case nameUnknown(user: Name)

  // Step 12.
  case noUserListRequired(user: Name)
  case userListPresent(list: List)
  case userListMissing(user: Name, requirement: SourceLocation)

  // Step 13.
  case nothingConfines
  case confinementsHold(origin: Origin)

  // Step 14; the first of step 17 too.
  case noBaseList
  case inNoList(origin: Origin, lists: [List])

  // Step 15.
  case noRoleRequired
  case rolesAvailable(roles: [Name])
  case noRoleOfUser(user: Name, requirement: SourceLocation)
  case noRoleAvailable(roles: [Name], requirement: SourceLocation)

  // Step 16.
  case roleAvailable(role: Name)
  case roleUnavailable(role: Name, list: List?)

  // Step 17.
  case noListConcerns(user: Name)

  // Steps 3, 13, 14 and 17.
  case listHolds(list: List, origin: Origin)
  case listLacks(list: List, origin: Origin)
}

/// The steps of a decision, by their numbers in gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// The first one whose condition holds decides.
public enum DecisionStep: Int, CaseIterable, Comparable, Codable, Sendable {
  case notChecked = 1
  case roleMembership = 2
  case breakGlass = 3
  case local = 4
  case localNotListed = 5
  case noAddress = 6
  case originUnknown = 7
  case blocked = 8
  case userUnknown = 9
  case granted = 10
  case identity = 11
  case userList = 12
  case confined = 13
  case listed = 14
  case requiredRole = 15
  case askedRole = 16
  case allowed = 17

  /// Orders as the steps are taken.
  public static func < (left: DecisionStep, right: DecisionStep) -> Bool {
    left.rawValue < right.rawValue
  }
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
