extension Policy {
  /// Runs the policy's own tests.
  ///
  /// They judge the rules whatever the mode: a test that expects a denial holds in monitor mode too,
  /// and while the policy is off.
  ///
  /// - Parameter now: The time of the tests that name none.
  /// - Returns: One error for each test that fails, sorted by place.
  public func failingTests(now: Instant = .now()) -> [Diagnostic] {
    var enforced = rules
    enforced.mode = .enforce
    return tests.compactMap { test in
      let login = Login(
        user: test.user, groups: test.groups, service: test.service, origin: test.origin,
        time: test.time ?? now, role: test.role)
      let engine = DecisionEngine(enforced, login: login, recorder: NoRecorder())
      return test.failure(engine.decide())
    }.sorted()
  }
}

extension PolicyTest {
  /// The error of a test that expected something else; nil where it holds.
  fileprivate func failure(_ decision: Decision) -> Diagnostic? {
    guard
      decision.verdict != expected || reason.map({ $0 != decision.reason }) ?? false
        || roles.map({ $0 != Set(decision.roles) }) ?? false
    else { return nil }
    let rule = decision.rule.map { " by \($0.fileAndLine)" } ?? ""
    return Diagnostic(
      error: .failingTest, location: location,
      message: "test failed: \(user) from \(displayText(of: from)): expected "
        + outcome(expected, reason, roles.map { $0.sorted() }) + ", got "
        + outcome(decision.verdict, decision.reason, roles == nil ? nil : decision.roles) + rule)
  }

  /// `deny (confined)`, `allow (listed) with the roles a, b`.
  private func outcome(_ verdict: Verdict, _ reason: Reason?, _ roles: [Name]?) -> String {
    verdict.rawValue + (reason.map { " (\($0.rawValue))" } ?? "")
      + (roles.map {
        $0.isEmpty
          ? " without roles" : " with the roles " + $0.map(\.description).joined(separator: ", ")
      } ?? "")
  }
}
