import GatehousePolicy
import GatehouseReport

/// Checks whether PAM's behaviour without an answer fits the policy's mode.
enum ModeFit {
  /// The check for a mode.
  ///
  /// - Parameters:
  ///   - mode: The mode of the policy that serves.
  ///   - isStrict: Whether logins are refused without an answer.
  /// - Returns: The check.
  static func check(_ mode: Mode, isStrict: Bool) -> PAMCheck {
    switch (mode, isStrict) {
    case (.enforce, true), (.monitor, false):
      PAMCheck(.ok, "mode", "\(mode.rawValue), which fits")
    case (.enforce, false):
      PAMCheck(
        .warning, "mode", "the policy enforces, but without an answer logins go on",
        remedy: "once you have seen logins work: gatehouse pam enable --strict")
    case (.off, false):
      PAMCheck(
        .warning, "mode", "the policy's mode is off, so no login is checked",
        remedy: "set `mode: monitor` in the policy, then gatehouse reload")
    case (.monitor, true), (.off, true):
      PAMCheck(
        .notOK, "mode",
        "strict refuses logins without an answer, but the policy's mode is \(mode.rawValue), which "
          + "refuses nobody",
        remedy: "set `mode: enforce` in the policy, then gatehouse reload; or turn on trial: "
          + "gatehouse pam enable")
    }
  }
}
