import CPosix
public import GatehousePlatform
public import GatehousePolicy

/// The machine's own users and groups, through NSS (getpwnam_r(3), getgrouplist(3), getgrnam_r(3)).
public struct SystemDirectory: Directory {
  /// The machine's directory.
  public init() {}

  /// The account of a user (getpwnam_r(3)).
  public func account(of user: Name) throws(DirectoryError) -> Account? {
    // SAFETY: the entry points into `buffer`, and what is needed of it is copied out here.
    try unsafe lookUp("user", user) { name, buffer in
      guard let room = buffer.baseAddress else { return (EINVAL, nil) }
      var entry = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      let result = unsafe getpwnam_r(name, &entry, room, buffer.count, &found)
      guard result == 0, unsafe found != nil, let written = unsafe entry.pw_name else {
        return (result, nil)
      }
      let account = Account(
        name: unsafe Name(written), userID: unsafe entry.pw_uid,
        primaryGroupID: unsafe entry.pw_gid)
      return (0, account)
    }
  }

  /// The id of a group (getgrnam_r(3)).
  public func groupID(of group: Name) throws(DirectoryError) -> UInt32? {
    // SAFETY: of the entry, which points into `buffer`, only a number is taken.
    try unsafe lookUp("group", group) { name, buffer in
      var entry = unsafe CPosix.group()
      var found: UnsafeMutablePointer<CPosix.group>?
      let result = unsafe getgrnam_r(name, &entry, buffer.baseAddress, buffer.count, &found)
      return (result, unsafe found == nil ? nil : unsafe entry.gr_gid)
    }
  }

  /// The name of a user by number; nil if there is no such user.
  public static func name(ofUser user: UInt32) throws(SystemError) -> Name? {
    try Machine.userName(user).map { Name(bytes: $0) }
  }

  /// The ids of every group of an account (getgrouplist(3)).
  ///
  /// If sssd serves this machine, it is asked for its list by itself: getgrouplist(3) does not tell that
  /// sssd is away from its server and does not have the groups of this user.
  ///
  /// - Throws: If sssd has the user, and gives no groups: that is so of one who has none but the primary
  ///   group, and of one whose groups it does not have while it is away.
  public func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32] {
    let ids = try listedGroupIDs(of: account)
    guard NameServices.current.distant.contains("sss"), let name = CStringBytes(account.name) else {
      return ids
    }
    switch SSSD.groupIDs(of: name.bytes, primary: account.primaryGroupID) {
    case .list(let more): return Array(Set(ids).union(more))
    case .noSuchUser, .failed:
      // sssd gives groups to no user whom it does not have.
      if LocalFiles.has(account) { return ids }
      throw DirectoryError(
        "user \"\(account.name)\": sssd does not know the groups of this user at the moment")
    }
  }

  private func listedGroupIDs(of account: Account) throws(DirectoryError) -> [UInt32] {
    guard let name = CStringBytes(account.name) else { return [account.primaryGroupID] }
    // NGROUPS_MAX of Linux; getgrouplist(3) itself knows no bound, but a login can hold no more.
    let most = 65_536
    var room = 64
    while true {
      var ids = [gid_t](repeating: 0, count: room)
      var count = Int32(room)
      // SAFETY: `count` says how long `ids` is, and the name is a C string.
      let result = unsafe name.bytes.withUnsafeBufferPointer { name in
        unsafe getgrouplist(name.baseAddress, account.primaryGroupID, &ids, &count)
      }
      if result >= 0 { return Array(ids.prefix(Int(count))) }
      guard room < most else {
        throw DirectoryError("user \"\(account.name)\": more than \(most) groups")
      }
      room = min(most, max(room * 2, Int(count)))
    }
  }

  /// Whether a group's entry lists an account.
  ///
  /// sssd lists nobody in any group with `ignore_group_members`.
  public func isListed(_ account: Account, in group: Name) throws(DirectoryError) -> Bool? {
    guard let members = try self.group(named: group)?.members, !members.isEmpty else { return nil }
    return members.contains(account.name)
  }

  /// What `/etc/passwd` and `/etc/group` say of a user; nil if they do not have the user, or if there is
  /// nothing else that NSS would have to wait for.
  public func localReading(of user: Name, among groups: Set<Name>) -> UserIdentity? {
    let distant = NameServices.current.distant
    return distant.isEmpty ? nil : LocalFiles().reading(of: user, among: groups, beside: distant)
  }

  /// Whether all services that are asked for users are files of this machine, or know all that there
  /// is to know.
  public var isCertainOfAbsence: Bool { NameServices.current.isCertainOfUsers }

  /// Whether nobody but sssd is asked who may be away.
  public var provesGroupLists: Bool { NameServices.current.distant.subtracting(["sss"]).isEmpty }

  /// The same for groups.
  public var isCertainOfGroupAbsence: Bool { NameServices.current.isCertainOfGroups }

  /// Calls one of the `…nam_r` functions.
  func lookUp<Found>(
    _ kind: String, _ name: Name,
    _ call: (UnsafePointer<CChar>, UnsafeMutableBufferPointer<CChar>) -> (Int32, Found?)
  ) throws(DirectoryError) -> Found? {
    // No directory holds a name with a NUL in it.
    guard let text = CStringBytes(name) else { return nil }
    do throws(SystemError) {
      // SAFETY: both buffers outlive the call, and their lengths go with them.
      return try unsafe nameServiceLookUp("\(kind) \"\(name)\"") { buffer in
        unsafe text.bytes.withUnsafeBufferPointer { text in
          guard let start = text.baseAddress else { return (EINVAL, nil) }
          return unsafe call(start, buffer)
        }
      }
    } catch {
      throw DirectoryError(error.description)
    }
  }
}

/// A name as a C string; nil if it cannot be one, because it has a NUL in it.
struct CStringBytes {
  let bytes: [CChar]

  init?(_ name: Name) {
    guard !name.bytes.contains(0) else { return nil }
    bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
  }
}
