import GatehouseIdentity
import GatehousePolicy

/// How a policy fits the machine that it is checked on.
enum MachineFindings {
  /// Everything that only the machine knows.
  static func all(of policy: Policy) -> [Diagnostic] {
    var findings = unknownNames(in: policy) + ownAddresses(in: policy)
    if let finding = OwnSession.current()?.finding(under: policy) { findings.append(finding) }
    return findings
  }

  /// Users and groups that NSS does not know: a rule for a misspelt name is a rule for nobody.
  private static func unknownNames(in policy: Policy) -> [Diagnostic] {
    let directory = SystemDirectory()
    let users = policy.mentionedUsers.compactMap { name, place in
      finding("user", name, at: place) { () throws(DirectoryError) in
        try directory.account(of: name) != nil
      }
    }
    let groups = policy.mentionedGroups.compactMap { name, place in
      finding("group", name, at: place) { () throws(DirectoryError) in
        try directory.groupID(of: name) != nil
      }
    }
    return users + groups
  }

  private static func finding(
    _ kind: String, _ name: Name, at place: SourceLocation,
    isKnown: () throws(DirectoryError) -> Bool
  ) -> Diagnostic? {
    do throws(DirectoryError) {
      if try isKnown() { return nil }
      return Diagnostic(
        severity: .warning, name: "unknown_\(kind)", location: place,
        message: "no \(kind) of this machine is called `\(name)`, so its rules are for nobody")
    } catch {
      return Diagnostic(
        severity: .warning, name: "\(kind)_not_read", location: place,
        message: "whether there is a \(kind) `\(name)` cannot be told: \(error)")
    }
  }

  /// Lists name who may come from elsewhere; the machine's own address there is likely a mistake.
  private static func ownAddresses(in policy: Policy) -> [Diagnostic] {
    let own = OwnAddresses.all()
    return policy.singleAddresses.compactMap { address, place in
      guard own.contains(address) else { return nil }
      return Diagnostic(
        severity: .warning, name: "own_address", location: place,
        message: "\(address) is an address of this machine itself",
        remedy: "a list holds the addresses that users come from, not those they log in to")
    }
  }
}
