public import GatehouseControl
public import GatehousePolicy

/// What came of changing the policy.
public struct ChangeReport: Report {
  /// What became of the candidate.
  public enum Outcome: Hashable, Sendable {
    /// It stands in the folder now, as this change of the history.
    case applied(change: Int)
    /// It stood there before.
    case unchanged
    /// The daemon serves it on trial, and the folder is as it was.
    case onTrial
    /// Another candidate is on trial.
    case refusedForTrial(TrialState)
    /// It has errors.
    case refusedForErrors
    /// Somebody would be locked out.
    case refusedForLockout
    /// It stands in the folder, and is not loaded, because somebody would be locked out.
    case notLoadedForLockout
    /// The daemon did not take it, and the policy before was put back, or could not be.
    case refusedByDaemon(isBack: Bool)
  }

  /// What the daemon did.
  public enum Daemon: Sendable {
    /// It answered, and serves the policy; its report on that.
    case serves(report: any Report)
    /// It did not take it; likewise.
    case refused(report: any Report)
    /// It could not be asked.
    case unreachable(problem: String, remedy: String?)
    /// It serves this folder's policy already.
    case current
    /// It serves another folder.
    case elsewhere(folder: String)
  }

  /// What was to be applied: a path, or words for it.
  public var source: String
  /// The folder that the places of findings are relative to.
  public var place: String
  /// The policy's folder.
  public var folder: String
  /// The candidate's mode and the SHA-256 of its content; nil where it does not load.
  public var loaded: (mode: Mode, digest: String)?
  /// Everything that a check says of it.
  public var diagnostics: [Diagnostic]
  /// Who would lose what.
  public var lockouts: [Lockout]
  /// The users who may be locked out.
  public var allowed: Set<Name>
  /// What the decisions for those who would lose something are, and would be; nil where nobody does.
  public var difference: DiffReport?
  /// What became of it.
  public var outcome: Outcome
  /// Policy files that were removed.
  public var removed: [String] = []
  /// Lists outside of the folder, which stay as they are.
  public var outside: [String] = []
  /// Why not every file is in its place yet.
  public var unsettled: String?
  /// What the daemon did; nil where it was not asked.
  public var daemon: Daemon?

  /// A report of a change that was not made yet.
  public init(
    source: String, place: String, folder: String, loaded: (mode: Mode, digest: String)?,
    diagnostics: [Diagnostic], lockouts: [Lockout] = [], allowed: Set<Name> = [],
    difference: DiffReport? = nil, outcome: Outcome
  ) {
    self.source = source
    self.place = place
    self.folder = folder
    self.loaded = loaded
    self.diagnostics = diagnostics
    self.lockouts = lockouts
    self.allowed = allowed
    self.difference = difference
    self.outcome = outcome
  }

  /// Yes, where the policy stands in the folder and the daemon serves it; where no daemon does,
  /// unreachable.
  public var status: ReportStatus {
    switch outcome {
    case .refusedForErrors, .refusedForLockout, .notLoadedForLockout, .refusedForTrial,
      .refusedByDaemon:
      return .no
    case .applied, .unchanged, .onTrial: break
    }
    switch daemon {
    case .unreachable, .elsewhere: return .unreachable
    case .refused: return .no
    case .serves, .current, nil: return .yes
    }
  }
}

// MARK: - For people

