public import GatehousePolicy

/// The version of Gatehouse, as `--version` and `gatehouse status` print it.
public let gatehouseVersion = "0.2.0"

/// The status of a running daemon.
public struct DaemonStatus: Codable, Sendable {
  /// The policy that questions are answered from now.
  public struct Serving: Codable, Sendable {
    /// The counter of the generation.
    public var generation: Int
    /// The hexadecimal SHA-256 of the policy's content.
    public var digest: String
    /// The policy's mode.
    public var mode: Mode
    /// The time when it began to serve.
    public var since: Instant
    /// Whether it is the kept copy of the last good policy instead of the files in the folder.
    public var isKeptCopy: Bool
    /// The loader's warnings.
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

  /// The folder's policy was refused, or could not be judged, which left the serving policy as it was.
  public struct Refusal: Codable, Sendable {
    /// The time of the attempt.
    public var at: Instant
    /// The hexadecimal SHA-256 of the refused policy; nil if its files were not read.
    public var digest: String?
    /// What is wrong with the files.
    public var diagnostics: [Diagnostic]
    /// What the guard found; nil if the files have errors, or the guard has not answered since the
    /// daemon was started.
    public var verdict: GuardVerdict?

    /// A refused attempt.
    public init(
      at: Instant, digest: String? = nil, diagnostics: [Diagnostic], verdict: GuardVerdict? = nil
    ) {
      self.at = at
      self.digest = digest
      self.diagnostics = diagnostics
      self.verdict = verdict
    }
  }

  /// The policy that was accepted last on this machine; it serves after a restart, too.
  public struct Accepted: Codable, Sendable {
    /// The hexadecimal SHA-256 of its content.
    public var digest: String
    /// When it was accepted; nil if that is not known.
    public var at: Instant?
    /// How, as one word: `judged`, `overridden`, `first`, `nobody_came` or `unknown`.
    public var means: String
    /// Who gave `--allow-lockout`; nil if nobody did.
    public var author: String?

    /// An accepted policy.
    public init(digest: String, at: Instant?, means: String, author: String? = nil) {
      self.digest = digest
      self.at = at
      self.means = means
      self.author = author
    }
  }

  /// The number of questions since the daemon started, by their answers.
  public struct Counts: Codable, Sendable {
    /// Allowed, including those that only monitor mode let through.
    public var allow = 0
    /// Denied.
    public var deny = 0
    /// Not checked.
    public var ignore = 0
    /// Answered without a policy; `onerr` of the module decided.
    public var noPolicy = 0
    /// Allowed, but only because of monitor mode; counted as allowed too.
    public var wouldDeny = 0
    /// The decisions by their reasons; a reason that no decision had is not in it.
    public var reasons: [Reason: Int] = [:]
    /// The same by everything that counts of an answer.
    public var answers: [Answers] = []

    /// No questions yet.
    public init() {}
  }

  /// Answers that have the same of each of these, and how many there were.
  public struct Answers: Codable, Hashable, Sendable {
    /// The PAM service, as it was judged; `other` for all but the first 32.
    public var service: Name
    /// The verdict; nil without a policy.
    public var verdict: Verdict?
    /// The reason; nil without a policy.
    public var reason: Reason?
    /// Whether it is a denial that only monitor mode let through.
    public var wouldDeny: Bool
    /// The policy's mode; nil without a policy.
    public var mode: Mode?
    /// How many there were.
    public var count: Int

    /// So many answers of a kind.
    public init(
      service: Name, verdict: Verdict?, reason: Reason?, wouldDeny: Bool, mode: Mode?, count: Int
    ) {
      self.service = service
      self.verdict = verdict
      self.reason = reason
      self.wouldDeny = wouldDeny
      self.mode = mode
      self.count = count
    }
  }

  /// The codes by which users authorise a place of their own, counted since the daemon started.
  public struct Codes: Codable, Hashable, Sendable {
    /// How many were made.
    public var made = 0
    /// How many were entered right, and gave a grant.
    public var used = 0
    /// How many wrong ones were entered.
    public var wrong = 0
    /// How many ended because three wrong ones were entered.
    public var ended = 0
    /// How many were not made, because the user had caused as many as `per_day` says.
    public var overLimit = 0

    /// No codes yet.
    public init() {}
  }

  /// How long answers took: from the question's arrival until its answer was sent.
  public struct Latencies: Codable, Sendable {
    /// The longest time of each interval in microseconds, in order.
    public static let limits = [
      50, 100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 250_000, 1_000_000, 2_000_000,
    ]

    /// How many took no longer than that, and longer than the one before; the last is of all longer ones.
    public var counts = [Int](repeating: 0, count: limits.count + 1)
    /// The sum of all, in microseconds.
    public var sum = 0

    /// No answers yet.
    public init() {}

    /// Counts an answer.
    public mutating func add(microseconds: Int) {
      var place = 0
      while place < Self.limits.count, microseconds > Self.limits[place] { place += 1 }
      counts[place] += 1
      sum += microseconds
    }
  }

  /// The state of the daemon's readings of users and groups.
  public struct Identity: Codable, Sendable {
    /// A reading that failed.
    public struct Failure: Codable, Sendable {
      /// Since when readings fail.
      public var since: Instant
      /// The directory's error.
      public var problem: String

      /// A reading that failed.
      public init(since: Instant, problem: String) {
        self.since = since
        self.problem = problem
      }
    }

