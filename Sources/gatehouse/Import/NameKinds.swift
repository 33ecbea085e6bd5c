import GatehouseIdentity
import GatehouseImport
import GatehousePolicy

extension ThisDirectory {
  /// What the machine knows by a name: a user, a group, or not clearly one of them.
  ///
  /// A group counts as its user's own if nobody else is listed in it.
  static func kind(of name: Name) -> NameKind {
    guard let user = try? reading(of: name, among: [name]),
      case .some(let group) = group(named: name)
    else { return .unclear }
    guard let group else { return user.isKnown ? .user : .unclear }
    guard user.isKnown else { return user.isCertainlyAbsent ? .group : .unclear }
    let isOwn = user.groups.contains(name) && group.members.allSatisfy { $0 == name }
    return isOwn ? .user : .unclear
  }
}
