internal import GatehousePolicy
internal import Glibc

/// winbind, asked by its own library, which is loaded the first time if it is there.
///
/// winbind answers from what it has while it is away from its domain controller, and NSS does not tell. So
/// it is asked whether it reaches the controller.
enum Winbind {
  /// `wbcPingDc` of wbclient.h: the domain, null for the machine's own, and what went wrong.
  typealias PingFunction =
    @convention(c) (UnsafePointer<CChar>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> CInt

  /// `wbcFreeMemory`.
  typealias FreeFunction = @convention(c) (UnsafeMutableRawPointer?) -> Void

  private static let library = LoadedLibrary("libwbclient.so.0")
  // SAFETY: the functions have these types in every version of the library.
  private static let ping = unsafe library?.function("wbcPingDc", as: PingFunction.self)
  private static let freeMemory = unsafe library?.function("wbcFreeMemory", as: FreeFunction.self)

  /// Whether winbind reaches a controller of the domain of a user now; no if it cannot be asked.
  static func reachesController(of user: Name) -> Bool {
    // SAFETY: the functions of the library.
    guard let ping = unsafe ping, let freeMemory = unsafe freeMemory else { return false }
    return unsafe reachesController(of: user, by: ping, freeMemory)
  }

  /// The same by functions that a test may give.
  @unsafe static func reachesController(
    of user: Name, by ping: PingFunction, _ freeMemory: FreeFunction
  ) -> Bool {
    var problem: UnsafeMutableRawPointer?
    // SAFETY: the domain is a C string or null, and what comes back is freed.
    let result =
      if let domain = domain(of: user) {
        unsafe domain.withUnsafeBufferPointer { unsafe ping($0.baseAddress, &problem) }
      } else { unsafe ping(nil, &problem) }
    if unsafe problem != nil { unsafe freeMemory(problem) }
    return result == 0
  }

  /// The domain before the name, as a C string; nil if there is none, and so it is the machine's own.
  private static func domain(of user: Name) -> [CChar]? {
    guard let end = user.bytes.firstIndex(of: UInt8(ascii: "\\")), end > 0 else { return nil }
    return CStringBytes(Name(bytes: user.bytes[..<end]))?.bytes
  }
}
