/// A profile of pam-auth-update(8) that makes logins ask the daemon.
public enum PAMProfile: String, CaseIterable, Sendable {
  /// Without an answer, logins go on.
  case trial
  /// Without an answer, logins from elsewhere are refused.
  case strict

  /// What pam-auth-update calls it.
  public var name: String { "gatehouse-\(rawValue)" }

  /// What it means for logins, in words.
  var effect: String {
    switch self {
    case .trial: "logins ask; without an answer they go on, with a logged warning"
    case .strict: "logins ask; without an answer nobody gets in but on the console"
    }
  }
}
