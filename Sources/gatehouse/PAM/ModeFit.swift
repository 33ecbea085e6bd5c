import GatehousePolicy
import GatehouseReport

/// Whether what PAM does without an answer fits what the policy does with one.
enum ModeFit {
  /// The check of an active line; strict is one by which logins are refused without an answer.
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
        remedy: "set `mode: enforce` in the policy, then gatehouse reload; or have trial: "
          + "gatehouse pam enable")
    }
  }
}
