import GatehouseIdentity
import GatehousePolicy

/// The users that a question about everyone is about.
enum Population {
  /// The users that NSS enumerates, and those that are named, with their groups; sorted by name.
  ///
  /// - Parameters:
  ///   - named: Users who are to be among them, whether NSS knows them or not.
  ///   - groups: The groups that matter.
  /// - Returns: Everyone, by the names that NSS has for them.
  /// - Throws: That a directory does not answer.
  static func all(
    named: Set<Name>, among groups: Set<Name>
  ) throws(CommandFailure) -> [UserIdentity] {
    let directory = SystemDirectory()
    do throws(DirectoryError) {
      let accounts = directory.accounts()
      var people = try directory.readings(of: accounts, among: groups)
      // By the names that they really have; two that were named may be one.
      var seen = Set(people.map(\.name))
      for name in named.sorted() where !seen.contains(name) {
        let identity = try directory.reading(of: name, among: groups)
        if seen.insert(identity.name).inserted { people.append(identity) }
      }
      return people.sorted { $0.name < $1.name }
    } catch {
      throw .unreachable(
        "the users and their groups cannot be read: \(error)",
        remedy: "see that the directory answers: getent group")
    }
  }
}
