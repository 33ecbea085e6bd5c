public import GatehousePolicy

/// The source of users and groups: NSS, or a stand-in of the tests.
///
/// Each call may block for as long as the directory takes. "There is no such user" is an answer; an
/// error means that the directory could not answer.
public protocol Directory: Sendable {
  /// The account of a user; nil if there is no such user.
  func account(of user: Name) throws(DirectoryError) -> Account?
  /// What the directory has of an account's groups: one look, in which everything is asked once.
  ///
  /// May lack some while a directory is away, without a word: getgrouplist(3) is like that.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - groups: The groups that matter, whose own entries are asked if there is no list.
  /// - Returns: What is known, and why if something is not.
  func memberships(of account: Account, among groups: Set<Name>) -> Memberships
  /// A way to ask for the ids of groups, from several threads; what they have in common is read once.
  func groupReader() -> GroupReader
  /// Whether it is certain that there is no such user, if `account` finds none.
  ///
  /// It is not if a service is asked that may be away from its server, and then knows only some.
  var isCertainOfAbsence: Bool { get }
  /// Whether it is certain that there is no such group, if none is found.
  var isCertainOfGroupAbsence: Bool { get }
  /// What the services between this machine and a directory say of themselves, of those that may have
  /// this user; none for a user of the machine's own files.
  func services(for user: Name) -> [DirectoryService]
  /// Whether a list of groups that came short would have been known for one.
  var provesGroupLists: Bool { get }
  /// Whether groups need not be looked up after each user's list.
  ///
  /// They need to be if only that tells that the directory was there when it gave the list.
  var sharesGroups: Bool { get }
  /// What the machine's own files say of a user, without asking any service; nil if they do not have
  /// the user, or nobody else is asked.
  ///
  /// A group is unsure if a service that may be away could have the user in it all the same. Of root the
  /// files know everything.
  func localReading(of user: Name, among groups: Set<Name>) -> UserIdentity?
}

extension Directory {
  /// As certain as of users.
  public var isCertainOfGroupAbsence: Bool { isCertainOfAbsence }

  /// Only if nobody is asked who may be away.
  public var provesGroupLists: Bool { isCertainOfGroupAbsence }

  /// If lists need no proof.
  public var sharesGroups: Bool { provesGroupLists }

  /// There are none.
  public func services(for user: Name) -> [DirectoryService] { [] }

  /// No user is in files.
  public func localReading(of user: Name, among groups: Set<Name>) -> UserIdentity? { nil }
}

/// A user's entry in the directory, as far as it is needed.
public struct Account: Hashable, Sendable {
  /// The name as the directory writes it, which may differ from the one that was asked for.
  public let name: Name
  /// The user's number.
  public let userID: UInt32
  /// The primary group.
  public let primaryGroupID: UInt32

  /// An account.
  public init(name: Name, userID: UInt32, primaryGroupID: UInt32) {
    self.name = name
    self.userID = userID
    self.primaryGroupID = primaryGroupID
  }
}

/// A service between this machine and a directory, and what it says of itself.
public struct DirectoryService: Hashable, Sendable {
  /// Its name: `sssd` or `winbind`.
  public let name: String
  /// Whether it reaches its server; nil if it does not say.
  public let isOnline: Bool?

  /// A service and what it says.
  public init(name: String, isOnline: Bool?) {
    self.name = name
    self.isOnline = isOnline
  }
}

/// A question that the directory could not answer.
public struct DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was asked and what went wrong, safe to show: `group "wheel": Connection refused`.
  public let description: String

  /// An error with its text.
  public init(_ description: String) { self.description = description }
}

/// A user as the directory knows them, with the groups that one policy asks about: in it, not in it, or
/// unknown.
public struct UserIdentity: Hashable, Sendable {
  /// The name that the directory has for the user, or the one given if it knows none.
  public let name: Name
  /// The user's number; nil if the directory does not know the user.
  public let userID: UInt32?
  /// Whether it is certain that there is no such user.
  public let isCertainlyAbsent: Bool
  /// The groups that the user is certainly in, among those that were asked about.
  public let groups: Set<Name>
  /// The groups of which it is unknown whether the user is in them, among those that were asked about.
  public let unsureGroups: Set<Name>
  /// The groups that were asked about; of any other nothing is known.
  public let askedGroups: Set<Name>
  /// The groups that the directory does not have, if that may be because it is away.
  public let missingGroups: Set<Name>
  /// What could not be read; nil if everything could.
  public let problem: String?
  /// How old it was when it was read.
  public let age: Duration
  /// How long before that the first of its groups was looked up, for all users together.
  public let groupAge: Duration
  /// The service that said so, as nsswitch.conf(5) names it: `files`, `sss`, `winbind`; several with
  /// commas if it cannot be told which; nil if that is not known.
  public let source: String?

  /// Whether the directory knows the user.
  public var isKnown: Bool { userID != nil }
  /// Whether the user has uid 0; nil if the directory does not know the user.
  public var isRoot: Bool? { userID.map { $0 == 0 } }

