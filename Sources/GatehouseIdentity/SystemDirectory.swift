import CPosix
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
      let bytes = unsafe UnsafeBufferPointer(start: written, count: strlen(written))
      let canonical = Name(bytes: unsafe bytes.map { UInt8(bitPattern: $0) })
      return (0, Account(name: canonical, primaryGroupID: unsafe entry.pw_gid))
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

  /// The ids of every group of an account (getgrouplist(3)).
  public func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32] {
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

  /// The room that a look-up begins with, in bytes: enough for a group of some 50,000 members.
  ///
  /// So the directory is asked once. Only what an entry fills becomes memory.
  private static let firstRoom = 1 << 20
  /// The most room that a look-up gets, in bytes: a group of some three million members.
  ///
  /// Each thread has at most one such buffer at a time, and frees it before its next look-up.
  private static let mostRoom = 64 << 20

  /// Calls one of the `…nam_r` functions, with more room if the entry wants it.
  ///
  /// They give an entry only as a whole, a group with all of its members, whatever of it is needed.
  private func lookUp<Found>(
    _ kind: String, _ name: Name,
    _ call: (UnsafePointer<CChar>, UnsafeMutableBufferPointer<CChar>) -> (Int32, Found?)
  ) throws(DirectoryError) -> Found? {
    // No directory holds a name with a NUL in it.
    guard let text = CStringBytes(name) else { return nil }
    var room = Self.firstRoom
    while true {
      // Not an array, which would write to all of it. The name has its NUL, so it is not empty.
      let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: room)
      defer { unsafe buffer.deallocate() }
      // SAFETY: both buffers outlive the call, and their lengths go with them.
      let (result, found): (Int32, Found?) = unsafe text.bytes.withUnsafeBufferPointer { text in
        guard let start = text.baseAddress else { return (EINVAL, nil) }
        return unsafe call(start, buffer)
      }
      switch result {
      case 0: return found
      case EINTR: continue
      case ERANGE where room < Self.mostRoom: room *= 8
      // The directory is there, and waiting would not help.
      case ERANGE:
        throw DirectoryError(
          "\(kind) \"\(name)\": its entry is longer than \(Self.mostRoom >> 20) MiB")
      // ENOENT and its like too: an absent entry is a zero without a result, and a directory that
      // is away gives any of them.
      default:
        // SAFETY: a constant C string, valid for ever.
        let words = unsafe String(cString: gh_error_text(result))
        throw DirectoryError("\(kind) \"\(name)\": \(words)")
      }
    }
  }
}

/// A name as a C string; nil where it cannot be one, because there is a NUL in it.
private struct CStringBytes {
  let bytes: [CChar]

  init?(_ name: Name) {
    guard !name.bytes.contains(0) else { return nil }
    bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
  }
}
