/// What the policy's decisions are for.
public enum Mode: String, CaseIterable, Codable, Sendable {
  /// Nothing is checked.
  case off
  /// Decided and logged; the answer to a denial is allow.
  case monitor
  /// Decided.
  case enforce
}
