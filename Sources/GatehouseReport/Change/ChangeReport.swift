public import GatehouseControl
public import GatehousePolicy

/// The result of a change of the policy.
public struct ChangeReport: Report {
  /// What was done with the candidate.
  public enum Outcome: Hashable, Sendable {
    /// It is in the folder now, as this change of the history.
    case applied(change: Int)
    /// It was in the folder before.
    case unchanged
    /// Nothing was written, because nothing was to be: it would be applied.
    case wouldApply
    /// The daemon serves it on trial, and the folder is as it was.
    case onTrial
    /// Another candidate is on trial.
    case refusedForTrial(TrialState)
    /// It has errors.
    case refusedForErrors
    /// Somebody would be locked out; `isBack`: the previous policy is in the folder again; nil if it
    /// never left.
    case refusedForLockout(isBack: Bool?)
    /// Nobody could be judged, or not everybody who matters.
    case refusedUnjudged(isBack: Bool?)
    /// The daemon refused it; `isBack`: the previous policy is in the folder again.
    case refusedByDaemon(isBack: Bool)
  }

  /// What the daemon did.
  public enum DaemonResult: Sendable {
    /// It serves the policy; its report.
    case serves(report: any Report)
    /// It refused the policy; its report.
    case refused(report: any Report)
    /// It could not be asked.
    case unreachable(problem: String, remedy: String?)
    /// It serves this folder's policy already.
    case current
    /// It reads another folder.
    case elsewhere(folder: String)
  }

  /// What the candidate is called: a path, or words.
  public var source: String
  /// The folder that the locations of diagnostics are relative to.
  public var base: String
  /// The policy's folder.
  public var folder: String
  /// The candidate's mode and the SHA-256 of its content; nil if it does not load.
  public var loaded: (mode: Mode, digest: String)?
  /// The diagnostics of the candidate.
  public var diagnostics: [Diagnostic]
  /// What the guard says; nil if it was not asked.
  public var guardVerdict: GuardVerdict?
  /// What may be lost.
  public var allowance: LockoutAllowance
  /// What was done with the candidate.
  public var outcome: Outcome
  /// What becomes of the files in the folder.
  public var files = FileChanges()
  /// The paths that lists were taken from, by their names in the folder; without those that are where
  /// they were.
  public var listSources: [String: String] = [:]
  /// Lists outside of the folder, which stay as they are.
  public var outside: [String] = []
  /// Why some files are not in their places yet; nil if all are.
  public var unsettled: String?
  /// What the daemon did; nil if it was not asked.
  public var daemon: DaemonResult?
  /// How many columns the lines may have; nil to break none.
  public var columns: Int?

  /// A report of a change that has not been made yet.
  public init(
    source: String, base: String, folder: String, loaded: (mode: Mode, digest: String)?,
    diagnostics: [Diagnostic], allowance: LockoutAllowance = .nothing, outcome: Outcome
  ) {
    self.source = source
    self.base = base
    self.folder = folder
    self.loaded = loaded
    self.diagnostics = diagnostics
    self.allowance = allowance
    self.outcome = outcome
  }

