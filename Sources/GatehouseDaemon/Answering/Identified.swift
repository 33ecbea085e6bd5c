import GatehouseIdentity
import GatehousePolicy

/// Who is logging in, as well as it could be found out.
struct Identified: Sendable {
  /// As the directory writes it, or as it was given.
  let name: Name
  /// Nil where they could not be read.
  let groups: Set<Name>?

  /// What a reading gave; the name as it was given and no groups where there is none.
  init(_ identity: Identity?, of user: Name) {
    name = identity?.name ?? user
    groups = identity?.groups
  }

  /// A user whose groups came with the question.
  init(_ user: Name, groups: Set<Name>) {
    name = user
    self.groups = groups
  }
}
