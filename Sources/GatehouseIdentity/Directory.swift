public import GatehousePolicy

/// The source of users and groups: NSS, or a stand-in of the tests.
///
/// Each call may block for as long as the directory takes. "There is no such user" is an answer; an
/// error means that the directory could not answer.
public protocol Directory: Sendable {
  /// The account of a user; nil if there is no such user.
  func account(of user: Name) throws(DirectoryError) -> Account?
  /// The ids of every group of an account, primary and supplementary.
  ///
  /// May lack some while a directory is away, without an error: getgrouplist(3) is like that. Throws if
  /// it is known that some may be missing.
  func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32]
  /// The id of a group; nil if there is no such group.
  func groupID(of group: Name) throws(DirectoryError) -> UInt32?
  /// Whether it is certain that there is no such user, if `account` finds none.
  ///
  /// It is not if a service is asked that may be away from its server, and then knows only some.
  var isCertainOfAbsence: Bool { get }
  /// Whether it is certain that there is no such group, if `groupID` finds none.
  var isCertainOfGroupAbsence: Bool { get }
  /// Whether a group's own entry lists an account as a member; nil if it lists nobody, which says nothing.
  func isListed(_ account: Account, in group: Name) throws(DirectoryError) -> Bool?
  /// Those of the ids that are groups of this name, too, in another source than the one that `groupID`
  /// has the id from: a group of the machine's files and one of a directory can have one name.
  func namesakes(of group: Name, among ids: Set<UInt32>) throws(DirectoryError) -> Set<UInt32>
  /// How old what was said of an account is: more than nothing if a service answered from what it had,
  /// because it is away from its server, and says so.
  func answerAge(of account: Account) -> Duration
  /// What the services between this machine and a directory say of themselves, of those that may have
  /// this user; none for a user of the machine's own files.
  func services(for user: Name) -> [DirectoryService]
  /// Whether a list of groups that came short would have been an error of `groupIDs`.
  var provesGroupLists: Bool { get }
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

  /// Entries say nothing.
  public func isListed(_ account: Account, in group: Name) throws(DirectoryError) -> Bool? { nil }

  /// There are none.
  public func namesakes(
    of group: Name, among ids: Set<UInt32>
  ) throws(DirectoryError) -> Set<UInt32> { [] }

  /// It was said just now.
  public func answerAge(of account: Account) -> Duration { .zero }

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

  /// Whether the directory knows the user.
  public var isKnown: Bool { userID != nil }

  /// The identity of a user whom the directory knows.
  public init(
    name: Name, userID: UInt32, groups: Set<Name>, unsureGroups: Set<Name> = [],
    askedGroups: Set<Name>, missingGroups: Set<Name> = [], problem: String? = nil,
    age: Duration = .zero
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
  }

  /// Whether nothing of it is unknown.
  public var isSure: Bool { unsureGroups.isEmpty && (isKnown || isCertainlyAbsent) }

  /// The identity of an account.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - memberships: The ids of its groups.
  ///   - groupIDs: The ids of the groups that were asked about, as far as there are such groups; more
  ///     than one if several sources have a group of the name.
  ///   - askedGroups: The groups that were asked about.
  ///   - isCertain: Whether it is certain that there is no such group, if none was found.
  init(
    _ account: Account, memberships: Set<UInt32>, groupIDs: [Name: Set<UInt32>],
    askedGroups: Set<Name>, isCertain: Bool
  ) {
    self.init(
      name: account.name, userID: account.userID,
      groups: Set(groupIDs.lazy.filter { !memberships.isDisjoint(with: $0.value) }.map(\.key)),
      askedGroups: askedGroups,
      missingGroups: isCertain ? [] : askedGroups.subtracting(groupIDs.keys))
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
  }
}

extension Directory {
  /// Reads who a user is, and of each of these groups whether the user is in it, not in it, or whether
  /// that is unknown.
  ///
  /// While a directory is away, the list of a user's groups comes back short without an error, and it is
  /// the look-up of a group that tells. A group that cannot be read makes no other unknown.
  ///
  /// Blocks for as long as the directory takes.
  ///
  /// - Throws: If it could not be found out who the user is.
  public func reading(of user: Name, among groups: Set<Name>) throws(DirectoryError) -> UserIdentity
  {
    guard let account = try account(of: user) else {
      return UserIdentity(absent: user, isCertain: isCertainOfAbsence, askedGroups: groups)
    }
    var problem: String?
    var listProblem: String?
    var memberships: Set<UInt32>?
    if !groups.isEmpty {
      do throws(DirectoryError) { memberships = Set(try groupIDs(of: account)) } catch {
        listProblem = error.description
      }
    }
    var isIn: Set<Name> = []
    var unsure: Set<Name> = []
    var missing: Set<Name> = []
    // After the user's own list: that a group is found now says that the directory was there.
    for group in groups.sorted() {
      do throws(DirectoryError) {
        guard let id = try groupID(of: group) else {
          if !isCertainOfGroupAbsence { missing.insert(group) }
          continue
        }
        // Without the user's own list, the groups' lists of their members are asked.
        let isMember: Bool? =
          if let memberships {
            if memberships.contains(id) {
              true
            } else {
              try !namesakes(of: group, among: memberships).isEmpty
            }
          } else if id == account.primaryGroupID {
            true
          } else { try isListed(account, in: group) }
        switch isMember {
        case true?: isIn.insert(group)
        case false?: break
        case nil:
          unsure.insert(group)
          problem = problem ?? listProblem
        }
      } catch {
        unsure.insert(group)
        problem = problem ?? error.description
      }
    }
    return UserIdentity(
      name: account.name, userID: account.userID, groups: isIn, unsureGroups: unsure,
      askedGroups: groups, missingGroups: missing, problem: problem,
      age: groups.isEmpty ? .zero : answerAge(of: account))
  }
}

extension Directory {
  /// Reads which of these groups each of the accounts belongs to, asking for each group once.
  ///
  /// - Throws: If anything of it is unknown.
  public func readings(
    of accounts: [Account], among groups: Set<Name>
  ) throws(DirectoryError) -> [UserIdentity] {
    var held: [Set<UInt32>] = []
    for account in accounts { held.append(groups.isEmpty ? [] : Set(try groupIDs(of: account))) }
    // After the members' own lists, which may come back short without an error: that each group is
    // found now, or reported absent, says that the directory was there.
    let everyID = held.reduce(into: Set()) { $0.formUnion($1) }
    var ids: [Name: Set<UInt32>] = [:]
    for group in groups.sorted() { ids[group] = try self.ids(of: group, among: everyID) }
    return zip(accounts, held).map { account, held in
      UserIdentity(
        account, memberships: held, groupIDs: ids, askedGroups: groups,
        isCertain: isCertainOfGroupAbsence)
    }
  }

  /// The ids of a group, in every source that may matter to somebody with some of these ids; nil if there
  /// is no such group.
  func ids(of group: Name, among ids: Set<UInt32>) throws(DirectoryError) -> Set<UInt32>? {
    guard let id = try groupID(of: group) else { return nil }
    return try namesakes(of: group, among: ids).union([id])
  }
}
