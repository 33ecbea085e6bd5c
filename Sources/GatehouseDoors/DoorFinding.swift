public import GatehousePAM

/// Something about the machine's doors that somebody should know.
public struct DoorFinding: Hashable, Sendable {
  /// How much it matters.
  public enum Weight: String, Hashable, Sendable {
    /// Somebody gets in without being judged, or nobody gets in any more: it needs attention now.
    case urgent
    /// Nobody can say whether it is as it should be.
    case unknown
    /// Worth knowing.
    case note
  }

  /// What it is about.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Logins by a service are not judged.
    case unjudged
    /// Nobody gets in by a service, and a line of ours is why.
    case closed
    /// It cannot be known what a service does.
    case unknown
    /// A program gives no address, so logins by it are refused.
    case noAddress = "no_address"
    /// There is a way around a line that asks for a role.
    case wayAround = "way_around"
    /// Something counts our refusals, and shuts out more than the one who was refused.
    case penalty
    /// A line that skips a second factor skips too little, or too much.
    case jump
    /// A line that asks for a code is at the wrong place, or nobody is asked or sent one.
    case code
    /// A setting beside PAM changes what is asked.
    case beside
  }

  /// How much it matters.
  public var weight: Weight
  /// What it is about.
  public var kind: Kind
  /// The service or program.
  public var subject: String
  /// Where the cause stands; nil if it stands in no file.
  public var location: PAMLocation?
  /// What was found.
  public var message: String
  /// What to do about it; nil if there is nothing to do.
  public var remedy: String?

  /// A finding with all its parts.
  public init(
    _ weight: Weight, _ kind: Kind, _ subject: String, at location: PAMLocation? = nil,
    _ message: String, remedy: String? = nil
  ) {
    self.weight = weight
    self.kind = kind
    self.subject = subject
    self.location = location
    self.message = message
    self.remedy = remedy
  }
}
