internal import CPosix
internal import Glibc

/// sssd, asked by its own library, which is loaded the first time if it is there.
///
/// NSS cannot tell an answer that sssd has from its server from a short one that it gives because it is
/// away and does not have the user's groups. This interface can: it asks the server if it can be reached,
/// and says so if sssd does not have the groups.
enum SSSD {
  /// What it says of a user's groups.
  enum Answer: Equatable {
    /// The ids, the primary group's among them.
    case list([UInt32])
    /// It does not have such a user; or it has one, is away from its server, and does not have the
    /// groups.
    case noSuchUser
    /// It is not there, did not answer in time, or cannot be asked.
    case failed
  }

  /// `sss_nss_getgrouplist_timeout` of sss_nss_idmap.h.
  typealias GroupListFunction =
    @convention(c) (
      UnsafePointer<CChar>?, gid_t, UnsafeMutablePointer<gid_t>?, UnsafeMutablePointer<CInt>?,
      UInt32, CUnsignedInt
    ) -> CInt

  /// `SSS_NSS_EX_FLAG_NO_CACHE`: ask the server, and use what is cached only if that is away.
  private static let noCache: UInt32 = 1
  /// How long sssd may take, in milliseconds.
  private static let patience: CUnsignedInt = 10_000
  /// NGROUPS_MAX of Linux.
  private static let groupLimit = 65_536

  // SAFETY: the library stays loaded, and the function has this type in every version of it.
  private static let groupList: GroupListFunction? = {
    guard let library = unsafe dlopen("libsss_nss_idmap.so.0", RTLD_NOW | RTLD_LOCAL),
      let symbol = unsafe dlsym(library, "sss_nss_getgrouplist_timeout")
    else { return nil }
    return unsafe unsafeBitCast(symbol, to: GroupListFunction.self)
  }()

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
}
