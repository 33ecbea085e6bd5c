/// A policy that loaded without error: a value that never changes, safe to ask from any thread.
public final class Policy: Sendable {
  /// What its decisions are for.
  public let mode: Mode
  /// The text that a refused user reads.
  public let message: MessageTemplate
  /// Every group that a rule names. A reading of a user's groups is good only if each of these was
  /// found or reported absent.
  public let groupNames: Set<Name>
  /// The SHA-256 of all files' names and content, in lowercase hexadecimal.
  public let digest: String
  /// How old an earlier good reading of a user's groups may be, in seconds.
  public let identityMaxAge: Int

  init() {
    mode = .enforce
    message = .standard
    groupNames = []
    digest = ""
    identityMaxAge = 86_400
  }

  /// Decides a login.
  public func decide(_ login: Login) -> Decision {
    Decision(verdict: .deny, reason: .notListed)
  }

  /// Decides a login and says why, with every step, every list that applied, and what to change.
  public func explain(_ login: Login) -> Explanation {
    Explanation(login: login, decision: decide(login), steps: [], lists: [], remedies: [])
  }

  /// Runs the policy's own tests.
  ///
  /// - Parameter now: The time of the tests that name none.
  /// - Returns: One error for each test that fails.
  public func failingTests(now: Instant = .now()) -> [Diagnostic] { [] }

  /// What is legal and may yet not be meant (see the warnings of `gatehouse check`).
  ///
  /// - Parameter now: The time against which entries expire.
  /// - Returns: The warnings, sorted by place. Failing tests are not among them.
  public func warnings(now: Instant = .now()) -> [Diagnostic] { [] }
}

/// What came of loading a policy.
public struct PolicyLoad: Sendable {
  /// The policy; nil where there is any error.
  public let policy: Policy?
  /// Every error and warning of every file, sorted by place.
  public let diagnostics: [Diagnostic]
}

extension Policy {
  /// Loads a policy from a snapshot. Every error of every file is reported.
  public static func load(_ snapshot: PolicySnapshot) -> PolicyLoad {
    PolicyLoad(policy: nil, diagnostics: [])
  }
}

/// What came of reading a policy's files.
public struct PolicyReading: Sendable {
  /// What was read. A file that could not be read is in it too; loading it then fails.
  public let snapshot: PolicySnapshot
  /// What is wrong with the owner and mode of the files and folders, and with what could not be
  /// read.
  public let diagnostics: [Diagnostic]
}

extension PolicySnapshot {
  /// Reads a policy's files, each once, and judges the owner and mode of what was opened: root's,
  /// and writable by nobody else; the folders too. Of a symbolic link the target is judged.
  ///
  /// - Parameters:
  ///   - path: A file, or a folder laid out like `/etc/gatehouse`.
  ///   - insecure: How to report a file that others could have written: an error for the daemon, a
  ///     warning for `--policy`.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(path: String, insecure: Diagnostic.Severity) -> PolicyReading {
    PolicyReading(snapshot: PolicySnapshot(policyFiles: []), diagnostics: [])
  }
}
