import GatehousePolicy
import GatehouseState

/// The policy that the guard refused last, kept until one is accepted.
///
/// Without it a restart could accept what was refused, because those who would be shut out are not
/// logged in any more.
struct RefusalMark: Equatable, Sendable {
  /// The policy's SHA-256 in hexadecimal.
  let digest: String
  /// When it was refused.
  let at: Instant
}

extension KeptState {
  /// The policy that the guard refused last.
  static let refusal = StateKind<RefusalMark>(
    "refusal", version: 1,
    .record(
      "refusal", .digest, .instant("refused"), make: { RefusalMark(digest: $0, at: $1) },
      take: { ($0.digest, $0.at) }))
}
