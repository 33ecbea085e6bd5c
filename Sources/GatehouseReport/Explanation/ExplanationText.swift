import GatehouseControl
public import GatehousePolicy

// An explanation's values in words.

extension DecisionStep {
  /// The condition under which the step decides, as a clause.
  var condition: String {
    switch self {
    case .notChecked: "the policy is off, or does not check the service"
    case .roleMembership: "a role was asked for, and the user is not a member of it"
    case .breakGlass: "the user is in break_glass, and it allows the origin"
    case .local: "the origin is local, and the user may be there"
    case .localNotListed: "the origin is local"
    case .noAddress: "the program gave no address, and serves the network"
    case .originUnknown: "the origin is unknown otherwise"
    case .blocked: "the origin is in block"
    case .userUnknown: "there is no such user"
    case .granted: "the user has a grant for the origin, and for the role if one was asked for"
    case .identity: "the policy names groups, and the user's could not be read"
    case .userList: "the user must have an only_from, and has none"
    case .confined: "an only_from that applies does not hold the origin"
    case .listed: "no list that applies holds the origin"
    case .requiredRole: "a role is required, and none is available from here"
    case .askedRole: "a role was asked for, and it is not available from here"
    case .allowed: "none of the above"
    }
  }
}

extension Explanation.Step {
  /// What the step found, in words; empty if it was not reached.
  public var detail: String { fact?.text ?? "" }
}

extension DecisionFact {
  /// What was found, in words.
  var text: String {
    switch self {
    case .off: "mode is off"
    case .serviceUnchecked(let service, let location):
      "services.\(service) has check: false (\(location.fileAndLine))"
    case .serviceChecked(let service, let mode):
      "mode is \(mode.rawValue), and \(service) is checked"
    case .noRoleAsked: "no role was asked for"
    case .member(let user, let role): "\(user) is a member of the role \(role)"
    case .membershipUnknown(let user, let role):
      "whether \(user) is a member of the role \(role) could not be found out"
    case .roleUndeclared(let role): "there is no role \(role)"
    case .notMember(let user, let role): "\(user) is not a member of the role \(role)"
    case .notInBreakGlass(let user): "\(user) is not in break_glass"
    case .breakGlassWithoutAddress(let user):
      "\(user) may be in break_glass, but the origin is not an address"
    case .breakGlassUnknown(let user):
      "whether \(user) is in break_glass could not be found out"
    case .inBreakGlass(let user, let location):
      "\(user) is in break_glass (\(location.fileAndLine))"
    case .originNotLocal: "the origin is not local"
    case .everyoneLocal(let service): "the origin is local, and \(service) lets everybody in there"
    case .rootIsLocal(let user): "the origin is local, and \(user) has uid 0"
    case .inLocal(let user, let location):
      "the origin is local, and \(user) is in local (\(location.fileAndLine))"
    case .notInLocal(let user, let location):
      "the origin is local, and \(user) is not in local (\(location.fileAndLine))"
    case .addressGiven: "the program gave an address, or another origin"
    case .noAddress(let service):
      "\(service) gave no address, and serves the network for all that is known"
    case .originUnknown: "the remote host is not an address"
    case .sessionUnclear: "the login session does not tell where its user came from"
    case .originKnown(.address(let address)): "the origin is the address \(address)"
    case .originKnown(let origin): "the origin is \(origin.inWords)"
    case .nothingBlocked: "nothing is blocked"
    case .notBlocked(let origin): "block does not hold \(origin.inWords)"
    case .blocked(let origin, let location):
      "block (\(location.fileAndLine)) holds \(origin.inWords)"
    case .virtualAccounts(let service, let location):
      "the users of \(service) are not the machine's (\(location.fileAndLine))"
    case .userNotUnknown(let user): "\(user) is not known to be missing"
    case .userUnknown(let user): "there is no user \(user) on this machine"
    case .noGrant(let user, let origin): "there is no grant for \(user) from \(origin.inWords)"
    case .noGrantForRole(let user, let origin, let role):
      "no grant for \(user) from \(origin.inWords) names the role \(role)"
    case .granted(let id, let until): "there is the grant \(id), until \(until)"
    case .groupsRead: "the groups were read"
    case .noGroupNamed: "the policy names no group"
    case .groupsUnknown(let user):
      "it depends on groups of which it is unknown if \(user) is in them"
    case .groupsDoNotMatter(let user):
      "not everything is known of \(user), but it does not matter here"
    case .nameUnknown(let user):
      "the directory could not say who \(user) is, and the policy names users"
    case .noUserListRequired(let user): "no group or role of \(user) requires a list"
    case .userListPresent(let list): "\(list.text) is there"
    case .userListMissing(let user, let requirement):
      "requires_user_list (\(requirement.fileAndLine)) asks for "
        + Scope.user(user).path(of: .onlyFrom)
    case .nothingConfines: "no only_from applies"
    case .confinementsHold(let origin): "every only_from that applies holds \(origin.inWords)"
    case .noBaseList: "there is no base list, so every origin is in it"
    case .inNoList(let origin, let lists):
      "\(origin.inWords) is in none of: " + lists.map(\.text).joined(separator: ", ")
    case .noRoleRequired: "no role is required"
    case .rolesAvailable(let roles): "available: \(roles.joined)"
    case .noRoleOfUser(let user, let requirement):
      "everyone.requires_role (\(requirement.fileAndLine)) asks for a role, and \(user) has none"
    case .noRoleAvailable(let roles, let requirement):
      "everyone.requires_role (\(requirement.fileAndLine)) asks for a role, and none of "
        + "\(roles.joined) is available from here"
    case .roleAvailable(let role): "the role \(role) is available from here"
    case .roleUnavailable(let role, let list):
      "the role \(role) is not available from here"
        + (list.map { ": \($0.text) does not hold the origin" } ?? "")
    case .noListConcerns(let user): "no list concerns \(user)"
    case .listHolds(let list, let origin): "\(list.text) holds \(origin.inWords)"
    case .listLacks(let list, let origin): "\(list.text) does not hold \(origin.inWords)"
    }
  }
}

