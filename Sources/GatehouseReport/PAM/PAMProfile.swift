/// A profile of pam-auth-update(8) that makes logins ask the daemon.
public enum PAMProfile: String, CaseIterable, Sendable {
  /// Without an answer, logins go on.
  case trial
  /// Without an answer, remote logins are refused.
  case strict

  /// Its name for pam-auth-update.
  public var name: String { "gatehouse-\(rawValue)" }

  /// What it does to logins, in words.
  var effect: String {
    switch self {
    case .trial: "logins ask; without an answer they go on, with a logged warning"
    case .strict: "logins ask; without an answer they are refused, except on the console"
    }
  }
}
