public import GatehousePolicy

/// A change in the history.
public struct HistoryRow: Sendable {
  /// Its number.
  public var number: Int
  /// When.
  public var time: Instant
  /// The user; nil if unknown.
  public var user: Name?
  /// The address that the user was connected from; nil on the machine itself.
  public var address: IPAddress?
  /// How: `apply`, `edit`, `hand` and so on.
  public var means: String
  /// Why, in that user's words; nil if no reason was given.
  public var reason: String?
  /// The SHA-256 of the policy.
  public var digest: String
  /// The change whose policy a rollback put back; nil if it was none.
  public var backTo: Int?
  /// Whether a daemon is known to have accepted the policy.
  public var isAccepted: Bool

  /// A row with all its parts.
  public init(
    number: Int, time: Instant, user: Name?, address: IPAddress?, means: String, reason: String?,
    digest: String, backTo: Int?, isAccepted: Bool
  ) {
    self.number = number
    self.time = time
    self.user = user
    self.address = address
    self.means = means
    self.reason = reason
    self.digest = digest
    self.backTo = backTo
    self.isAccepted = isAccepted
  }

  var who: String {
    guard let user else { return "unknown" }
    return address.map { "\(user) from \($0)" } ?? "\(user)"
  }
}

/// The report of `gatehouse history`: the last policies of a folder.
public struct HistoryReport: Report {
  /// The policy's folder.
  public var folder: String
  /// The changes, the newest first.
  public var rows: [HistoryRow]
  /// The SHA-256 of the policy in the folder now; nil if it cannot be read.
  public var present: String?

  /// A report of a history.
  public init(folder: String, rows: [HistoryRow], present: String?) {
    self.folder = folder
    self.rows = rows
    self.present = present
  }

  /// Yes if there is a change.
  public var status: ReportStatus { rows.isEmpty ? .no : .yes }

  /// The newest change whose policy is in the folder now.
  private var current: Int? { rows.first { $0.digest == present }?.number }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    guard !rows.isEmpty else {
      page.line(StyledText("no change of \(folder) is recorded"))
      return page.bytes
    }
    page.rows(
      rows.map { row in
        let mark = row.number == current ? StyledText("*", .good) : ""
        return [
          mark, StyledText("\(row.number)"), StyledText(row.time.roundedToSeconds.description),
          StyledText(row.means), StyledText(String(row.digest.prefix(12)), .faint),
          StyledText(row.who), row.isAccepted ? "" : StyledText("not accepted", .doubtful),
          StyledText(row.reason ?? ""),
        ]
      })
    page.line()
    page.line(
      current.map { StyledText("* change \($0) is in \(folder) now", .faint) }
        ?? StyledText("\(folder) has been changed by hand since", .doubtful))
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("folder", folder)
    writer.member("present", present)
    writer.member("current", current)
    writer.member("changes", rows)
  }
}

extension HistoryRow: JSONWritable {
  /// Writes an object of the change.
  func write(to writer: inout JSONWriter) {
    writer.object { members(&$0) }
  }

  /// The members of that object.
  func members(_ writer: inout JSONWriter) {
    writer.member("change", number)
    writer.member("time", time)
    writer.member("user", user)
    writer.member("address", address?.description)
    writer.member("means", means)
    writer.member("why", reason)
    writer.member("sha256", digest)
    writer.member("back_to", backTo)
    writer.member("accepted", isAccepted)
  }
}

/// The report of `gatehouse history show`: one change, what it changed, and the policy's files.
public struct HistoryEntryReport: Report {
  /// A file of the policy.
  public struct File: Sendable {
    /// Its name, relative to the policy's folder.
    public var name: String
    /// Its content.
    public var content: [UInt8]

    /// A file.
    public init(name: String, content: [UInt8]) {
      self.name = name
      self.content = content
    }
  }

  /// The change.
  public var row: HistoryRow
  /// What it changed; nil if the previous policy is not kept, or one of the two does not load.
  public var difference: DiffReport?
  /// The policy files.
  public var files: [File]
  /// The lists; the text shows only their names.
  public var lists: [File]

  /// A report of a change.
  public init(row: HistoryRow, difference: DiffReport?, files: [File], lists: [File]) {
    self.row = row
    self.difference = difference
    self.files = files
    self.lists = lists
  }

  /// Always yes.
  public var status: ReportStatus { .yes }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(StyledText("Change \(row.number)", .strong))
    var rows: [[StyledText]] = [
      ["when", StyledText(row.time.roundedToSeconds.description)],
      ["who", StyledText(row.who)], ["by", StyledText(row.means)],
    ]
    if let reason = row.reason { rows.append(["why", StyledText(reason)]) }
    rows.append([
      "policy",
      StyledText(row.digest + (row.isAccepted ? "" : "; no daemon is known to have accepted it")),
    ])
    page.fields(rows)
    if let difference {
      page.heading("What it changed")
      if difference.status == .yes { page.line("  no decision") }
      difference.blocks(on: &page)
    }
    for file in files {
      page.heading(file.name)
      for line in file.content.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      {
        page.line(StyledText(String(decoding: line, as: UTF8.self)))
      }
    }
    for list in lists {
      page.heading("\(list.name): \(counted(list.content.count, "byte"))")
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    row.members(&writer)
    writer.member("subjects", difference.map(\.differing))
    writer.member("files", files + lists)
  }
}

extension HistoryEntryReport.File: JSONWritable {
  /// Writes an object of `name` and `content`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", name)
      $0.member("content") { $0.string(content) }
    }
  }
}
