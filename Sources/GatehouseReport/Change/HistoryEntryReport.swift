import GatehousePolicy

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
    rows.append(["policy", StyledText(row.digest)])
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

  /// One JSON document.
  public func json() -> [UInt8] {
    JSONWriter.line {
      row.members(&$0)
      $0.member("subjects", difference.map(\.differing))
      $0.member("files", files + lists)
    }
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
