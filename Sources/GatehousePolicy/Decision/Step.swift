/// The steps of a decision, by their numbers in gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// The first one whose condition holds decides.
enum Step: Int, CaseIterable {
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

  /// The condition in words.
  var condition: String {
    switch self {
    case .notChecked: "the policy is off, or does not check the service"
    case .roleMembership: "a role was asked for, and the user is not a member of it"
    case .breakGlass: "the user is in break_glass, at an address that it allows"
    case .local: "the origin is local"
    case .originUnknown: "the origin is unknown"
    case .blocked: "the address is in block"
    case .granted: "the user has a grant for the address, and for the role if one was asked for"
    case .identity: "the policy names groups, and the user's could not be read"
    case .userList: "the user must have an only_from, and has none"
    case .confined: "an only_from that applies does not hold the address"
    case .listed: "no list that applies holds the address"
    case .requiredRole: "a role is required, and none is available from here"
    case .askedRole: "a role was asked for, and it is not available from here"
    case .allowed: "none of the above"
    }
  }
}
