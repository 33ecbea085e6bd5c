/// A test of the policy: an entry of `tests`.
struct PolicyTest: Sendable {
  let location: SourceLocation
  let user: Name
  let groups: Set<Name>
  let service: Name
  /// The origin as it was written.
  let from: String
  let origin: Origin
  /// Nil means now.
  let time: Instant?
  let role: Name?
  /// Nil if only the second factor is tested.
  let expected: Verdict?
  let reason: Reason?
  /// The exact set of roles; nil means any.
  let roles: Set<Name>?
  /// Whether a second factor is to be needed; nil if that is not tested.
  let factor: FactorVerdict?
}

/// What became of a test of a policy.
public struct PolicyTestResult: Sendable {
  /// The location of the test.
  public let location: SourceLocation
  /// Its question: `deploy from 203.0.113.9 by sshd`.
  public let question: String
  /// What it expects: an answer, whether a second factor is needed, or both with a comma between.
  public let expected: String
  /// The error, if that was not the answer.
  public let failure: Diagnostic?
}

extension Policy {
  /// The errors of those of the policy's tests that fail, sorted by location; see `testResults(now:)`.
  public func failingTests(now: Instant = .now()) -> [Diagnostic] {
    testResults(now: now).compactMap(\.failure).sorted()
  }

  /// Runs the policy's own tests.
  ///
  /// They run as if the mode were enforce, so a test that expects a denial passes in monitor mode too,
  /// and while the policy is off. For `new_places` the place counts as one that the user has come from.
  ///
  /// - Parameter now: The time of the tests that name none.
  /// - Returns: A result for each test, sorted by location.
  public func testResults(now: Instant = .now()) -> [PolicyTestResult] {
    var enforced = rules
    enforced.mode = .enforce
    return tests.map { test in
      let login = Login(
        user: test.user, groups: test.groups, service: test.service, origin: test.origin,
        time: test.time ?? now, role: test.role
      )
      .counted(by: enforced)
      let engine = DecisionEngine(enforced, login: login, recorder: NoRecorder())
      let factor = FactorEngine(rules: enforced, login: login, isNewPlace: false)
      return PolicyTestResult(
        location: test.location,
        question: displayText(of: "\(test.user) from \(test.from) by \(test.service)"),
        expected: test.expectation,
        failure: test.failure(engine.decide()) ?? test.failure(factor.decision()))
    }.sorted { $0.location < $1.location }
  }
}

extension PolicyTest {
  /// What is expected, in words.
  fileprivate var expectation: String {
    [expected?.rawValue, factor?.rawValue].compactMap(\.self).joined(separator: ", ")
  }

  /// The error if it is not as expected whether a second factor is needed; nil if it is.
  fileprivate func failure(_ decision: FactorDecision) -> Diagnostic? {
    guard let factor, factor != decision.verdict else { return nil }
    let rule = decision.rule.map { " by \($0.fileAndLine)" } ?? ""
    return Diagnostic(
      error: .failingTest, location: location,
      message: "test failed: \(user) from \(displayText(of: from)): expected a second factor to be "
        + "\(factor.words), got \(decision.verdict.words) (\(decision.reason.rawValue))\(rule)")
  }

  /// The error if the decision is not the expected one; nil if it is.
  fileprivate func failure(_ decision: Decision) -> Diagnostic? {
    guard let expected,
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
