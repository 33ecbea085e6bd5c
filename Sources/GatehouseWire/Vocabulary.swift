/// What a frame is: the byte after the version.
public enum Kind: UInt8, Sendable {
  /// A login that asks whether it may go on. Answered with `answer`.
  case question = 1
  /// The answer to a question.
  case answer = 65
}

/// The name of a field in a frame.
///
/// A reader that does not know a tag from 128 on skips that field.
public enum Tag: UInt8, Sendable {
  /// The PAM service to judge as. 1 to 255 bytes.
  case service = 1
  /// The user who logs in. 1 to 1024 bytes.
  case user = 2
  /// PAM_RHOST as it was; absent if it is unset.
  case remoteHost = 3
  /// The first word of SSH_CONNECTION in the PAM environment.
  case sshConnectionAddress = 4
  /// PAM_RUSER.
  case remoteUser = 5
  /// PAM_TTY.
  case terminal = 6
  /// SSH_AUTH_INFO_0: the methods and keys that have succeeded.
  case sshAuthInfo = 7
  /// `LoginFlags` in a question, `AnswerFlags` in an answer. u32.
  case flags = 8
  /// Milliseconds that the asker still waits. u32.
  case timeLeft = 9
  /// The role that was asked for.
  case role = 10
  /// The networks that are asked about instead of the policy, joined by commas.
  case network = 14
  /// The real uid of the process that asks; the greatest number if that says nothing of who uses it.
  /// u32.
  case caller = 15
  /// The code that the user has entered, to authorise the place.
  case code = 16
  /// `AnswerDecision`. u8.
  case decision = 32
  /// The reason's name, such as `not_listed`.
  case reason = 33
  /// The text for the user.
  case message = 34
  /// The id that the user can quote.
  case id = 35
  /// The roles that are available, sorted, joined by commas.
  case roles = 36
  /// The third word of SSH_CONNECTION in the PAM environment: the address of sshd's own end.
  case sshServerAddress = 128
}

/// What the daemon says to a question.
public enum AnswerDecision: UInt8, Sendable {
  /// The login may go on.
  case allow = 0
  /// The login is refused.
  case deny = 1
  /// The policy has nothing to say.
  case ignore = 2
  /// The daemon has no policy.
  case noPolicy = 3
  /// The origin is local, and the question says to leave such a login to the module.
  case local = 4
}

/// Bounds of the protocol, in bytes.
public enum WireLimit {
  /// A whole frame.
  public static let frame = 4096
  /// Magic, version and kind.
  public static let header = 4
  /// Tag and length of a field.
  public static let fieldHeader = 3
  /// A PAM service.
  public static let service = 255
  /// A user's name.
  ///
  /// The module refuses a longer one without asking.
  public static let user = 1024
  /// PAM_RHOST.
  ///
  /// A longer one is cut: what is left is as little an address as the whole was.
  public static let remoteHost = 255
  /// An address in SSH_CONNECTION; cut, too.
  public static let sshConnectionAddress = 64
  /// PAM_RUSER; cut, it is only recorded.
  public static let remoteUser = 255
  /// PAM_TTY; cut.
  public static let terminal = 255
  /// SSH_AUTH_INFO_0; cut, it is only recorded.
  ///
  /// With an RSA key of 4096 bits it has 742 bytes.
  public static let sshAuthInfo = 1024
  /// A role's name.
  public static let role = 64
  /// The networks that are asked about, joined.
  public static let network = 512
  /// A code that a user has entered; a longer one is cut, and is wrong.
  public static let code = 64
  /// A reason's name.
  public static let reason = 64
  /// The text for the user.
  public static let message = 1024
  /// The id of an answer.
  public static let id = 64
  /// The roles of an answer, joined.
  public static let roles = 2048
}
