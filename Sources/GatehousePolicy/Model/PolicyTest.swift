/// A test that stands in the policy.
struct PolicyTest: Sendable {
  let location: SourceLocation
  let user: Name
  let groups: Set<Name>
  let service: Name
  /// The origin as it was written.
  let from: String
  let origin: Origin
  /// Nil: now.
  let time: Instant?
  let role: Name?
  let expected: Verdict
  let reason: Reason?
  /// The exact set of roles; nil: any.
  let roles: Set<Name>?
}