extension Origin {
  /// The origin in a sentence.
  var inWords: String {
    switch self {
    case .address(let address): address.description
    case .machine: "self"
    case .local: "local"
    case .unknown: "an unknown origin"
    }
  }
}

extension DecisionFact.List {
  /// `users.deploy.only_from (policy.yaml:7)`.
  fileprivate var text: String { "\(path) (\(location.fileAndLine))" }
}

extension Explanation.AppliedList {
  /// Why the entry is not in effect, in words; nil if it is.
  public var note: String? {
    switch lapse {
    case nil: nil
    case .inactive: "it has active: false"
    case .begins(let time): "it begins \(time)"
    case .ended(let time): "it ended \(time)"
    case .excepted(let location): "the except at \(location.fileAndLine) takes it away"
    }
  }
}

extension Explanation.Remedy {
  /// What to do, in words.
  public var text: String {
    switch self {
    case .amend(let amendments): amendments.text
    case .advice(.giveAddresses): "the remote host is not an address: for sshd, set `UseDNS no`"
    case .advice(.giveAddressesOrSayLocal(let service)):
      "the program gave no address; if \(service) serves only who is at this machine, write "
        + "services: {\(service): {without_address: local}}"
    case .advice(.logInAgain): "log in again, and try it there"
    case .advice(.checkUser(let user, let service)):
      "check the name (getent passwd \(user)); if the users of \(service) are not the machine's, "
        + "write services: {\(service): {accounts: virtual}}"
    case .advice(.checkDirectory(let user)):
      "the groups of \(user) could not be read: check that the directory answers (getent group)"
    case .advice(.declareRole(let role)): "define the role \(role) under `roles`"
    case .advice(.declareRoleFor(let user)):
      "define a role with \(user) as a member under `roles`"
    case .advice(.noSingleChange): "no single change to the lists allows this"
    }
  }
}

extension [Amendment] {
  /// The changes in words; all of them are needed: `give users.alice the key also_from:
  /// [192.0.2.7]`.
  public var text: String { map(\.text).joined(separator: "; and ") }
}

extension Amendment {
  /// The change in words.
  fileprivate var text: String {
    switch self {
    case .add(let origin, let scope, let key, let location?):
      "add \(origin) to \(scope.path(of: key)) (\(location.fileAndLine))"
    case .add(let origin, let scope, let key, nil):
      "give \(scope) the key \(key.rawValue): [\(origin.quotedForYAML)]"
    case .unblock(let entries):
      "take "
        + entries.map { "\(displayText(of: $0.text)) (\($0.location.fileAndLine))" }
        .joined(separator: " and ") + " out of block"
    case .join(let user, let role, let location):
      "add \(user) to roles.\(role).members.users (\(location.fileAndLine))"
    case .admitLocally(let user, let service, let location):
      "add \(user) to \(service.map { "services.\($0)." } ?? "")local.users "
        + "(\(location.fileAndLine))"
    }
  }
}

extension Origin {
  fileprivate var quotedForYAML: String {
    if case .address(let address) = self, address.family == .ipv6 {
      "\"\(self)\""
    } else {
      "\(self)"
    }
  }
}

extension ExplainedLogin.GroupSource {
  /// That there is no such user, to be said before the answer; none if there is, or may be.
  func notices(about login: Login) -> [String] {
    guard self == .unknownUser else { return [] }
    let notice = "There is no user \(login.user) on this machine."
    guard login.exists else { return [notice] }
    return [
      notice
        + (login.isUserSure
          ? " The answer is for a user in no group."
          : " If a directory is away, that is not certain.")
    ]
  }

  /// The groups of a login's user, and where they are from: the service that said so, and when.
  func text(of login: Login, by service: String? = nil, age: String? = nil) -> StyledText {
    guard let groups = login.groups else { return StyledText("could not be read", .bad) }
    let remark: StyledText =
      switch self {
      case .given: StyledText("  (as given)", .faint)
      case .nss:
        StyledText(
          "  (of those that the policy names\(Self.origin(service, age)))", .faint)
      case .unknownUser: StyledText("  (there is no such user on this machine)", .doubtful)
      case .virtualAccounts: StyledText("  (the service's users are not the machine's)", .faint)
      }
    let unsure =
      login.unsureGroups.isEmpty
      ? "" : StyledText("  unknown: " + login.unsureGroups.sorted().joined, .doubtful)
    return groups.sorted().text + unsure + remark
  }

  /// `; read from sss 3 seconds ago`; empty if nothing is known.
  private static func origin(_ service: String?, _ age: String?) -> String {
    guard service != nil || age != nil else { return "" }
    return "; read" + (service.map { " from \($0)" } ?? "") + (age.map { " \($0)" } ?? "")
  }
}

extension PolicyIdentity {
  /// The mode, and which policy it is.
  var text: StyledText {
    let name = generation.map { "generation \($0), " } ?? ""
    let mode = mode == .enforce ? StyledText("enforce") : StyledText(mode.rawValue, .doubtful)
    return mode + StyledText("  (\(name)\(digest.prefix(12)))", .faint)
  }
}

extension [Name] {
  /// The names, or the word `none`.
  var text: StyledText {
    isEmpty ? StyledText("none", .faint) : StyledText(joined)
  }

  /// The names, separated by commas.
  var joined: String { map(\.description).joined(separator: ", ") }
}
