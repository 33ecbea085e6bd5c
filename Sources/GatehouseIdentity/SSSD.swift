internal import CPosix
internal import GatehousePlatform
internal import GatehousePolicy
internal import Glibc

/// sssd, asked by its own library, which is loaded the first time if it is there.
///
/// NSS cannot tell an answer that sssd has from its server from a short one that it gives because it is
/// away and does not have the user's groups. This interface asks the server if that can be reached, and
/// can tell how old what sssd has is.
enum SSSD {
  /// What it says of a user's groups.
  enum Answer: Equatable {
    /// The ids, the primary group's among them.
    case list([UInt32])
    /// It does not have such a user; or it has one, and no group but the primary one.
    case noSuchUser
    /// It is not there, did not answer in time, or cannot be asked.
    case failed
  }

  /// What it says of a group.
  enum Group: Equatable {
    /// Its id, and the members that it lists.
    case found(id: UInt32, members: [Name])
    case noSuchGroup
    /// It is not there, did not answer in time, or cannot be asked.
    case failed
  }

  /// When it had an entry of a user from its server.
  struct Record: Equatable {
    /// When it last had the entry from there, in seconds since the epoch.
    let updatedAt: Int64
    /// Whether it has ever had the user's groups from there.
    let hasGroups: Bool
  }

  /// `SSS_NSS_EX_FLAG_NO_CACHE`: ask the server, and use what is cached only if that is away.
  private static let noCache: UInt32 = 1
  /// How long sssd may take, in milliseconds.
  private static let patience: CUnsignedInt = 10_000
  /// NGROUPS_MAX of Linux.
  private static let groupLimit = 65_536

  private static let library = LoadedLibrary("libsss_nss_idmap.so.0")
  // SAFETY: the functions have these types in every version of the library.
  private static let groupList = unsafe library?.function(
    "sss_nss_getgrouplist_timeout", as: GroupListFunction.self)
  private static let groupEntry = unsafe library?.function(
    "sss_nss_getgrnam_timeout", as: GroupFunction.self)
  private static let originals = unsafe library?.function(
    "sss_nss_getorigbyusername_timeout", as: OriginalsFunction.self)
  private static let freePairs = unsafe library?.function("sss_nss_free_kv", as: FreeFunction.self)

  // MARK: A user's groups

  /// `sss_nss_getgrouplist_timeout` of sss_nss_idmap.h.
  typealias GroupListFunction =
    @convention(c) (
      UnsafePointer<CChar>?, gid_t, UnsafeMutablePointer<gid_t>?, UnsafeMutablePointer<CInt>?,
      UInt32, CUnsignedInt
    ) -> CInt

  /// The groups of a user, whose name is a C string.
  static func groupIDs(of name: [CChar], primary: UInt32) -> Answer {
    // SAFETY: the function of the library.
    guard let groupList = unsafe groupList else { return .failed }
    return unsafe groupIDs(of: name, primary: primary, by: groupList)
  }

  /// The same by a function that a test may give.
  @unsafe static func groupIDs(
    of name: [CChar], primary: UInt32, by groupList: GroupListFunction
  ) -> Answer {
    var room = 256
    while true {
      var ids = [gid_t](repeating: 0, count: room)
      var count = CInt(room)
      // SAFETY: `count` says how long `ids` is, and the name is a C string.
      let result = unsafe name.withUnsafeBufferPointer { name in
        unsafe groupList(name.baseAddress, primary, &ids, &count, noCache, patience)
      }
      switch result {
      case 0: return .list(Array(ids.prefix(max(0, min(room, Int(count))))))
      case ERANGE where room < groupLimit: room = min(groupLimit, max(room * 2, Int(count)))
      case ENOENT: return .noSuchUser
      default: return .failed
      }
    }
  }

  // MARK: A group

  /// `sss_nss_getgrnam_timeout`.
  typealias GroupFunction =
    @convention(c) (
      UnsafePointer<CChar>?, UnsafeMutablePointer<CPosix.group>?, UnsafeMutablePointer<CChar>?, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<CPosix.group>?>?, UInt32, CUnsignedInt
    ) -> CInt

  /// A group, whose name is a C string.
  static func group(named name: [CChar]) -> Group {
    // SAFETY: the function of the library.
    guard let groupEntry = unsafe groupEntry else { return .failed }
    return unsafe group(named: name, by: groupEntry)
  }

  /// The same by a function that a test may give.
  @unsafe static func group(named name: [CChar], by groupEntry: GroupFunction) -> Group {
    do throws(SystemError) {
      // SAFETY: the entry points into `buffer`, whose length goes with it; what is needed is copied.
      let answer: Group? = try unsafe nameServiceLookUp("group") { buffer in
        unsafe name.withUnsafeBufferPointer { name -> (Int32, Group?) in
          var entry = unsafe CPosix.group()
          var found: UnsafeMutablePointer<CPosix.group>?
          let result = unsafe groupEntry(
            name.baseAddress, &entry, buffer.baseAddress, buffer.count, &found, noCache, patience)
          guard result == 0, unsafe found != nil else {
            return (result == ENOENT ? 0 : result, nil)
          }
          return (
            0, .found(id: unsafe entry.gr_gid, members: unsafe GroupEntry.members(entry))
          )
        }
      }
      return answer ?? .noSuchGroup
    } catch {
      return .failed
    }
  }

  // MARK: How old an answer is

  /// `sss_nss_getorigbyusername_timeout`; the pairs of key and value end with a key that is null.
  typealias OriginalsFunction =
    @convention(c) (
      UnsafePointer<CChar>?, CUnsignedInt,
      UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?,
      UnsafeMutablePointer<CInt>?
    ) -> CInt

  /// `sss_nss_free_kv`.
  typealias FreeFunction =
    @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Void

  /// What sssd has of a user, whose name is a C string; nil if it does not say, as it does only if
  /// `user_attributes` of sssd.conf(5) has both attributes.
  static func record(of name: [CChar]) -> Record? {
    // SAFETY: the functions of the library.
    guard let originals = unsafe originals, let freePairs = unsafe freePairs else { return nil }
    return unsafe record(of: name, by: originals, freePairs)
  }

  /// The same by functions that a test may give.
  @unsafe static func record(
    of name: [CChar], by originals: OriginalsFunction, _ free: FreeFunction
  ) -> Record? {
    var pairs: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var kind: CInt = 0
    // SAFETY: the name is a C string, and what comes back is freed below.
    let result = unsafe name.withUnsafeBufferPointer { name in
      unsafe originals(name.baseAddress, patience, &pairs, &kind)
    }
    guard result == 0, let pairs = unsafe pairs else { return nil }
    defer { unsafe free(pairs) }
    var updatedAt: Int64?
    var hasGroups = false
    var place = 0
    // SAFETY: the list ends with a null key, and each key has a value.
    while let key = unsafe pairs[place] {
      let value = unsafe pairs[place + 1].flatMap { Int64(unsafe String(cString: $0)) }
      switch unsafe String(cString: key) {
      case "lastUpdate": updatedAt = value
      // 0 until sssd has had them.
      case "initgrExpireTimestamp": hasGroups = (value ?? 0) > 0
      default: break
      }
      place += 2
    }
    return updatedAt.map { Record(updatedAt: $0, hasGroups: hasGroups) }
  }
}
