internal import CPosix
public import GatehousePlatform
public import GatehousePolicy
internal import Glibc
internal import Synchronization

/// The users that NSS lists (getpwent(3)).
///
/// Many directories list none of theirs: that a user is missing here means nothing.
public struct Enumeration: Sendable {
  /// The users, each once, sorted by name.
  public let accounts: [Account]
  /// Whether the list broke off: the directory failed, or did not end in time.
  public let isCut: Bool
  /// The services of nsswitch.conf that may have users, and listed none of them.
  public let silentServices: [String]

  /// A list with all that is known of it.
  public init(accounts: [Account], isCut: Bool, silentServices: [String]) {
    self.accounts = accounts
    self.isCut = isCut
    self.silentServices = silentServices
  }
}

extension SystemDirectory {
  /// The most users that are listed.
  private static let enumerationLimit = 1_000_000

  /// Lists the users; what was not listed in time is left out.
  ///
  /// To be called once at a time: NSS has one place in its list for the whole process.
  ///
  /// - Parameters:
  ///   - calls: The threads to ask on.
  ///   - time: How long the list may take.
  /// - Returns: The list, as far as it came.
  public func enumeration(on calls: BlockingCalls, within time: Duration) -> Enumeration {
    let found = EnumeratedAccounts()
    let isComplete = calls.result(within: time) {
      setpwent()
      defer { endpwent() }
      while found.count < Self.enumerationLimit {
        errno = 0
        // SAFETY: the entry is valid until the next call, and what is needed of it is copied here.
        guard let entry = unsafe getpwent() else { return errno == 0 || errno == ENOENT }
        guard let written = unsafe entry.pointee.pw_name else { continue }
        found.add(
          Account(
            name: unsafe Name(written), userID: unsafe entry.pointee.pw_uid,
            primaryGroupID: unsafe entry.pointee.pw_gid))
      }
      return false
    }
    let accounts = found.sorted
    let local = Self.localUsers()
    let isSilent = accounts.allSatisfy { local.contains($0.name) }
    return Enumeration(
      accounts: accounts, isCut: isComplete != true,
      silentServices: isSilent ? Self.distantServices() : [])
  }

  private static func distantServices() -> [String] {
    let content = try? Files.contentIfPresent(of: "/etc/nsswitch.conf", atMost: 1 << 16)
    return content.flatMap(\.self).map {
      NameServices.distantServices("passwd", String(decoding: $0, as: UTF8.self))
    } ?? []
  }

  /// The names in `/etc/passwd`; none if it cannot be read.
  public static func localUsers() -> Set<Name> { names(in: "/etc/passwd") }

  /// The names in `/etc/group`; none if it cannot be read.
  public static func localGroups() -> Set<Name> { names(in: "/etc/group") }

  private static func names(in path: String) -> Set<Name> {
    guard let content = try? Files.content(of: path, atMost: 256 << 20) else { return [] }
    return Set(
      content.split(separator: UInt8(ascii: "\n")).map { line in
        Name(bytes: line.prefix { $0 != UInt8(ascii: ":") })
      })
  }
}

/// The accounts that one thread finds and another takes, whether the first has ended or not.
private final class EnumeratedAccounts: Sendable {
  private let accounts = Mutex<[Name: Account]>([:])

  var count: Int { accounts.withLock { $0.count } }

  func add(_ account: Account) {
    accounts.withLock { accounts in
      // The first entry of a name counts, as for getpwnam(3).
      if accounts[account.name] == nil { accounts[account.name] = account }
    }
  }

  var sorted: [Account] { accounts.withLock { $0.values.sorted { $0.name < $1.name } } }
}
