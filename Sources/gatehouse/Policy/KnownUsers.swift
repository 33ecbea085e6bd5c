import GatehouseIdentity
import GatehousePolicy

/// What NSS says of users, each asked about once.
struct KnownUsers {
  /// A user, as far as a policy asks.
  struct User {
    /// The name that NSS has, or the one that was given.
    let name: Name
    /// Nil where they could not be read.
    let groups: Set<Name>?
    /// False where NSS says that there is no such user.
    let isKnown: Bool
  }

  private let directory = SystemDirectory()
  private let groups: Set<Name>
  private var users: [Name: User] = [:]

  /// - Parameter groups: The groups that matter.
  init(among groups: Set<Name>) { self.groups = groups }

  /// What is known of a user.
  subscript(name: Name) -> User {
    mutating get {
      if let user = users[name] { return user }
      let reading = try? directory.reading(of: name, among: groups)
      let user = User(
        name: reading?.name ?? name, groups: reading?.groups,
        isKnown: reading?.isKnown ?? true)
      users[name] = user
      return user
    }
  }
}
