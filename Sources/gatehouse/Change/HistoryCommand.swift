import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse history`: earlier policies.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the last policies: who applied them, when and why.",
    discussion: """
      The last \(History.mostEntries) are kept. A policy that was edited by hand is recorded by \
      the next `gatehouse reload` or other change. `rollback` does not go by itself to one that no \
      daemon is known to have accepted.

      Exit status: 0, or 1 if no change is recorded.
      """,
    subcommands: [HistoryList.self, HistoryShow.self], defaultSubcommand: HistoryList.self)
}

/// `gatehouse history list`, which is what `gatehouse history` does.
struct HistoryList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the last policies.")

  @OptionGroup var locationOptions: PolicyLocationOptions

  private var location: PolicyLocation { locationOptions.location }

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let kept = location.kept
    let rows = try readingHistory {
      () throws(SystemError) in
      var rows: [HistoryRow] = []
      for number in try kept.numbers().reversed() {
        if let entry = try kept.entry(number) { rows.append(HistoryRow(entry)) }
      }
      return rows
    }
    let present = PolicySnapshot.read(path: location.path, insecure: .warning).snapshot
    try output.print(
      HistoryReport(
        folder: location.path, rows: rows, present: SnapshotArchive(present)?.digest))
  }
}

/// `gatehouse history show`: one of the last policies.
struct HistoryShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one of the last policies, and what it changed.",
    discussion: "Exit status: 0, or 1 if there is no such change.")

  @Argument(
    help: ArgumentHelp("The number of the change.", valueName: "change"), completion: .change)
  var number: Int

  @OptionGroup var locationOptions: PolicyLocationOptions

  private var location: PolicyLocation { locationOptions.location }

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let entry = try location.entry(number)
    let before = try readingHistory {
      () throws(SystemError) in
      guard let number = try location.kept.numbers().last(where: { $0 < number }) else {
        return nil as HistoryEntry?
      }
      return try location.kept.entry(number)
    }
    let files = entry.archive.snapshot.inside.sorted { $0.key < $1.key }
      .map { HistoryEntryReport.File(name: $0.key, content: $0.value) }
    try output.print(
      HistoryEntryReport(
        row: HistoryRow(entry), difference: try difference(before, entry),
        files: files.filter { PolicySnapshot.isPolicyFile($0.name) },
        lists: files.filter { !PolicySnapshot.isPolicyFile($0.name) }))
  }

  private func difference(_ before: HistoryEntry?, _ entry: HistoryEntry) throws -> DiffReport? {
    guard let before, let old = Policy.load(before.archive.snapshot).policy,
      let new = Policy.load(entry.archive.snapshot).policy
    else { return nil }
    return try DiffReport(
      old: .init(path: "change \(before.number)", source: .init(old)),
      new: .init(path: "change \(number)", source: .init(new)),
      comparison: PolicyComparison(old: old, new: new, from: .now()), users: [])
  }
}

extension PolicyLocation {
  /// A change of the history.
  func entry(_ number: Int) throws(CommandFailure) -> HistoryEntry {
    let kept = kept
    guard let entry = try readingHistory({ () throws(SystemError) in try kept.entry(number) })
    else {
      throw .refused(
        "there is no change \(number) in \(kept.path)", remedy: "`gatehouse history` lists them")
    }
    return entry
  }
}

extension HistoryRow {
  /// The row of an entry.
  init(_ entry: HistoryEntry) {
    self.init(
      number: entry.number, time: entry.record.time, user: entry.record.author?.user,
      address: entry.record.author?.address, means: entry.record.means.rawValue,
      reason: entry.record.reason, digest: entry.archive.digest, backTo: entry.record.backTo,
      isAccepted: entry.record.isAccepted)
  }
}

/// Reads the history.
func readingHistory<Result>(
  _ read: () throws(SystemError) -> Result
) throws(CommandFailure) -> Result {
  do throws(SystemError) {
    return try read()
  } catch {
    throw .unreachable("the history cannot be read: \(error)", remedy: error.remedy)
  }
}
