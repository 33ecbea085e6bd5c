public import GatehouseIdentity
internal import GatehousePAM
public import GatehousePlatform
public import GatehousePolicy

/// Whether a policy fits the machine: its users, groups, services and addresses.
///
/// Needs only NSS and files that everybody may read, so that the daemon can look as the command does.
public struct PolicyFit: Sendable {
  /// Why a policy is looked at, which says what is an error and what a warning.
  public enum Occasion: Sendable {
    /// `gatehouse check`.
    case check
    /// Somebody puts the policy in place; a rule that confines one of these names may stay, though
    /// nobody has the name.
    case change(allowingUnknown: Set<Name>)
    /// The daemon reads the policy because it was asked to.
    case reload
    /// The daemon reads it by itself: nothing is an error.
    case start
  }

  /// What is known of the machine without asking a directory.
  public struct Machine: Sendable {
    /// The names in `/etc/passwd`.
    public var localUsers: Set<Name>
    /// The names in `/etc/group`.
    public var localGroups: Set<Name>
    /// The services that PAM has a file of; empty if that is not known.
    public var services: Set<String>
    /// The machine's addresses that are not loopback.
    public var addresses: [IPAddress]

    /// A machine.
    public init(
      localUsers: Set<Name>, localGroups: Set<Name>, services: Set<String>, addresses: [IPAddress]
    ) {
      self.localUsers = localUsers
      self.localGroups = localGroups
      self.services = services
      self.addresses = addresses
    }

    /// This machine as it is now.
    public static func current() -> Machine {
      let folders = PAMDialect.serviceFolders
      return Machine(
        localUsers: SystemDirectory.localUsers(), localGroups: SystemDirectory.localGroups(),
        services: Set(
          folders.flatMap { (try? Files.names(in: $0)) ?? [] }.filter(PAMDialect.isServiceFile)),
        addresses: GatehousePlatform.Machine.ownAddresses().filter { !$0.isLoopback }
          .compactMap { IPAddress($0.text) })
    }
  }

  let directory: any NameDirectory
  let calls: BlockingCalls
  private let machine: @Sendable () -> Machine

  /// - Parameters:
  ///   - directory: Who knows users and groups.
  ///   - calls: The threads to ask it on.
  ///   - machine: Gives what else is known; asked anew for each policy.
  public init(
    directory: any NameDirectory, calls: BlockingCalls,
    machine: @escaping @Sendable () -> Machine = Machine.current
  ) {
    self.directory = directory
    self.calls = calls
    self.machine = machine
  }

  /// All that does not fit, sorted by location; blocks.
  ///
  /// - Parameters:
  ///   - policy: The policy.
  ///   - occasion: Why it is looked at.
  ///   - time: How long to wait for the directory.
  ///   - progress: Told how many names of how many were looked up.
  /// - Returns: Errors and warnings; what the directory did not say in time is a warning.
  public func diagnostics(
    of policy: Policy, at occasion: Occasion, within time: Duration,
    progress: (Int, Int) -> Void = { _, _ in }
  ) -> [Diagnostic] {
    let machine = machine()
    let names = NameFit(
      policy: policy, occasion: occasion, localUsers: machine.localUsers,
      localGroups: machine.localGroups)
    let found =
      names.diagnostics(directory, calls, within: time, progress)
      + Self.unknownServices(in: policy, known: machine.services)
      + Self.distantBreakGlass(in: policy, localUsers: machine.localUsers)
      + Self.ownAddresses(in: policy, machine.addresses)
    return found.sorted()
  }

  /// Services that the policy names and PAM has no file of: rules for a misspelt one apply to nobody.
  static func unknownServices(in policy: Policy, known: Set<String>) -> [Diagnostic] {
    guard !known.isEmpty else { return [] }
    return policy.namedServices.filter { !known.contains($0.key.description) }
      .map { service, location in
        Diagnostic(
          warning: .unknownService, location: location,
          message: "PAM has no file of a service `\(service)`, so no login may come by it",
          remedy: nearestName(to: service.description, among: known).map { "did you mean `\($0)`?" }
            ?? "`gatehouse doors` lists the services of this machine")
      }
  }

  /// `no_break_glass`: while a directory server is unreachable, break_glass can only let in the
  /// machine's own users.
  public static func distantBreakGlass(
    in policy: Policy, localUsers: Set<Name> = SystemDirectory.localUsers()
  ) -> [Diagnostic] {
    let users = policy.breakGlassUsers
    guard policy.mode != .off, !users.isEmpty, !localUsers.isEmpty,
      users.isDisjoint(with: localUsers)
    else { return [] }
    return [
      Diagnostic(
        warning: .noBreakGlass, location: policy.breakGlassLocation,
        message: "no user of break_glass is in /etc/passwd, so none may be known while the "
          + "directory is unreachable",
        remedy: "name a local user too")
    ]
  }

  /// No list lets the machine's own addresses in, because a login from there is `self`.
  static func ownAddresses(in policy: Policy, _ own: [IPAddress]) -> [Diagnostic] {
    policy.entries(holding: own).map { entry in
      Diagnostic(
        warning: .ownAddress, location: entry.location,
        message: entry.isSingle
          ? "\(entry.address) is an address of this machine itself"
          : "`\(entry.text)` holds \(entry.address), which is an address of this machine itself",
        remedy: "a login from there is `self`: write self beside it if that is meant")
    }
  }
}
