/// Who is told what, as `notify` in the policy has it.
///
/// No decision depends on it.
public struct NotifySettings: Hashable, Sendable {
  /// What somebody can be told.
  public enum Event: String, CaseIterable, Sendable {
    /// A login was denied.
    case denials
    /// A user came from a place for the first time, and was let in.
    case firstTimes = "first_times"
    /// Somebody came in by `break_glass`.
    case breakGlass = "break_glass"
    /// A policy was refused, and an earlier one serves on.
    case refusedChanges = "refused_changes"
    /// A change was undone by itself, because nobody confirmed it.
    case rollbacks
    /// Logins by a service are not judged any more.
    case doors
    /// A user was sent a code to authorise a new place, used it, or it was guessed at too often.
    case codes
  }

  /// Who gets a mail; empty if nobody does.
  public var mail: [MailAddress] = []
  /// The absolute path of a program that is run for each message; nil if there is none.
  public var command: String?
  /// What is told.
  public var events = Set(Event.allCases)
  /// How long everything else about the same user and network is put together after a message.
  public var gather = Duration.seconds(300)
  /// The most messages in an hour.
  public var most = 20
  /// Where it stands; nil if it is from nowhere.
  public var location: SourceLocation?

  /// The most addresses in `mail`.
  static let mostAddresses = 20
  /// The highest value of `most`.
  static let maximumMost = 1000
  /// The longest `gather`.
  static let longestGather = Duration.seconds(86_400)
  /// The most bytes of the path in `command`.
  static let longestPath = 1024

  /// Settings by which nobody is told anything.
  public init() {}
}
