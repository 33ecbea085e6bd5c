public import GatehousePolicy

/// Whoever knows the users and groups: NSS, or a stand-in of the tests.
///
/// Each call may block for as long as the directory behind it takes. "There is no such one" is an
/// answer; an error means that nobody could say.
public protocol Directory: Sendable {
  /// The account of a user; nil where there is no such user.
  func account(of user: Name) throws(DirectoryError) -> Account?
  /// The ids of every group of an account, primary and supplementary.
  ///
  /// May lack some while a directory is away, without an error: getgrouplist(3) is like that.
  func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32]
  /// The id of a group; nil where there is no such group.
  func groupID(of group: Name) throws(DirectoryError) -> UInt32?
}

/// What is needed of a user's entry.
public struct Account: Hashable, Sendable {
  /// The name as the directory writes it, which may differ from the one that was asked for.
  public let name: Name
  /// The primary group.
  public let primaryGroupID: UInt32

  /// An account.
  public init(name: Name, primaryGroupID: UInt32) {
    self.name = name
    self.primaryGroupID = primaryGroupID
  }
}

/// A question that the directory could not answer.
public struct DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was asked, and what was said, safe to show: `group "wheel": Connection refused`.
  public let description: String

  /// An error with its text.
  public init(_ description: String) { self.description = description }
}