    /// A service of this machine between it and a directory, by the last user who was read.
    public struct Service: Codable, Hashable, Sendable {
      /// Whether it reaches its server.
      public enum State: String, Codable, Sendable {
        /// It asks the server.
        case online
        /// It answers from what it has, or not at all.
        case offline
        /// It does not say.
        case unknown
      }

      /// Its name: `sssd` or `winbind`.
      public var name: String
      /// What it said of itself.
      public var state: State
      /// When it said so.
      public var at: Instant

      /// What a service said.
      public init(name: String, state: State, at: Instant) {
        self.name = name
        self.state = state
        self.at = at
      }
    }

    /// The number of users whose readings are kept.
    public var users: Int
    /// When the newest reading was made; nil if none was since the daemon started.
    public var lastReadAt: Instant?
    /// Since when and why readings fail; nil if the last one succeeded.
    public var failing: Failure?
    /// What sssd and winbind say of themselves, if they serve this machine.
    public var services: [Service]

    /// The state of the readings.
    public init(
      users: Int, failing: Failure?, lastReadAt: Instant? = nil, services: [Service] = []
    ) {
      self.users = users
      self.failing = failing
      self.lastReadAt = lastReadAt
      self.services = services
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
  /// The serving policy; nil if there is none, and every answer is `no_policy`.
  public var serving: Serving?
  /// The newest attempt to load the folder's files; nil if it succeeded.
  public var refusal: Refusal?
  /// The policy that was accepted last on this machine; nil if none was.
  public var accepted: Accepted?
  /// Whether the folder has another policy than the one that serves, though nobody asked to load it.
  public var isDiffering = false
  /// Whether the folder's policy is judged again by itself, because a directory was away.
  public var isWaiting = false
  /// The candidate on trial, which serves; nil if none is on trial.
  public var trial: TrialState?
  /// What the serving policy would have denied; nil if it is not in monitor mode.
  public var monitored: WatchedPolicy?
  /// The shadow candidate; nil if there is none.
  public var shadow: WatchedPolicy?
  /// The answers so far.
  public var counts: Counts
  /// How long the answers took.
  public var latencies = Latencies()
  /// How often the folder's policy was refused since the daemon started.
  public var refusedPolicies = 0
  /// The number of connections that were closed because they sent no valid request.
  public var malformedRequests = 0
  /// The number of grants that are in effect.
  public var grants = 0
  /// The codes by which users authorise a place of their own.
  public var codes = Codes()
  /// The readings of users and groups.
  public var identity: Identity
  /// Why not all addresses of the machine are known, or login sessions are not watched; nil if they
  /// are.
  public var originProblem: String?
  /// Who of the login record will be refused within two weeks, because an entry ends; the first ones.
  public var endings: [EndingLogin] = []
  /// The number of log entries that were lost, because the journal did not take them in time.
  public var lostEntries: Int

  /// A status with all its parts.
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

  /// Whether the policy in the folder is the one that serves.
  public var isCurrent: Bool {
    guard let serving else { return false }
    return !serving.isKeptCopy && refusal == nil && trial == nil && !isDiffering
  }
}

/// The verdict of a reload: the folder's files serve now, or they were refused.
public struct ReloadVerdict: Codable, Sendable {
  /// The outcome.
  public enum Outcome: Codable, Sendable {
    /// The files serve now, as this generation.
    case loaded(generation: Int, digest: String, mode: Mode)
    /// The files have errors; this generation keeps serving; nil if none did.
    case refused(keeping: Int?)
    /// The guard refuses them, or could judge nobody; this generation keeps serving; nil if none did.
    case refusedByGuard(keeping: Int?)
    /// A directory is away, so not everybody could be judged; this generation keeps serving, and the
    /// files are judged again when the directory answers.
    case waiting(keeping: Int?)
    /// The files were not read, because a candidate is on trial.
    case onTrial(TrialState)
  }

  /// The folder that was read.
  public var folder: String
  /// The outcome.
  public var outcome: Outcome
  /// The loader's diagnostics, sorted by location.
  public var diagnostics: [Diagnostic]
  /// What the guard found; nil if it was not asked, as of a policy that was accepted before.
  public var guardVerdict: GuardVerdict?

  /// The verdict of a reload.
  public init(
    folder: String, outcome: Outcome, diagnostics: [Diagnostic], guardVerdict: GuardVerdict? = nil
  ) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
    self.guardVerdict = guardVerdict
  }
}

/// What a reload would make of a policy.
public struct JudgeReply: Codable, Sendable {
  /// The hexadecimal SHA-256 of the policy; nil if it could not be read.
  public var digest: String?
  /// Whether it is the policy that was accepted last, which is not judged again.
  public var isAccepted: Bool
  /// Why the policy could not be read at all; nil if it could.
  public var failure: CandidateFailure?
  /// The diagnostics of loading it and of its tests, sorted by location.
  public var diagnostics: [Diagnostic]
  /// What the guard found; nil if it was not asked: the policy was accepted before, or has errors.
  public var guardVerdict: GuardVerdict?

  /// A reply with all its parts.
  public init(
    digest: String?, isAccepted: Bool = false, failure: CandidateFailure? = nil,
    diagnostics: [Diagnostic] = [], guardVerdict: GuardVerdict? = nil
  ) {
    self.digest = digest
    self.isAccepted = isAccepted
    self.failure = failure
    self.diagnostics = diagnostics
    self.guardVerdict = guardVerdict
  }
}
