public import GatehousePolicy

/// A letter to somebody who authorises a place of their own.
public struct Letter: Codable, Hashable, Sendable {
  /// What it is about.
  public enum Kind: String, Codable, Sendable {
    /// It has a code.
    case code
    /// Somebody has tried wrong codes, and the right one does not count any more.
    case guessed
  }

  /// The id of the denial, with `-guessed` for the second kind.
  public let id: String
  /// What it is about.
  public let kind: Kind
  /// The user, as the directory spells the name.
  public let user: Name
  /// The PAM service of the denial.
  public let service: Name
  /// The role that was asked for.
  public let role: Name?
  /// The address that the login came from.
  public let origin: Origin
  /// When the login was denied, or the third wrong code was tried.
  public let time: Instant
  /// The end of the code; nil if there is none.
  public let until: Instant?
  /// The ten characters; nil if there is none.
  public let code: String?
  /// How it travels.
  public let way: CodeOffer.Way

  /// A letter with all its parts.
  public init(
    id: String, kind: Kind, user: Name, service: Name, role: Name?, origin: Origin, time: Instant,
    until: Instant?, code: String?, way: CodeOffer.Way
  ) {
    self.id = id
    self.kind = kind
    self.user = user
    self.service = service
    self.role = role
    self.origin = origin
    self.time = time
    self.until = until
    self.code = code
    self.way = way
  }
}

/// The letters that are still to be sent, in the order in which they were made.
public struct LettersReply: Codable, Sendable {
  /// Those that are neither sent nor late.
  public var letters: [Letter]

  /// So many letters.
  public init(letters: [Letter]) { self.letters = letters }
}