  /// The identity of a user whom the directory knows.
  public init(
    name: Name, userID: UInt32, groups: Set<Name>, unsureGroups: Set<Name> = [],
    askedGroups: Set<Name>, missingGroups: Set<Name> = [], problem: String? = nil,
    age: Duration = .zero, groupAge: Duration = .zero, source: String? = nil
  ) {
    self.name = name
    self.userID = userID
    isCertainlyAbsent = false
    self.groups = groups
    self.unsureGroups = unsureGroups
    self.askedGroups = askedGroups
    self.missingGroups = missingGroups
    self.problem = problem
    self.age = age
    self.groupAge = groupAge
    self.source = source
  }

  /// Whether nothing of it is unknown.
  public var isSure: Bool { unsureGroups.isEmpty && (isKnown || isCertainlyAbsent) }

  /// The identity of an account.
  ///
  /// A group that cannot be read makes no other unknown.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - memberships: What is known of its groups.
  ///   - answers: The ids of the groups, or why they could not be read.
  ///   - groups: The groups that were asked about.
  ///   - isCertain: Whether it is certain that there is no such group, if none was found.
  ///   - groupAge: How long before the look at the account the first of the groups was looked up.
  init(
    _ account: Account, _ memberships: Memberships, _ answers: [Name: GroupAnswer],
    among groups: Set<Name>, isCertain: Bool, groupAge: Duration = .zero
  ) {
    var isIn: Set<Name> = []
    var unsure: Set<Name> = []
    var missing: Set<Name> = []
    var problem: String?
    for group in groups.sorted() {
      switch answers[group] {
      case .success(let ids)?:
        guard !ids.isEmpty else {
          if !isCertain { missing.insert(group) }
          continue
        }
        switch memberships.isIn(group, ids) {
        case true?: isIn.insert(group)
        case false?: break
        case nil:
          unsure.insert(group)
          problem = problem ?? memberships.problem
        }
      case .failure(let error)?:
        unsure.insert(group)
        problem = problem ?? error.description
      case nil: unsure.insert(group)
      }
    }
    self.init(
      name: account.name, userID: account.userID, groups: isIn, unsureGroups: unsure,
      askedGroups: groups, missingGroups: missing, problem: problem,
      age: groups.isEmpty ? .zero : memberships.age, groupAge: groupAge,
      source: memberships.source)
  }

  /// The identity of a user whom the directory does not know, which may be certain.
  ///
  /// If it is not, the user may be in any group: a service that is away knows nobody but those whom it has
  /// cached.
  public init(absent name: Name, isCertain: Bool, askedGroups: Set<Name>) {
    self.name = name
    userID = nil
    isCertainlyAbsent = isCertain
    groups = []
    unsureGroups = isCertain ? [] : askedGroups
    self.askedGroups = askedGroups
    missingGroups = []
    problem = nil
    age = .zero
    groupAge = .zero
    source = nil
  }
}

extension Directory {
  /// Reads who a user is, and of each of these groups whether the user is in it, not in it, or whether
  /// that is unknown.
  ///
  /// Blocks for as long as the directory takes.
  ///
  /// - Parameters:
  ///   - user: The user.
  ///   - groups: The groups that are asked about.
  ///   - share: What is known of the groups already, if that is enough here; else each is asked for after
  ///     the user's own list. That may come back short without an error while a directory is away, and
  ///     then it is the look-up of a group that tells.
  /// - Returns: The user.
  /// - Throws: If it could not be found out who the user is.
  public func reading(
    of user: Name, among groups: Set<Name>, sharing share: GroupTable.Share? = nil
  ) throws(DirectoryError) -> UserIdentity {
    guard let account = try account(of: user) else {
      return UserIdentity(absent: user, isCertain: isCertainOfAbsence, askedGroups: groups)
    }
    let pending = sharesGroups ? share?.begin(groups, of: self) : nil
    let memberships =
      groups.isEmpty ? Memberships(ids: []) : memberships(of: account, among: groups)
    let shared = pending?.answers()
    return UserIdentity(
      account, memberships, shared?.answers ?? answers(about: groups), among: groups,
      isCertain: isCertainOfGroupAbsence, groupAge: shared?.age ?? .zero)
  }

  /// The ids of groups, asked for one after the other.
  private func answers(about groups: Set<Name>) -> [Name: GroupAnswer] {
    guard !groups.isEmpty else { return [:] }
    let read = groupReader()
    return Dictionary(
      groups.sorted().map { ($0, read($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads which of these groups each of the accounts belongs to, asking for each group once.
  ///
  /// - Throws: If anything of it is unknown.
  public func readings(
    of accounts: [Account], among groups: Set<Name>
  ) throws(DirectoryError) -> [UserIdentity] {
    let memberships = accounts.map {
      groups.isEmpty ? Memberships(ids: []) : self.memberships(of: $0, among: groups)
    }
    // After the members' own lists, which may come back short without an error: that each group is
    // found now, or reported absent, says that the directory was there.
    let answers = answers(about: groups)
    var identities: [UserIdentity] = []
    for (account, memberships) in zip(accounts, memberships) {
      let identity = UserIdentity(
        account, memberships, answers, among: groups, isCertain: isCertainOfGroupAbsence)
      if let problem = identity.problem { throw DirectoryError(problem) }
      identities.append(identity)
    }
    return identities
  }
}
