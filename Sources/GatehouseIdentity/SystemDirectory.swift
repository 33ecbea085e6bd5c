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

  /// The id of a group (getgrnam_r(3)); nil if there is no such group.
  private func groupID(of group: Name) throws(DirectoryError) -> UInt32? {
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

  /// What is known of an account's groups (getgrouplist(3)).
  ///
  /// If sssd or winbind serves this machine, it is asked by itself, too: getgrouplist(3) does not tell that
  /// one of them is away from its server and does not have the groups of this user.
  public func memberships(of account: Account, among groups: Set<Name>) -> Memberships {
    UserLook(at: account, among: groups).memberships()
  }

  /// A way to ask for the ids of groups: getgrnam_r(3), and sssd for a group that `/etc/group` has, too.
  ///
  /// sssd is asked past its caches, and by itself, since NSS has the first group of a name alone.
  public func groupReader() -> GroupReader {
    let asksSSSD = NameServices.current.distant.contains("sss")
    let local = asksSSSD ? LocalGroups() : nil
    return { group in
      GroupAnswer { () throws(DirectoryError) in
        guard let id = try groupID(of: group) else { return [] }
        guard local?.has(group) == true, let name = CStringBytes(group) else { return [id] }
        return switch SSSD.group(named: name.bytes) {
        case .found(let other, _): [id, other]
        case .noSuchGroup: [id]
        case .failed: throw DirectoryError("group \"\(group)\": sssd does not answer")
        }
      }
    }
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
      let age = SSSD.record(of: name.bytes).map(\.age)
      services.append(
        DirectoryService(name: "sssd", isOnline: isThere ? age.map { $0 == .zero } : false))
    }
    if distant.contains("winbind") {
      services.append(
        DirectoryService(name: "winbind", isOnline: Winbind.reachesController(of: user)))
    }
    return services
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

  /// Whether sssd or winbind is asked, and nobody else who may be away: files need not be shared.
  public var sharesGroups: Bool {
    let distant = NameServices.current.distant
    return !distant.isEmpty && distant.isSubset(of: ["sss", "winbind"])
  }

  /// Whether all services that are asked for groups are files of this machine, or know all that there
  /// is to know.
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