extension ChangeReport {
  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.findings(diagnostics, in: place)
    if !lockouts.isEmpty {
      let isLoggedIn = lockouts.contains { $0.session != nil }
      page.line(
        StyledText("Who \(isLoggedIn ? "is logged in, and " : "")would lose what", .strong))
      page.rows(lockouts.map { $0.row(allowed: allowed) })
    }
    if let difference {
      difference.blocks(on: &page)
      page.line()
    }
    for name in removed {
      page.line(StyledText("removed  \(folder)/\(name): it is in the history"))
    }
    for name in outside {
      page.line(StyledText("left as it is  \(name): it is outside of \(folder)"))
    }
    var bytes = page.bytes
    if case .refused(let report) = daemon { bytes += report.text(coloured: coloured) }
    var end = TextPage(coloured: coloured)
    end.line(verdict)
    switch outcome {
    case .refusedForLockout, .notLoadedForLockout:
      end.line(StyledText("    to do it all the same: \(option)"))
    case .refusedForTrial(let trial):
      end.line(StyledText("    \(TrialRefusal.onTrial(trial).remedy)"))
    default: break
    }
    if let unsettled {
      end.line(
        StyledText("unfinished  ", .doubtful)
          + StyledText("the new policy counts, but not all files are in their places: \(unsettled)")
      )
    }
    bytes += end.bytes
    if case .serves(let report) = daemon { bytes += report.text(coloured: coloured) }
    return bytes + daemonText(coloured: coloured)
  }

  private var verdict: StyledText {
    let stays = "\(folder) is as it was"
    return switch outcome {
    case .applied(let change):
      StyledText("applied", .good, then: "\(source): change \(change) of \(folder)\(policy)")
    case .unchanged:
      StyledText("unchanged", .good, then: "\(source): it stands in \(folder) already\(policy)")
    case .onTrial: StyledText("on trial", .doubtful, then: "\(source): \(stays)")
    case .refusedForTrial(let trial): refused(trial.sentence)
    case .refusedForErrors: refused("\(diagnostics.tally); \(stays)")
    case .refusedForLockout: refused("it would lock out \(obstacles); \(stays)")
    case .notLoadedForLockout:
      refused("it would lock out \(obstacles); the daemon serves on what it did")
    case .refusedByDaemon(isBack: true):
      refused("the daemon did not take it; the policy before stands in \(folder) again")
    case .refusedByDaemon(isBack: false):
      refused(
        "the daemon did not take it; the policy before could not be put back: gatehouse rollback")
    }
  }

  private func refused(_ why: String) -> StyledText {
    StyledText("refused", .bad, then: "\(source): \(why)")
  }

  private var policy: String {
    loaded.map { ", mode \($0.mode.rawValue) (\($0.digest.prefix(12)))" } ?? ""
  }

  private var namesInTheWay: [Name] {
    Set(lockouts.filter { $0.isObstacle && !$0.isAllowed(for: allowed) }.flatMap(\.names)).sorted()
  }

  private var obstacles: String { namesInTheWay.joined }

  private var option: String {
    "--allow-lockout="
      + (namesInTheWay + allowed.sorted()).map(\.description).joined(separator: ",")
  }

  private func daemonText(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    switch daemon {
    case .unreachable(let problem, let remedy):
      page.line(StyledText("not loaded", .bad, then: "no daemon serves it: \(problem)"))
      if let remedy { page.line(StyledText("    \(remedy)")) }
    case .elsewhere(let other):
      page.line(
        StyledText(
          "not loaded", .bad, then: "no daemon serves it: the one that answers reads \(other)"))
    case .serves, .refused, .current, nil: break
    }
    return page.bytes
  }
}

// MARK: - As JSON

extension ChangeReport {
  /// One JSON document.
  public func json() -> [UInt8] {
    JSONWriter.line {
      switch outcome {
      case .applied(let change):
        $0.member("outcome", "applied")
        $0.member("change", change)
      case .unchanged: $0.member("outcome", "unchanged")
      case .onTrial: $0.member("outcome", "on_trial")
      case .refusedForTrial(let trial):
        $0.member("outcome", "refused_for_trial")
        $0.member("trial", trial)
      case .refusedForErrors: $0.member("outcome", "refused_for_errors")
      case .refusedForLockout: $0.member("outcome", "refused_for_lockout")
      case .notLoadedForLockout: $0.member("outcome", "not_loaded_for_lockout")
      case .refusedByDaemon(let isBack):
        $0.member("outcome", "refused_by_daemon")
        $0.member("put_back", isBack)
      }
      $0.member("source", source)
      $0.member("folder", folder)
      $0.member("mode", loaded?.mode.rawValue)
      $0.member("sha256", loaded?.digest)
      $0.member("diagnostics", diagnostics)
      $0.member("lockouts", lockouts)
      $0.member("subjects", difference?.differing ?? [])
      $0.member("removed", removed)
      $0.member("outside", outside)
      $0.member("unfinished", unsettled)
      $0.member("daemon", daemon)
    }
  }
}

extension ChangeReport.Daemon: JSONWritable {
  /// Writes an object of `serves`, and what the daemon said.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch self {
      case .serves(let report), .refused(let report):
        if case .serves = self { $0.member("serves", true) } else { $0.member("serves", false) }
        // The daemon's own object, without its newline.
        $0.member("report") {
          $0.literal(String(decoding: report.json().dropLast(), as: UTF8.self))
        }
      case .current:
        $0.member("serves", true)
      case .unreachable(let problem, let remedy):
        $0.member("serves", false)
        $0.member("problem", problem)
        $0.member("remedy", remedy)
      case .elsewhere(let folder):
        $0.member("serves", false)
        $0.member("folder", folder)
      }
    }
  }
}
