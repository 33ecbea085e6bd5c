public import GatehousePolicy

/// The version of Gatehouse, as `--version` and `gatehouse status` print it.
public let gatehouseVersion = "0.1.0"

/// How a running daemon is.
public struct DaemonStatus: Codable, Sendable {
  /// The policy that questions are answered from now.
  public struct Serving: Codable, Sendable {
    /// The counter of the generation.
    public var generation: Int
    /// The hexadecimal SHA-256 of the policy's content.
    public var digest: String
    /// The policy's mode.
    public var mode: Mode
    /// When it began to serve.
    public var since: Instant
    /// Whether it is the kept copy of the last good policy instead of the files in the folder.
    public var isKeptCopy: Bool
    /// What the loader warned of.
    public var warnings: [Diagnostic]

    /// A serving policy.
    public init(
      generation: Int, digest: String, mode: Mode, since: Instant, isKeptCopy: Bool,
      warnings: [Diagnostic]
    ) {
      self.generation = generation
      self.digest = digest
      self.mode = mode
      self.since = since
      self.isKeptCopy = isKeptCopy
      self.warnings = warnings
    }
  }

  /// An attempt to load the files of the folder that left the serving policy as it was.
  public struct Refusal: Codable, Sendable {
    /// When it was tried.
    public var at: Instant
    /// What is wrong with the files.
    public var diagnostics: [Diagnostic]

    /// A refused attempt.
    public init(at: Instant, diagnostics: [Diagnostic]) {
      self.at = at
      self.diagnostics = diagnostics
    }
  }

  /// How many questions had which answer since the daemon started.
  public struct Counts: Codable, Sendable {
    /// Allowed, those that the policy's monitor mode let through included.
    public var allow = 0
    /// Denied.
    public var deny = 0
    /// Not checked.
    public var ignore = 0
    /// Answered without a policy; `onerr` of the module decided.
    public var noPolicy = 0
    /// Of those allowed: the ones that would have been denied but for the monitor mode.
    public var wouldDeny = 0
    /// The decisions by their reasons; a reason that no decision had is not in it.
    public var reasons: [Reason: Int] = [:]

    /// No questions yet.
    public init() {}
  }

  /// What the daemon knows of users and groups.
  public struct Identity: Codable, Sendable {
    /// A reading that failed.
    public struct Failure: Codable, Sendable {
      /// Since when readings fail.
      public var since: Instant
      /// What the directory said.
      public var problem: String

      /// A reading that failed.
      public init(since: Instant, problem: String) {
        self.since = since
        self.problem = problem
      }
    }

    /// How many users' readings are kept.
    public var users: Int
    /// When the last reading failed, and why; nil if none has since the last good one.
    public var failing: Failure?

    /// The state of the readings.
    public init(users: Int, failing: Failure?) {
      self.users = users
      self.failing = failing
    }
  }

  /// The daemon's version.
  public var version = gatehouseVersion
  /// The daemon's process.
  public var processID: Int
  /// When it started.
  public var startedAt: Instant
  /// The time of this status.
  public var now: Instant
  /// The socket that it answers on.
  public var socket: String
  /// The folder that its policy is read from.
  public var folder: String
  /// The policy that is serving; nil where there is none and every answer is `no_policy`.
  public var serving: Serving?
  /// The newest attempt to load the folder's files, where it was refused.
  public var refusal: Refusal?
  /// The candidate that serves, where one is on trial.
  public var trial: TrialState?
  /// What the serving policy would have denied; nil where it is not in monitor mode.
  public var monitored: WatchedPolicy?
  /// The candidate that is decided beside it.
  public var shadow: WatchedPolicy?
  /// The answers so far.
  public var counts: Counts
  /// How many requests were closed unanswered, because they were none.
  public var malformedRequests = 0
  /// How many grants count now.
  public var grants = 0
  /// The readings of users and groups.
  public var identity: Identity
  /// How many journal entries were lost, because the journal did not take them in time.
  public var lostEntries: Int

  /// How a daemon is.
  public init(
    processID: Int, startedAt: Instant, now: Instant, socket: String, folder: String,
    serving: Serving?, refusal: Refusal?, counts: Counts, identity: Identity, lostEntries: Int
  ) {
    self.processID = processID
    self.startedAt = startedAt
    self.now = now
    self.socket = socket
    self.folder = folder
    self.serving = serving
    self.refusal = refusal
    self.counts = counts
    self.identity = identity
    self.lostEntries = lostEntries
  }

  /// Whether the policy that stands in the folder is the one that serves.
  public var isCurrent: Bool {
    guard let serving else { return false }
    return !serving.isKeptCopy && refusal == nil && trial == nil
  }
}

/// The verdict of a reload: the folder's files serve now, or they were refused.
public struct ReloadVerdict: Codable, Sendable {
  /// What came of it.
  public enum Outcome: Codable, Sendable {
    /// The files serve now, as this generation.
    case loaded(generation: Int, digest: String, mode: Mode)
    /// The files have errors; this generation serves on, or none, if there was none.
    case refused(keeping: Int?)
    /// The files were not read, since a candidate is on trial.
    case onTrial(TrialState)
  }

  /// The folder that was read.
  public var folder: String
  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// The verdict of a reload.
  public init(folder: String, outcome: Outcome, diagnostics: [Diagnostic]) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
  }
}
