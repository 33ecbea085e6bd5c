/// For whom two policies are compared.
public enum Subject: Hashable, Sendable {
  /// A user, in those of the groups that a policy names.
  case user(Name, groups: Set<Name>)
  /// Any user whom neither policy names, and who is of the groups that they name in exactly these.
  ///
  /// To the policies all of them are alike.
  case members(of: Set<Name>)

  /// Any user whom neither policy names, nor a group of theirs.
  public static let everyoneElse = Subject.members(of: [])

  /// The groups that count.
  public var groups: Set<Name> {
    switch self {
    case .user(_, let groups), .members(let groups): groups
    }
  }
}

/// The services for which something holds.
public struct ServiceScope: Hashable, Sendable {
  /// Those for which it holds of the services that a policy names, sorted.
  public let named: [Name]
  /// Those for which it does not hold, likewise.
  public let excluded: [Name]
  /// Whether it holds for every service that no policy names.
  public let includesOthers: Bool
}
