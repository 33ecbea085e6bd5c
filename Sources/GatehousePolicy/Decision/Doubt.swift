/// What is unknown of a user, and whether the answer of steps 12 to 17 depends on it.
///
/// What a group would add is known in advance: it denies (one of its lists does not hold the origin, or it
/// wants a list of the user's own), or it can only help (lists that admit, roles). So two of all the
/// combinations stand for all of them: the user in none of the unsure groups, and in all of those that can
/// only help.
struct Doubt {
  /// Whether the directory might spell the name in another way, and the policy has rules for users.
  let isNameInDoubt: Bool
  /// Whether the answer depends on what is unknown.
  let matters: Bool

  init(
    of login: borrowing Login, _ rules: borrowing Rules, _ applicable: borrowing ApplicableRules
  ) {
    isNameInDoubt = !login.isNameSure && rules.namesUsers
    guard !isNameInDoubt else {
      matters = true
      return
    }
    var unsure = rules.unsureGroups(of: login)
    if let breakGlass = applicable.breakGlass, applicable.mayBreakGlass(login) {
      // An earlier step lets in whoever is in one of these.
      unsure.subtract(breakGlass.members.groups)
    }
    let hasOwnList = applicable.user?.onlyFrom(for: login.service) != nil
    var least = copy login
    least.groups = login.groups ?? []
    least.unsureGroups = []
    least.isNameSure = true
    var most = least
    var mayBeDenied = false
    for group in unsure {
      if rules.denies(least, asMemberOf: group, hasOwnList: hasOwnList) {
        mayBeDenied = true
      } else {
        most.groups?.insert(group)
      }
    }
    func isAllowed(_ login: Login) -> Bool {
      DecisionEngine(rules, login: login, recorder: NoRecorder()).isAllowedByLists
    }
    matters = isAllowed(least) ? mayBeDenied : isAllowed(most)
  }
}

extension Rules {
  /// The groups of which it is unknown whether the user is in them.
  borrowing func unsureGroups(of login: borrowing Login) -> Set<Name> {
    if login.groups != nil { return login.unsureGroups }
    return Set(groups.keys).union(rolesOfGroup.keys)
  }

  /// Whether what a group says, or a role by it, denies a login by steps 12 and 13.
  fileprivate borrowing func denies(
    _ login: borrowing Login, asMemberOf group: Name, hasOwnList: Bool
  ) -> Bool {
    let origin = login.origin
    let time = login.time
    let service = login.service
    func denies(_ rules: some ServiceScoped, _ requiresUserList: SourceLocation?) -> Bool {
      if requiresUserList != nil, !hasOwnList { return true }
      func confinesElsewhere(_ list: AddressList) -> Bool {
        list.effect.confines && !list.contains(origin, at: time)
      }
      return rules.lists.contains(where: confinesElsewhere)
        || rules.lists(for: service).contains(where: confinesElsewhere)
    }
    if let rules = groups[group], denies(rules, rules.requiresUserList) { return true }
    return (rolesOfGroup[group] ?? []).contains { name in
      roles[name].map { denies($0, $0.requiresUserList) } ?? false
    }
  }
}
