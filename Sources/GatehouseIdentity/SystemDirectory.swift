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

  /// The name of a group by number (getgrgid_r(3)); nil if there is no such group.
  private func name(ofGroup group: UInt32) throws(DirectoryError) -> Name? {
    do throws(SystemError) {
      // SAFETY: of the entry, which points into `buffer`, the name is copied.
      return try unsafe nameServiceLookUp("group \(group)") { buffer in
        var entry = unsafe CPosix.group()
        var found: UnsafeMutablePointer<CPosix.group>?
        let result = unsafe getgrgid_r(group, &entry, buffer.baseAddress, buffer.count, &found)
        guard result == 0, unsafe found != nil, let written = unsafe entry.gr_name else {
          return (result, nil)
        }
        return (0, unsafe Name(written))
      }
    } catch {
      throw DirectoryError(error.description)
    }
  }

  /// The name of a user by number; nil if there is no such user.
  public static func name(ofUser user: UInt32) throws(SystemError) -> Name? {
    try Machine.userName(user).map { Name(bytes: $0) }
  }

  /// The ids of every group of an account (getgrouplist(3)).
  ///
  /// If sssd or winbind serves this machine, it is asked by itself, too: getgrouplist(3) does not tell that
  /// one of them is away from its server and does not have the groups of this user.
  ///
  /// - Throws: If winbind is away from its server; or if sssd has the user, and gives no groups. That is so
  ///   of one who has none but the primary group, and of one whose groups it does not have while it is
  ///   away; only if it says what it has can the first be told.
  public func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32] {
    let asked = NameServices.current.distant.intersection(["sss", "winbind"])
    // Neither gives groups to a user whom it does not have.
    guard !asked.isEmpty, let name = CStringBytes(account.name), !LocalFiles.has(account) else {
      return try listedGroupIDs(of: account)
    }
    if asked.contains("sss") {
      let answer = SSSD.groupIDs(of: name.bytes, primary: account.primaryGroupID)
      let record = answer == .failed ? nil : SSSD.record(of: name.bytes)
      switch (answer, record?.hasGroups) {
      // Of groups that were looked up for themselves it knows some of the members.
      case (.list(let ids), nil), (.list(let ids), true?):
        // After it, since what NSS has of sssd is from a cache of its own, which is renewed by this.
        return Array(Set(try listedGroupIDs(of: account)).union(ids))
      case (.noSuchUser, true?): return try listedGroupIDs(of: account)
      default: break
      }
    }
    let ids = try listedGroupIDs(of: account)
    // After the list: so winbind had its controller when it gave that.
    if asked.contains("winbind"), Winbind.reachesController(of: account.name) { return ids }
    throw DirectoryError(
      "user \"\(account.name)\": \(asked.contains("sss") ? "sssd" : "winbind") "
        + "does not know the groups of this user at the moment")
  }

  /// What sssd and winbind say of themselves.
  public func services(for user: Name) -> [DirectoryService] {
    let distant = NameServices.current.distant
    guard !distant.isDisjoint(with: ["sss", "winbind"]), let name = CStringBytes(user),
      LocalFiles().account(of: user) == nil
    else { return [] }
    var services: [DirectoryService] = []
    if distant.contains("sss") {
      // An answer just now says that it is there; only how old that is, that it reaches its server.
      let isThere = SSSD.groupIDs(of: name.bytes, primary: 0) != .failed
      let age = SSSD.record(of: name.bytes).map(Self.age(of:))
      services.append(
        DirectoryService(name: "sssd", isOnline: isThere ? age.map { $0 == .zero } : false))
    }
    if distant.contains("winbind") {
      services.append(
        DirectoryService(name: "winbind", isOnline: Winbind.reachesController(of: user)))
    }
    return services
  }

  /// How long ago sssd had from its server what it says of an account, if it says so.
  public func answerAge(of account: Account) -> Duration {
    guard NameServices.current.distant.contains("sss"), let name = CStringBytes(account.name),
      let record = SSSD.record(of: name.bytes)
    else { return .zero }
    return Self.age(of: record)
  }

  private static func age(of record: SSSD.Record) -> Duration {
    let age = Instant.now().microseconds / 1_000_000 - record.updatedAt
    // It counts in seconds, and asking takes some of them.
    return age > askingSeconds ? .seconds(age) : .zero
  }

  /// How many seconds ago sssd may have had an answer that it was asked for just now.
  private static let askingSeconds: Int64 = 3

  /// The groups of a directory that have the name of one of `/etc/group`.
  public func namesakes(
    of group: Name, among ids: Set<UInt32>
  ) throws(DirectoryError) -> Set<UInt32> {
    let distant = NameServices.current.distant
    guard !distant.isEmpty, let name = CStringBytes(group) else { return [] }
    let local = LocalGroups()
    guard local.has(group) else { return [] }
    var found: Set<UInt32> = []
    if distant.contains("sss") {
      switch SSSD.group(named: name.bytes) {
      case .found(let id, _): if ids.contains(id) { found.insert(id) }
      case .noSuchGroup: break
      case .failed: throw DirectoryError("group \"\(group)\": sssd does not answer")
      }
    }
    // Another service cannot be asked by itself, so its names of the ids are.
    guard !distant.isSubset(of: ["sss"]) else { return found }
    for id in ids.subtracting(local.ids) where try self.name(ofGroup: id) == group {
      found.insert(id)
    }
    return found
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
  /// sssd lists nobody in any group with `ignore_group_members`. If it does not have the groups of the
  /// user, what it has of a group may be from before the user became a member; and so may what winbind
  /// has, which is why its list was no answer.
  public func isListed(_ account: Account, in group: Name) throws(DirectoryError) -> Bool? {
    guard NameServices.current.distant.contains("sss"), let name = CStringBytes(group),
      let user = CStringBytes(account.name)
    else {
      guard let members = try self.group(named: group)?.members, !members.isEmpty else {
        return nil
      }
      if members.contains(account.name) { return true }
      return NameServices.current.distant.contains("winbind") ? nil : false
    }
    let local = LocalGroups()
    if local.members(of: group).contains(account.name) { return true }
    let isComplete = SSSD.record(of: user.bytes)?.hasGroups != false
    switch SSSD.group(named: name.bytes) {
    case .found(_, let members):
      if members.contains(account.name) { return true }
      return members.isEmpty || !isComplete ? nil : false
    case .noSuchGroup:
      return local.has(group) && isComplete ? false : nil
    case .failed: return nil
    }
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

  /// Whether nobody is asked who may be away, but sssd and winbind.
  public var provesGroupLists: Bool {
    NameServices.current.distant.isSubset(of: ["sss", "winbind"])
  }

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
