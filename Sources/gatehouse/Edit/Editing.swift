import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// A file of the policy while it is edited.
///
/// The lock of the policy is held from the moment that the editor has ended until the policy is
/// applied or refused; never while somebody types or is asked.
struct Editing {
  /// What happens after an edit.
  enum NextStep {
    /// The file is edited again.
    case again
    /// The old policy is kept, since the new one was refused: why; nil if another change came between.
    case kept(ChangeReport?)
    /// The new policy was applied.
    case applied(ChangeReport)
  }

  private static let command = "gatehouse edit"

  private let file: String
  private let options: ChangeOptions
  private let trial: TrialOptions
  private let editor: Editor
  private let draft: Draft
  /// The files of the policy as this change knows them, by name.
  private var base: [String: [UInt8]]
  /// The files that it changes, by name.
  private var edited: [String: [UInt8]] = [:]

  init(_ file: String, _ options: ChangeOptions, _ trial: TrialOptions) throws {
    let location = options.location
    try PolicyFiles.requireFolder(location.path)
    if case .trial(let trial) = ServedPolicy(options.daemon, folder: location.path) {
      let refusal = TrialRefusal.onTrial(trial)
      throw CommandFailure.refused(refusal.problem, remedy: refusal.remedy)
    }
    let present = PolicySnapshot.read(path: location.path, insecure: .error).snapshot
    for other in present.policyFiles where other.name != file && other.name != "policy.yaml" {
      guard case .unreadable(let problem, _) = other.content else { continue }
      throw CommandFailure.refused("\(location.path)/\(other.name) cannot be read: \(problem)")
    }
    base = present.inside
    guard PolicySnapshot.isPolicyFile(file) || base[file] != nil else {
      throw CommandFailure.misuse(
        "\(file) is not a file of the policy in \(location.path)",
        remedy: "policy.yaml, policy.d/NAME.yaml, or a list that one of them names")
    }
    self.file = file
    self.options = options
    self.trial = trial
    editor = try Editor()
    draft = try DraftOffer(file, location.kept, as: Self.command).draft(over: base[file])
    base[file] = draft.note.base
  }

  /// Whether anything would be changed.
  var isChanged: Bool { edited.contains { base[$0.key] != $0.value } }

  /// Lets the administrator edit; what was typed is kept if that fails.
  mutating func edit() throws(CommandFailure) {
    do throws(CommandFailure) {
      try editor.edit(draft.path)
    } catch {
      throw failure(error)
    }
    let text = try typed()
    // A new file that was left as it was proposed is not made.
    edited[file] = text == draft.note.initialText && base[file] == nil ? nil : text
  }

  /// Forgets what was typed.
  func discard() { draft.discard() }

  /// Checks and applies what was edited; if it is refused, asks what to do.
  mutating func settle() throws -> NextStep {
    while true {
      // The lock is held within this call alone.
      switch try attempt() {
      case .applied(let report):
        discard()
        return .applied(report)
      case .conflict(let conflict):
        if let step = try ask(about: conflict) { return step }
      case .refused(let report, let candidate):
        if let step = try ask(about: report, candidate) { return step }
      }
    }
  }

  /// That nothing was changed.
  var unchanged: ChangeReport {
    ChangeReport(
      source: file, base: options.location.path, folder: options.location.path, loaded: nil,
      diagnostics: [], outcome: .unchanged)
  }

  // MARK: Applying

  private enum Attempt {
    case applied(ChangeReport)
    case refused(ChangeReport, Candidate)
    case conflict(EditConflict)
  }

  private mutating func attempt() throws(CommandFailure) -> Attempt {
    let update: PolicyUpdate
    do throws(CommandFailure) {
      update = try options.update(as: Self.command, patience: .seconds(10))
    } catch {
      throw failure(error)
    }
    let now = update.present.snapshot.inside
    let others = Set(now.keys).union(base.keys).filter { now[$0] != base[$0] }
    if !others.isEmpty {
      let conflict = EditConflict(
        files: others.sorted(), change: try? options.location.kept.newest(), now: now)
      let mine = others.filter { edited[$0] != nil && edited[$0] != now[$0] }
      guard mine.isEmpty else { return .conflict(conflict) }
      Terminal.say("\(conflict.sentence.escapedForTerminal); your change is made beside that\n")
      base = now
    }
    let candidate = Candidate(
      now.merging(edited) { $1 }, listsIn: options.location.path)
    do throws(CommandFailure) {
      let report = try update.put(
        candidate, source: file, base: options.location.path,
        for: .init(means: .edit, reason: options.reason, trial: trial.duration))
      return report.status == .no ? .refused(report, candidate) : .applied(report)
    } catch {
      throw failure(error)
    }
  }

  // MARK: Questions

  private enum Choice: String, CaseIterable {
    case again = "e"
    case keep = "k"
    case difference = "d"
    case add = "a"
  }

  /// Asks until the answer is one of these; nil at the end of input.
  private func ask(_ question: String, _ choices: Set<Choice>) -> Choice? {
    while let line = Terminal.ask("\(question):") {
      if let choice = Choice(rawValue: line.lowercased()), choices.contains(choice) {
        return choice
      }
    }
    return nil
  }