  /// Yes if the policy is in the folder, or on trial, and the daemon serves it; unreachable if no
  /// daemon does.
  public var status: ReportStatus {
    switch outcome {
    case .refusedForErrors, .refusedForLockout, .refusedUnjudged, .refusedForTrial,
      .refusedByDaemon:
      return .no
    case .applied, .unchanged, .wouldApply, .onTrial: break
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
    var page = TextPage(coloured: coloured, columns: columns)
    page.diagnostics(diagnostics, in: base)
    guardVerdict?.blocks(on: &page)
    if files != FileChanges() {
      page.rows(FileChanges.Fate.allCases.flatMap { fate in files[fate].map { row($0, fate) } })
    }
    for name in outside {
      page.line(StyledText("left as it is  \(name): it is outside of \(folder)"))
    }
    var bytes = page.bytes
    if case .refused(let report) = daemon { bytes += report.text(coloured: coloured) }
    var end = TextPage(coloured: coloured, columns: columns)
    end.line(verdict)
    switch outcome {
    case .refusedForLockout, .refusedUnjudged:
      if let option = guardVerdict?.option(beside: allowance) {
        end.line(StyledText("    to do it anyway: \(option)"))
      }
    case .refusedForTrial(let trial):
      end.line(StyledText("    \(TrialRefusal.onTrial(trial).remedy)"))
    default: break
    }
    if let unsettled {
      end.line(
        StyledText("unfinished  ", .doubtful)
          + StyledText(
            "the new policy is in effect, but some files are not in place yet: \(unsettled)")
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
      StyledText("unchanged", .good, then: "\(source): it is in \(folder) already\(policy)")
    case .wouldApply:
      StyledText("would be applied", .good, then: "\(source)\(policy); nothing was written")
    case .onTrial: StyledText("on trial", .doubtful, then: "\(source): \(stays)")
    case .refusedForTrial(let trial): refused(trial.sentence)
    case .refusedForErrors: refused("\(diagnostics.tally); \(stays)")
    case .refusedForLockout(let isBack):
      refused(
        "it would lock out \(guardVerdict?.shutOut.joined ?? "somebody"); "
          + (isBack == nil ? stays : back(isBack)))
    case .refusedUnjudged(let isBack):
      refused(
        "\(guardVerdict?.isUnjudged ?? true ? "nobody" : "not everybody") who can repair this machine "
          + "could be judged; \(isBack == nil ? stays : back(isBack))")
    case .refusedByDaemon(let isBack): refused("the daemon refused it; \(back(isBack))")
    }
  }

  private func back(_ isBack: Bool?) -> String {
    isBack == false
      ? "the previous policy could not be put back: `gatehouse rollback`"
      : "the previous policy is in \(folder) again"
  }

  private var isDone: Bool {
    if case .applied = outcome { true } else { false }
  }

  private func row(_ name: String, _ fate: FileChanges.Fate) -> [StyledText] {
    let (done, planned, style): (String, String, TextStyle) =
      switch fate {
      case .replaced: ("replaced", "would be replaced", .plain)
      case .added: ("added", "would be added", .plain)
      case .removed: ("removed", "would be removed", .doubtful)
      case .kept: ("kept", "would be kept", .faint)
      }
    let note =
      switch (fate, listSources[name]) {
      case (.removed, _): isDone ? ": the history has it" : ""
      case (.kept, _), (_, nil): ""
      case (_, let source?): ", from \(source)"
      }
    return [
      StyledText(isDone ? done : planned, style), StyledText("\(folder)/\(name)\(note)"),
    ]
  }

  private func refused(_ why: String) -> StyledText {
    StyledText("refused", .bad, then: "\(source): \(why)")
  }

  private var policy: String {
    loaded.map { ", mode \($0.mode.rawValue) (\($0.digest.prefix(12)))" } ?? ""
  }

  private func daemonText(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured, columns: columns)
    if let failure = daemon?.failure {
      page.line(StyledText("not loaded", .bad, then: failure.message))
      if let remedy = failure.remedy { page.line(StyledText("    \(remedy)")) }
    }
    return page.bytes
  }
}

// MARK: - As JSON

extension ChangeReport.DaemonResult {
  /// Why no daemon serves the policy; nil if one does, or has refused it.
  fileprivate var failure: ReportFailure? {
    switch self {
    case .unreachable(let problem, let remedy):
      ReportFailure("no daemon serves it: \(problem)", remedy: remedy)
    case .elsewhere(let folder):
      ReportFailure("no daemon serves it: the one that answers reads \(folder)")
    case .serves, .refused, .current: nil
    }
  }
}

extension ChangeReport {
  /// That no daemon serves the policy, or another is on trial.
  public var failure: ReportFailure? {
    switch outcome {
    case .refusedForTrial(let trial):
      let refusal = TrialRefusal.onTrial(trial)
      return ReportFailure(refusal.problem, remedy: refusal.remedy)
    case .applied, .unchanged, .wouldApply, .onTrial: return daemon?.failure
    case .refusedForErrors, .refusedForLockout, .refusedUnjudged, .refusedByDaemon: return nil
    }
  }

  /// `applied`, `unchanged`, `would_apply`, `on_trial`, or `refused_` and why.
  public var outcomeWord: String {
    switch outcome {
    case .applied: "applied"
    case .unchanged: "unchanged"
    case .wouldApply: "would_apply"
    case .onTrial: "on_trial"
    case .refusedForTrial: "refused_for_trial"
    case .refusedForErrors: "refused_for_errors"
    case .refusedForLockout: "refused_for_lockout"
    case .refusedUnjudged: "refused_unjudged"
    case .refusedByDaemon: "refused_by_daemon"
    }
  }

  /// Writes the members of the document.
  public func writeMembers(to writer: inout JSONWriter) {
    switch outcome {
    case .applied(let change): writer.member("change", change)
    case .refusedForTrial(let trial): writer.member("trial", trial)
    case .refusedForLockout(let isBack), .refusedUnjudged(let isBack):
      writer.member("put_back", isBack)
    case .refusedByDaemon(let isBack): writer.member("put_back", isBack)
    case .unchanged, .wouldApply, .onTrial, .refusedForErrors: break
    }
    writer.member("source", source)
    writer.member("folder", folder)
    writer.member("mode", loaded?.mode.rawValue)
    writer.member("sha256", loaded?.digest)
    writer.member("diagnostics", diagnostics)
    writer.member("guard", guardVerdict)
    writer.member("replaced", files[.replaced])
    writer.member("added", files[.added])
    writer.member("removed", files[.removed])
    writer.member("kept", files[.kept])
    writer.member("outside", outside)
    writer.member("unfinished", unsettled)
    writer.member("daemon", daemon)
  }
}

extension ChangeReport.DaemonResult: JSONWritable {
  /// Writes an object of `serves`, and what the daemon said.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch self {
      case .serves(let report), .refused(let report):
        if case .serves = self { $0.member("serves", true) } else { $0.member("serves", false) }
        $0.member("report", report)
      case .current:
        $0.member("serves", true)
      case .unreachable, .elsewhere: $0.member("serves", false)
      }
    }
  }
}
