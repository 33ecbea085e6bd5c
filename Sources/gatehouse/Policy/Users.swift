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
    /// False if NSS says that there is no such user.
    let isKnown: Bool
  }

  private let directory = SystemDirectory()
  private let groups: Set<Name>
  private var users: [Name: User] = [:]

  /// - Parameter groups: The groups that matter.
  init(among groups: Set<Name>) { self.groups = groups }

  /// The user of this name.
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

/// The users that a question about everybody covers.
enum Population {
  /// The users that NSS lists, and the named users, with their groups.
  ///
  /// - Parameters:
  ///   - named: Users to include whether NSS knows them or not.
  ///   - groups: The groups that matter.
  /// - Returns: The users, named as NSS spells them, sorted by name.
  /// - Throws: If a directory does not answer.
  static func all(
    named: Set<Name>, among groups: Set<Name>
  ) throws(CommandFailure) -> [UserIdentity] {
    let directory = SystemDirectory()
    do throws(DirectoryError) {
      let accounts = directory.accounts()
      var people = try directory.readings(of: accounts, among: groups)
      // By NSS's spelling: two names that were given may be one user.
      var seen = Set(people.map(\.name))
      for name in named.sorted() where !seen.contains(name) {
        let identity = try directory.reading(of: name, among: groups)
        if seen.insert(identity.name).inserted { people.append(identity) }
      }
      return people.sorted { $0.name < $1.name }
    } catch {
      throw .unreachable(
        "the users and their groups cannot be read: \(error)",
        remedy: "check that the directory answers: getent group")
    }
  }
}
