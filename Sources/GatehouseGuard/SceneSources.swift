import GatehouseClient
import GatehouseDoors
public import GatehouseIdentity
public import GatehousePlatform
public import GatehousePolicy

/// What a scene is read from: the machine, or a stand-in of the tests.
///
/// Each call may block.
public struct SceneSources: Sendable {
  /// The sessions that the login manager has.
  public var sessions: @Sendable () throws(SystemError) -> [LoginSession]
  /// The session that a process belongs to; nil if it is in none.
  public var sessionOfProcess: @Sendable (Int32) throws(SystemError) -> LoginSession?
  /// When a process was started, in clock ticks since the boot; nil if there is none.
  public var startOfProcess: @Sendable (Int32) throws(SystemError) -> UInt64?
  /// The name of a user by number; nil if there is no such user.
  public var userName: @Sendable (UInt32) throws(SystemError) -> Name?
  /// Whether an address is one of the machine's own.
  public var isOwn: @Sendable (IPAddress) -> Bool
  /// The users and groups.
  public var directory: any Directory
  /// The members that the entry of a group names.
  public var members: @Sendable (Name) throws(DirectoryError) -> [Name]
  /// The PAM lines by which sudo and su ask.
  public var roleLines: @Sendable () -> [RoleLine]

  /// Sources, each by itself.
  public init(
    sessions: @escaping @Sendable () throws(SystemError) -> [LoginSession],
    sessionOfProcess: @escaping @Sendable (Int32) throws(SystemError) -> LoginSession?,
    userName: @escaping @Sendable (UInt32) throws(SystemError) -> Name?,
    isOwn: @escaping @Sendable (IPAddress) -> Bool, directory: any Directory,
    members: @escaping @Sendable (Name) throws(DirectoryError) -> [Name],
    roleLines: @escaping @Sendable () -> [RoleLine],
    startOfProcess: @escaping @Sendable (Int32) throws(SystemError) -> UInt64? = {
      process throws(SystemError) in try ProcessDescriptor.status(of: process)?.start
    }
  ) {
    self.sessions = sessions
    self.sessionOfProcess = sessionOfProcess
    self.startOfProcess = startOfProcess
    self.userName = userName
    self.isOwn = isOwn
    self.directory = directory
    self.members = members
    self.roleLines = roleLines
  }

  /// This machine.
  public static var machine: SceneSources {
    let own = Set(Machine.ownAddresses().compactMap { IPAddress($0.text) })
    return SceneSources(
      sessions: { () throws(SystemError) in try LoginManager().sessions() },
      sessionOfProcess: { process throws(SystemError) in
        try LoginManager().session(ofProcess: process)
      },
      userName: { user throws(SystemError) in try SystemDirectory.name(ofUser: user) },
      isOwn: { $0.isLoopback || own.contains($0) }, directory: SystemDirectory(),
      members: { group throws(DirectoryError) in
        try SystemDirectory().group(named: group)?.members ?? []
      },
      roleLines: { RoleLine.ofMachine() })
  }
}

extension RoleLine {
  /// The lines by which sudo and su ask on this machine.
  static func ofMachine() -> [RoleLine] {
    let files = MachinePAMFiles()
    // Which version it is matters to lines that nobody writes; a package manager is not asked.
    let libpam = InstalledLibpam(
      version: nil, isDebian: Files.exists("/etc/debian_version"), source: "")
    return ["sudo", "sudo-i", "su", "su-l"].flatMap { service in
      PAMServices.lines(of: service, by: libpam.dialect, from: files).compactMap { line in
        guard line.isOurs else { return nil }
        return RoleLine(
          service: Name(line.service ?? service), role: line.role.map { Name($0) },
          usesSession: line.usesSession, asksLocally: line.local == .ask,
          judgesRoot: service.hasPrefix("su") && !service.hasPrefix("sudo"))
      }
    }
  }
}
