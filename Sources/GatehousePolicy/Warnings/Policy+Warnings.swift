extension Policy {
  /// What is legal and may yet not be meant.
  ///
  /// Only what the policy itself can tell: users that NSS does not know, for one, are for others to
  /// find. Failing tests are errors, and not among these.
  ///
  /// - Parameter now: The time against which entries expire.
  /// - Returns: The warnings, sorted by place.
  public func warnings(now: Instant = .now()) -> [Diagnostic] {
    []
  }
}
