public import GatehousePolicy

/// The reply to a request to read users anew.
public enum RefreshReply: Codable, Sendable {
  /// A user was read.
  case user(RefreshedUser)
  /// So many users will be read anew when they log in.
  case all(users: Int)
  /// The daemon has no policy, so it asks for no groups; it should be in this folder.
  case noPolicy(folder: String)
}

/// What a directory says of a user now.
public struct RefreshedUser: Codable, Sendable {
  /// The name as the directory spells it, or as it was given.
  public var name: Name
  /// The user's number; nil if there is no such user, or the user could not be read.
  public var number: UInt32?
  /// Whether it is certain that there is no such user.
  public var isAbsent: Bool
  /// The groups of the policy that the user is in.
  public var groups: [Name]
  /// The groups of the policy of which it is unknown whether the user is in them.
  public var unknownGroups: [Name]
  /// Why something could not be read; nil if everything was.
  public var problem: String?

  /// A user who was read.
  public init(
    name: Name, number: UInt32?, isAbsent: Bool, groups: [Name], unknownGroups: [Name],
    problem: String?
  ) {
    self.name = name
    self.number = number
    self.isAbsent = isAbsent
    self.groups = groups
    self.unknownGroups = unknownGroups
    self.problem = problem
  }

  /// Whether everything that there is to know was read.
  public var isRead: Bool { problem == nil && (number != nil || isAbsent) && unknownGroups.isEmpty }
}
