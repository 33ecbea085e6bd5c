import GatehousePolicy

/// A line that pam_access obeys, less the words that the importer cannot know.
struct Rule {
  let place: Place
  let allows: Bool
  let users: UserCondition
  let origins: AddressSet
}

/// Whom a rule is for: the words of one level, but for those of the next, and so on.
struct UserCondition: Hashable {
  /// Words of which any may match.
  struct Level: Hashable {
    var everyone = false
    /// Names of users, in small letters.
    var users: Set<Name> = []
    var groups: Set<Name> = []
  }

  /// The words, those after each EXCEPT one level further down; at least one level.
  var levels: [Level]

  /// Whether it holds for every user.
  var isEveryone: Bool { levels.count == 1 && levels[0].everyone }
}
