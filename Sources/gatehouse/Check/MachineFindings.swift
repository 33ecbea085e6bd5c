import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// How a policy fits the machine that it is checked on.
enum MachineFindings {
  /// Everything that only the machine knows.
  static func all(of policy: Policy) -> [Diagnostic] {
    var findings =
      unknownNames(in: policy) + ownAddresses(in: policy) + distantBreakGlass(in: policy)
    if let finding = OwnSession.current()?.finding(under: policy) { findings.append(finding) }
    return findings
  }

  /// Users and groups that NSS does not know: a rule for a misspelt name is a rule for nobody.
  private static func unknownNames(in policy: Policy) -> [Diagnostic] {
    let directory = SystemDirectory()
    // A name that is unknown may take a directory a tenth of a millisecond, or a round trip.
    let users = concurrentCompactMap(Array(policy.mentionedUsers)[...], atOnce: 8) { name, place in
      finding("user", name, at: place, .unknownUser, orUnread: .userNotRead) {
        () throws(DirectoryError) in
        try directory.account(of: name) != nil
      }
    }
    let groups = concurrentCompactMap(Array(policy.mentionedGroups)[...], atOnce: 8) {
      name, place in
      finding("group", name, at: place, .unknownGroup, orUnread: .groupNotRead) {
        () throws(DirectoryError) in
        try directory.groupID(of: name) != nil
      }
    }
    return users + groups
  }

  private static func finding(
    _ kind: String, _ name: Name, at place: SourceLocation, _ warning: WarningName,
    orUnread unreadWarning: WarningName, isKnown: () throws(DirectoryError) -> Bool
  ) -> Diagnostic? {
    do throws(DirectoryError) {
      if try isKnown() { return nil }
      return Diagnostic(
        warning: warning, location: place,
        message: "no \(kind) of this machine is called `\(name)`, so its rules are for nobody")
    } catch {
      return Diagnostic(
        warning: unreadWarning, location: place,
        message: "whether there is a \(kind) `\(name)` cannot be told: \(error)")
    }
  }

  /// While a directory server is away, only the machine's own users can be let in by break_glass.
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
          + "directory is away",
        remedy: "name a local user too")
    ]
  }

  /// Lists name who may come from elsewhere; the machine's own address there is likely a mistake.
  private static func ownAddresses(in policy: Policy) -> [Diagnostic] {
    let own = Set(
      Machine.ownAddresses().filter { !$0.isLoopback }.compactMap { IPAddress($0.text) })
    return policy.singleAddresses.compactMap { address, place in
      guard own.contains(address) else { return nil }
      return Diagnostic(
        warning: .ownAddress, location: place,
        message: "\(address) is an address of this machine itself",
        remedy: "a list holds the addresses that users come from, not those they log in to")
    }
  }
}
