import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// Checks whether a policy fits this machine.
enum MachineDiagnostics {
  /// All diagnostics about the policy on this machine.
  static func all(of policy: Policy) -> [Diagnostic] {
    var diagnostics =
      unknownNames(in: policy) + ownAddresses(in: policy) + distantBreakGlass(in: policy)
      + ServiceAccounts.remote(in: policy)
    if let diagnostic = OwnSession.current()?.diagnostic(under: policy) {
      diagnostics.append(diagnostic)
    }
    return diagnostics
  }

  /// Users and groups that this machine does not have: a rule for a misspelt name applies to nobody.
  private static func unknownNames(in policy: Policy) -> [Diagnostic] {
    let directory = SystemDirectory()
    let foreign = policy.foreignNames
    // Looking up a name may take a tenth of a millisecond, or a round trip to a server.
    let users = concurrentCompactMap(Array(policy.mentionedUsers)[...], atOnce: 8) {
      name, location in
      diagnostic(
        "user", name, at: location, .unknownUser, orUnread: .userNotRead,
        foreign.first { $0.name == name && !$0.isGroup }
      ) {
        () throws(DirectoryError) in
        try directory.account(of: name) != nil
      }
    }
    let groups = concurrentCompactMap(Array(policy.mentionedGroups)[...], atOnce: 8) {
      name, location in
      diagnostic(
        "group", name, at: location, .unknownGroup, orUnread: .groupNotRead,
        foreign.first { $0.name == name && $0.isGroup }
      ) {
        () throws(DirectoryError) in
        try directory.groupID(of: name) != nil
      }
    }
    return users + groups
  }

  private static func diagnostic(
    _ kind: String, _ name: Name, at location: SourceLocation, _ warning: WarningName,
    orUnread unreadWarning: WarningName, _ foreign: ForeignName?,
    isKnown: () throws(DirectoryError) -> Bool
  ) -> Diagnostic? {
    do throws(DirectoryError) {
      if try isKnown() { return nil }
      if let foreign { return foreign.error }
      return Diagnostic(
        warning: warning, location: location,
        message: "there is no \(kind) `\(name)` on this machine, so its rules apply to nobody")
    } catch {
      if let foreign { return foreign.warning }
      return Diagnostic(
        warning: unreadWarning, location: location,
        message: "cannot find out whether there is a \(kind) `\(name)`: \(error)")
    }
  }

  /// While a directory server is unreachable, break_glass can only let in the machine's own users.
  static func distantBreakGlass(in policy: Policy) -> [Diagnostic] {
    let users = policy.breakGlassUsers
    guard policy.mode != .off, !users.isEmpty,
      let content = try? Files.content(of: "/etc/passwd", atMost: 256 << 20)
    else { return [] }
    let own = content.split(separator: UInt8(ascii: "\n")).map { line in
      Name(bytes: Array(line.prefix { $0 != UInt8(ascii: ":") }))
    }
    guard users.isDisjoint(with: own) else { return [] }
    return [
      Diagnostic(
        warning: .noBreakGlass, location: policy.breakGlassLocation,
        message: "no user of break_glass is in /etc/passwd, so none may be known while the "
          + "directory is unreachable",
        remedy: "name a local user too")
    ]
  }

  /// No list lets the machine's own addresses in, because a login from there is `self`.
  private static func ownAddresses(in policy: Policy) -> [Diagnostic] {
    let own = Machine.ownAddresses().filter { !$0.isLoopback }.compactMap { IPAddress($0.text) }
    return policy.entries(holding: own).map { entry in
      Diagnostic(
        warning: .ownAddress, location: entry.location,
        message: entry.isSingle
          ? "\(entry.address) is an address of this machine itself"
          : "`\(entry.text)` holds \(entry.address), which is an address of this machine itself",
        remedy: "a login from there is `self`: write self beside it if that is meant")
    }
  }
}
