public import GatehousePolicy

/// What `--allow-lockout` allows: `alice,bob`, `all`, `unjudged`, or several of them.
///
/// The words `all` and `unjudged` never name a user.
public struct LockoutAllowance: Hashable, Codable, Sendable {
  /// The users who may be locked out.
  public var users: Set<Name>
  /// Whether everybody may be.
  public var all: Bool
  /// Whether the policy may come into force though nobody could be judged, or not everybody who
  /// matters.
  public var unjudged: Bool

  /// Nothing is allowed.
  public static let nothing = LockoutAllowance()

  /// An allowance.
  public init(users: Set<Name> = [], all: Bool = false, unjudged: Bool = false) {
    self.users = users
    self.all = all
    self.unjudged = unjudged
  }

  /// Reads the words, with commas between them; nil if one of them is empty.
  public init?(_ text: Name) {
    self.init()
    if text.bytes.isEmpty { return }
    let words = text.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    for word in words.map({ Name(bytes: $0) }) {
      switch word {
      case "": return nil
      case "all": all = true
      case "unjudged": unjudged = true
      default: users.insert(word)
      }
    }
  }

  /// The words, with commas between them, sorted; empty if nothing is allowed.
  public var text: Name {
    let words = users.sorted() + (all ? ["all"] : []) + (unjudged ? ["unjudged"] : [])
    return Name(bytes: words.map(\.bytes).joined(separator: [UInt8(ascii: ",")]))
  }

  /// Whether all of these may be locked out.
  public func allows(_ names: [Name]) -> Bool { all || users.isSuperset(of: names) }

  /// Both together.
  public func union(_ other: Self) -> Self {
    LockoutAllowance(
      users: users.union(other.users), all: all || other.all,
      unjudged: unjudged || other.unjudged)
  }
}
