import GatehouseIdentity
import GatehousePolicy

/// The users and groups of this machine, from NSS; each user is looked up once.
struct KnownUsers {
  /// What a policy needs to know about a user.
  struct User {
    /// The name as NSS spells it; if NSS does not know it, as it was given.
    let name: Name
    /// Nil if they could not be read.
    let groups: Set<Name>?
    /// Whether the user has uid 0; nil if that could not be read.
    let isRoot: Bool?
    /// False if NSS says that there is no such user.
    let isKnown: Bool
    /// The service of nsswitch.conf(5) that said so; nil if that is not known.
    let source: String?
  }

  private let groups: Set<Name>
  private var users: [Name: User] = [:]

  /// - Parameter groups: The groups that matter.
  init(among groups: Set<Name>) { self.groups = groups }

  /// The user of this name.
  subscript(name: Name) -> User {
    mutating get {
      if let user = users[name] { return user }
      let reading = try? ThisDirectory.reading(of: name, among: groups)
      let user = User(
        name: reading?.name ?? name, groups: reading?.groups,
        isRoot: reading?.isRoot, isKnown: reading?.isKnown ?? true, source: reading?.source)
      users[name] = user
      return user
    }
  }
}
