/// What a frame is: the byte after the version.
public enum Kind: UInt8, Sendable {
  /// A login that asks whether it may go on. Answered with `answer`.
  case question = 1
  /// Why a login would be allowed or denied. Answered with `report`.
  case explain = 2
  /// How the daemon is. Answered with `report`.
  case status = 3
  /// The policy is to be read again. Answered with `report`.
  case reload = 4
  /// A candidate policy, in an attached file, is to serve for a time. Answered with `report`.
  case trial = 5
  /// Whether the candidate may be confirmed by whoever asks. Answered with `report`.
  case confirm = 6
  /// The trial is to end now. Answered with `report`.
  case endTrial = 7
  /// A temporary permission is to be given. Answered with `report`.
  case grant = 8
  /// Which temporary permissions there are. Answered with `report`.
  case grants = 9
  /// A temporary permission is to end. Answered with `report`.
  case revoke = 10
  /// A denial is to be shown, or turned into a permission. Answered with `report`.
  case approve = 11
  /// What came out differently by a policy that decides nothing yet. Answered with `report`.
  case shadow = 12
  /// A candidate policy, in an attached file, is to be decided beside the serving one. Answered with
  /// `report`.
  case startShadow = 13
  /// The candidate is to be decided no longer. Answered with `report`.
  case stopShadow = 14
  /// The answer to a question.
  case answer = 65
  /// The answer to everything else; the text comes in an attached memory file.
  case report = 66
}

/// The name of a field in a frame.
///
/// Tags from 128 on are for fields that a reader who does not know them may skip; there is none yet.
public enum Tag: UInt8, Sendable {
  /// The PAM service to judge as. 1 to 255 bytes.
  case service = 1
  /// The user who logs in. 1 to 1024 bytes.
  case user = 2
  /// PAM_RHOST as it was; absent where it is unset.
  case remoteHost = 3
  /// The first word of SSH_CONNECTION in the PAM environment.
  case sshConnectionAddress = 4
  /// PAM_RUSER.
  case remoteUser = 5
  /// PAM_TTY.
  case terminal = 6
  /// SSH_AUTH_INFO_0: the methods and keys that have succeeded.
  case sshAuthInfo = 7
  /// `LoginFlags` in a question or explain, `AnswerFlags` in an answer. u32.
  case flags = 8
  /// Milliseconds that the asker still waits. u32.
  case timeLeft = 9
  /// The role that was asked for.
  case role = 10
  /// A group of the user, once for each.
  case group = 11
  /// The time to decide at, microseconds since the epoch, UTC. i64.
  case time = 12
  /// `ReportFormat`. u8.
  case format = 13
  /// The network that is asked about instead of the policy.
  case network = 14
  /// The real uid of the process that asks. u32.
  case caller = 15
  /// How long something is to last, in seconds. u32.
  case duration = 16
  /// Whom `--allow-lockout` named.
  case exempt = 17
  /// The SHA-256 of a policy in hexadecimal. 64 bytes.
  case digest = 18
  /// The address that a grant is for, as a text.
  case address = 19
  /// Who asks for what is recorded.
  case author = 20
  /// Why it is asked for.
  case why = 21
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
  /// The exit status of the command that asked. u8.
  case exitStatus = 37
}

/// How a report is to be written.
public enum ReportFormat: UInt8, Sendable {
  /// Text for people.
  case text = 0
  /// Text for people, with colours.
  case colouredText = 1
  /// One JSON document.
  case json = 2
  /// One line of JSON, as `explain --batch` writes it.
  case batchLine = 3
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
  /// A longer one cannot be asked about, and is refused by who would ask.
  public static let user = 1024
  /// PAM_RHOST.
  ///
  /// A longer one is cut: what is left is as little an address as the whole was.
  public static let remoteHost = 255
  /// The address in SSH_CONNECTION; cut likewise.
  public static let sshConnectionAddress = 64
  /// PAM_RUSER; cut, it is only recorded.
  public static let remoteUser = 255
  /// PAM_TTY; cut, it is only recorded.
  public static let terminal = 255
  /// SSH_AUTH_INFO_0; cut, it is only recorded.
  ///
  /// With an RSA key of 4096 bits it has 742 bytes.
  public static let sshAuthInfo = 1024
  /// A role's name.
  public static let role = 64
  /// A network's name.
  public static let network = 64
  /// A group's name.
  public static let group = 255
  /// The users that `--allow-lockout` named, joined; cut, they are only recorded.
  public static let exempt = 1024
  /// A SHA-256 in hexadecimal.
  public static let digest = 64
  /// A policy's files as one (`SnapshotArchive`), in the file beside a frame.
  public static let policy = 256 << 20
  /// The seconds that a candidate can be on trial: a week.
  public static let trialSeconds: UInt32 = 604_800
  /// The address of a grant.
  public static let address = 64
  /// Who asks; cut, it is only recorded.
  public static let author = 255
  /// Why something is asked for.
  public static let why = 512
  /// A reason's name.
  public static let reason = 64
  /// The text for the user.
  public static let message = 1024
  /// The id of an answer.
  public static let id = 64
  /// The roles of an answer, joined.
  public static let roles = 2048
}
