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
  /// May lack some while a directory is away, without an error: getgrouplist(3) is like that.
  func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32]
  /// The id of a group; nil if there is no such group.
  func groupID(of group: Name) throws(DirectoryError) -> UInt32?
  /// Whether it is certain that there is no such user, if `account` finds none.
  ///
  /// It is not if a service is asked that may be away from its server, and then knows only some.
  var isCertainOfAbsence: Bool { get }
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

/// A question that the directory could not answer.
public struct DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was asked and what went wrong, safe to show: `group "wheel": Connection refused`.
  public let description: String

  /// An error with its text.
  public init(_ description: String) { self.description = description }
}

/// A user as the directory knows them, with the groups that one policy asks about.
public struct UserIdentity: Hashable, Sendable {
  /// The name that the directory has for the user, or the one given if it knows none.
  public let name: Name
  /// Whether the directory knows the user.
  public let isKnown: Bool
  /// The user's number; nil if the directory does not know the user.
  public let userID: UInt32?
  /// Whether it is certain that there is no such user.
  public let isCertainlyAbsent: Bool
  /// The groups of the user, among those that were asked about.
  public let groups: Set<Name>
  /// The groups that were asked about; of any other nothing is known.
  public let askedGroups: Set<Name>

  /// The identity of a user whom the directory knows.
  public init(name: Name, userID: UInt32, groups: Set<Name>, askedGroups: Set<Name>) {
    self.name = name
    isKnown = true
    self.userID = userID
    isCertainlyAbsent = false
    self.groups = groups
    self.askedGroups = askedGroups
  }

  /// The identity of an account.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - memberships: The ids of its groups.
  ///   - groupIDs: The ids of the groups that were asked about, as far as there are such groups.
  ///   - askedGroups: The groups that were asked about.
  init(
    _ account: Account, memberships: Set<UInt32>, groupIDs: [Name: UInt32], askedGroups: Set<Name>
  ) {
    self.init(
      name: account.name, userID: account.userID,
      groups: Set(groupIDs.lazy.filter { memberships.contains($0.value) }.map(\.key)),
      askedGroups: askedGroups)
  }

  /// The identity of a user whom the directory does not know, which may be certain.
  public init(absent name: Name, isCertain: Bool, askedGroups: Set<Name>) {
    self.name = name
    isKnown = false
    userID = nil
    isCertainlyAbsent = isCertain
    groups = []
    self.askedGroups = askedGroups
  }
}

extension Directory {
  /// Reads who a user is and which of these groups the user belongs to, in one pass.
  ///
  /// The reading is good only if the user was found or reported absent, and so was every group:
  /// while a directory is away, the list of a user's groups comes back short without an error, and
  /// it is the look-up of the groups that tells. A good reading is returned, a bad one thrown.
  ///
  /// Blocks for as long as the directory takes.
  public func reading(of user: Name, among groups: Set<Name>) throws(DirectoryError) -> UserIdentity
  {
    let account = try account(of: user)
    var memberships: Set<UInt32> = []
    if let account, !groups.isEmpty { memberships = Set(try groupIDs(of: account)) }
    var ids: [Name: UInt32] = [:]
    // Asked also for an unknown user: only then is it sure that the directory is there.
    for group in groups.sorted() { ids[group] = try groupID(of: group) }
    guard let account else {
      return UserIdentity(absent: user, isCertain: isCertainOfAbsence, askedGroups: groups)
    }
    return UserIdentity(account, memberships: memberships, groupIDs: ids, askedGroups: groups)
  }
}

extension Directory {
  /// Reads which of these groups each of the accounts belongs to, asking for each group once.
  ///
  /// As good as `reading(of:among:)`: all of it is good, or an error is thrown.
  public func readings(
    of accounts: [Account], among groups: Set<Name>
  ) throws(DirectoryError) -> [UserIdentity] {
    var held: [Set<UInt32>] = []
    for account in accounts { held.append(groups.isEmpty ? [] : Set(try groupIDs(of: account))) }
    // After the members' own lists, which may come back short without an error: that each group is
    // found now, or reported absent, says that the directory was there.
    var ids: [Name: UInt32] = [:]
    for group in groups.sorted() { ids[group] = try groupID(of: group) }
    return zip(accounts, held).map { account, held in
      UserIdentity(account, memberships: held, groupIDs: ids, askedGroups: groups)
    }
  }
}