  /// Asks what to do about a refusal; nil if it is to be tried again.
  private mutating func ask(
    about report: ChangeReport, _ candidate: Candidate
  ) throws -> NextStep? {
    try show(report)
    let addition = addition(to: candidate)
    var question = "What now? (e)dit again, (k)eep the old policy, show the (d)ifference"
    if let addition { question += ", (a)dd: \(addition.amendments.text)" }
    while true {
      switch ask(question, addition == nil ? [.again, .keep, .difference] : Set(Choice.allCases)) {
      case .again: return .again
      case .difference: try showDifference(candidate)
      case .add:
        guard let addition else { continue }
        for (name, content) in addition.snapshot.inside where content != base[name] {
          edited[name] = content
        }
        try writeDraft(edited[file] ?? [])
        Terminal.say("\(addition.amendments.text.escapedForTerminal)\n")
        return nil
      case .keep:
        discard()
        Terminal.say("\(file): the old policy is kept\n")
        return .kept(report)
      case nil:
        Terminal.say("\n\(file): the old policy is kept; \(isKept)\n")
        return .kept(report)
      }
    }
  }

  /// Asks what to do, since somebody else changed the same file.
  private mutating func ask(about conflict: EditConflict) throws -> NextStep? {
    Terminal.say("\(conflict.sentence.escapedForTerminal), and you changed the same:\n")
    try showLines(from: base[file] ?? [], to: "\(options.location.path)/\(file)")
    let question =
      "What now? (e)dit again, to write what you typed over that, (k)eep the policy as it is now, "
      + "show the (d)ifference to it"
    while true {
      switch ask(question, [.again, .keep, .difference]) {
      case .again, .add:
        // From now on that is what this change is made over.
        base = conflict.now
        return .again
      case .difference: try showLines(from: conflict.now[file] ?? [], to: draft.path)
      case .keep:
        discard()
        return .kept(nil)
      case nil:
        Terminal.say("\n\(file): \(isKept)\n")
        return .kept(nil)
      }
    }
  }

  /// The policy with this session's address added; nil if it allows that address already.
  private func addition(to candidate: Candidate) -> AddressAddition? {
    candidate.policy.flatMap { OwnSession.current()?.login(under: $0) }
      .flatMap { candidate.snapshot.adding(originOf: $0) }
  }

  // MARK: The draft

  private var isKept: String { "what you typed, too: `gatehouse edit \(file)` offers it" }

  /// A failure, and that what was typed is kept.
  private func failure(_ failure: CommandFailure) -> CommandFailure {
    guard let text = try? draft.text(), text != draft.note.initialText else {
      discard()
      return failure
    }
    return CommandFailure(
      status: failure.status, problem: failure.problem,
      remedy: (failure.remedy.map { "\($0); " } ?? "")
        + "what you typed is kept: `gatehouse edit \(file)` offers it")
  }

  private func typed() throws(CommandFailure) -> [UInt8] {
    do throws(SystemError) {
      return try draft.text()
    } catch {
      throw .unreadable(draft.path, error)
    }
  }

  private func writeDraft(_ text: [UInt8]) throws(CommandFailure) {
    do throws(SystemError) {
      try draft.write(text)
    } catch {
      throw .unreachable("\(draft.path) cannot be written: \(error.reason)")
    }
  }

  // MARK: Showing

  /// Shows a report between two edits; with `--json`, on standard error, as the questions are.
  private func show(_ report: some Report) throws {
    if options.output.json {
      Terminal.say(String(decoding: report.render(as: .text), as: UTF8.self))
    } else {
      try Terminal.print(report, as: Terminal.format(json: false))
    }
  }

  /// Shows which decisions differ if both policies load, else which lines do.
  private func showDifference(_ candidate: Candidate) throws {
    let old = Candidate(base, listsIn: options.location.path)
    guard let old = old.policy, let new = candidate.policy else {
      return try showLines(from: base[file] ?? [], to: draft.path)
    }
    let report = try DiffReport(
      old: .init(path: options.location.path, source: .init(old)),
      new: .init(path: file, source: .init(new)),
      comparison: PolicyComparison(old: old, new: new, from: .now()), users: [])
    try show(report)
  }

  /// Shows which lines differ between a text and a file.
  private func showLines(from text: [UInt8], to path: String) throws {
    guard let program = Programs.find("diff") else {
      Terminal.say("diff is not on this machine, so the lines cannot be shown\n")
      return
    }
    do throws(SystemError) {
      _ = try Programs.run(
        program, ["diff", "-u", try draft.compare(with: text), path],
        reportsToStandardError: true)
    } catch {
      throw CommandFailure.cannotRun(program, error)
    }
  }
}

/// What became of the policy while somebody edited it.
struct EditConflict {
  /// The files that were changed, sorted.
  let files: [String]
  /// The newest change of the history; nil if it has none.
  let change: HistoryEntry?
  /// The files as they are now, by name.
  let now: [String: [UInt8]]

  /// What was changed, by whom and when.
  var sentence: String {
    let what = files.joined(separator: ", ")
    let verb = files.count == 1 ? "was" : "were"
    guard let change, change.archive.snapshot.inside == now else {
      return "\(what) \(verb) changed by hand meanwhile"
    }
    let author = change.record.author.map { " by \($0)" } ?? ""
    return "\(what) \(verb) changed meanwhile\(author) with gatehouse "
      + "\(change.record.means.rawValue), change \(change.number), "
      + "\(change.record.time.roundedToSeconds)"
  }
}
