import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse edit`: edits a file of the policy, and applies it if it has no error.
struct Edit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Edit a file of the policy, and apply it if it locks nobody out.",
    discussion: """
      You edit a private copy of the file; only one person can at a time. Then it is applied as \
      `gatehouse apply` does: checked, tried on the open sessions, written, and loaded by the \
      daemon. If it is refused, you are asked what to do: edit it again, keep the old policy, or \
      show the difference. If it would not let you in from where you are, you can also have that \
      address added.

      The editor is that of SUDO_EDITOR, VISUAL or EDITOR.

      Exit status: 0 if the policy is in place and serves, or nothing was changed; 1 if it was \
      refused and the old one kept; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp(
      "The file: policy.yaml, one of policy.d, or a list, relative to the policy's folder.",
      valueName: "file"))
  var file = "policy.yaml"

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let update = try options.update(as: "gatehouse edit")
    if case .trial(let trial) = ServedPolicy(update.daemon, folder: update.folder) {
      let refusal = TrialRefusal.onTrial(trial)
      throw CommandFailure.refused(refusal.problem, remedy: refusal.remedy)
    }
    var editing = try Editing(
      update, file: file, format: Terminal.format(json: options.output.json))
    while true {
      try editing.edit()
      guard editing.isChanged else {
        Terminal.say("\(file): nothing was changed\n")
        return
      }
      switch try editing.settle() {
      case .again: continue
      case .kept(let report):
        Terminal.say("\(file): the old policy is kept\n")
        if options.output.json { try options.output.print(report) }
        throw ExitCode(Int32(report.status.rawValue))
      case .ready(let ready):
        try options.output.print(update.commit(ready, means: .edit, reason: options.reason))
      }
    }
  }
}

/// A file of the policy while it is edited.
private struct Editing {
  /// What happens after an edit.
  enum NextStep {
    /// The file is edited again.
    case again
    /// The new policy was refused, and the old one is kept.
    case kept(ChangeReport)
    /// The new policy can be applied.
    case ready(PolicyUpdate.Ready)
  }

  private let update: PolicyUpdate
  private let file: String
  private let format: ReportFormat
  private let editor: Editor
  private let copy: PrivateCopy
  /// The files of the policy by name: as edited, and as they were.
  private var files: [String: [UInt8]]
  private let present: [String: [UInt8]]

  init(_ update: PolicyUpdate, file: String, format: ReportFormat) throws(CommandFailure) {
    self.update = update
    self.file = file
    self.format = format
    present = update.present.snapshot.inside
    files = present
    for other in update.present.snapshot.policyFiles where other.name != file {
      guard case .unreadable(let problem, _) = other.content, other.name != "policy.yaml" else {
        continue
      }
      throw .refused("\(update.folder)/\(other.name) cannot be read: \(problem)")
    }
    guard PolicySnapshot.isPolicyFile(file) || present[file] != nil else {
      throw .misuse(
        "\(file) is not a file of the policy in \(update.folder)",
        remedy: "policy.yaml, policy.d/NAME.yaml, or a list that one of them names")
    }
    editor = try Editor()
    copy = try PrivateCopy(named: file.split(separator: "/").last ?? "policy.yaml")
    try copy.write(present[file] ?? Array("version: 1\n".utf8))
  }

  var isChanged: Bool { files != present }

  mutating func edit() throws(CommandFailure) {
    let before = try copy.content()
    try editor.edit(copy.path)
    let after = try copy.content()
    // A new file that was left as it was proposed is not made.
    if after != before || files[file] != nil { files[file] = after }
  }

  /// Checks what was edited; if it is refused, asks what to do.
  mutating func settle() throws -> NextStep {
    while true {
      let candidate = Candidate(files, listsIn: update.folder)
      let report: ChangeReport
      switch update.verdict(on: candidate, source: file, base: update.folder) {
      case .ready(let ready): return .ready(ready)
      case .final(let found): report = found
      }
      try show(report)
      let addition = addition(to: candidate)
      switch ask(addition) {
      case .again: return .again
      case .keep: return .kept(report)
      case .difference: try showDifference(candidate)
      case .add:
        guard let addition else { continue }
        files = addition.snapshot.inside
        try copy.write(files[file] ?? [])
        Terminal.say("\(addition.amendments.text.escapedForTerminal)\n")
      }
    }
  }

  // MARK: Questions

  private enum Choice: String {
    case again = "e"
    case keep = "k"
    case difference = "d"
    case add = "a"
  }

  private func ask(_ addition: AddressAddition?) -> Choice {
    var question = "What now? (e)dit again, (k)eep the old policy, show the (d)ifference"
    if let addition { question += ", (a)dd: \(addition.amendments.text)" }
    while let line = Terminal.ask("\(question):") {
      if let choice = Choice(rawValue: line.lowercased()), choice != .add || addition != nil {
        return choice
      }
    }
    return .keep
  }

  /// The policy with this session's address added; nil if it allows that address already.
  private func addition(to candidate: Candidate) -> AddressAddition? {
    candidate.policy.flatMap { OwnSession.current()?.login(under: $0) }
      .flatMap { candidate.snapshot.adding(originOf: $0) }
  }

  // MARK: Showing

  /// Shows a report between two edits; with `--json`, on standard error, as the questions are.
  private func show(_ report: some Report) throws {
    if case .json = format {
      Terminal.say(String(decoding: report.render(as: .text), as: UTF8.self))
    } else {
      try Terminal.print(report.render(as: format))
    }
  }

  /// Shows which decisions differ if both policies load, else which lines do.
  private func showDifference(_ candidate: Candidate) throws {
    if let old = Policy.load(update.present.snapshot).policy, let new = candidate.policy {
      let report = try DiffReport(
        old: .init(path: update.folder, source: .init(old)),
        new: .init(path: file, source: .init(new)),
        comparison: PolicyComparison(old: old, new: new, from: .now()), users: [])
      try show(report)
      return
    }
    guard let program = Programs.find("diff") else {
      Terminal.say("the policy does not load, and diff is not on this machine\n")
      return
    }
    do throws(SystemError) {
      _ = try Programs.run(
        program, ["diff", "-u", "\(update.folder)/\(file)", copy.path],
        reportsToStandardError: true)
    } catch {
      throw CommandFailure.cannotRun(program, error)
    }
  }
}
