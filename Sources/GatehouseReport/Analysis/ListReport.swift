public import GatehousePolicy

/// The report of `gatehouse list`: entries of a policy's lists.
public struct ListReport: Report {
  /// The entries, in order.
  public var entries: [ListedEntry]
  /// The time at which they count, or do not.
  public var time: Instant
  /// The policy's mode.
  public var mode: Mode
  /// The columns of the terminal; nil if the width does not matter.
  public var columns: Int?

  /// A report of entries.
  public init(entries: [ListedEntry], time: Instant, mode: Mode, columns: Int? = nil) {
    self.entries = entries
    self.time = time
    self.mode = mode
    self.columns = columns
  }

  /// Yes if there is an entry.
  public var status: ReportStatus { entries.isEmpty ? .no : .yes }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    guard !entries.isEmpty else {
      page.line(StyledText("none", .bad, then: "no list of the policy has such an entry"))
      return page.bytes
    }
    var table = FittedTable([
      .cut("list"), .cut("entry"), .init("until"), .init("place"),
      .cut("description").leftOut(1),
    ])
    table.rows = entries.map(row)
    page.table(table, fitting: columns)
    if mode != .enforce {
      page.line()
      page.line(StyledText("mode \(mode.rawValue)", .doubtful, then: "nobody is refused by them"))
    }
    return page.bytes
  }

  private func row(_ entry: ListedEntry) -> [StyledText] {
    let isCounting = entry.counts(at: time)
    var text = entry.text
    if !entry.exceptions.isEmpty { text += " except " + entry.exceptions.joined(separator: ", ") }
    let until: StyledText =
      if !entry.isActive {
        StyledText("inactive", .doubtful)
      } else if let since = entry.since, since > time {
        StyledText("from \(since.localMinute)", .doubtful)
      } else if let end = entry.until {
        StyledText(end.localMinute, isCounting ? .plain : .doubtful)
      } else { "" }
    return [
      StyledText(entry.scope.path(of: entry.key)),
      isCounting ? StyledText(text) : StyledText(text, .faint), until,
      StyledText(entry.location.fileAndLine, .faint), StyledText(entry.comment ?? ""),
    ]
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("mode", mode.rawValue)
    writer.member("time", time)
    writer.member("entries", entries.map { CountedEntry(entry: $0, time: time) })
  }
}

/// An entry, and the time at which it counts or does not.
private struct CountedEntry: JSONWritable {
  let entry: ListedEntry
  let time: Instant

  /// Writes an object of everything that is known of the entry.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", entry.scope.path(of: entry.key))
      $0.member("scope", entry.scope.kind.rawValue)
      $0.member("name", entry.scope.name)
      $0.member("service", entry.scope.service)
      $0.member("key", entry.key.rawValue)
      $0.member("entry", entry.text)
      $0.member("except", entry.exceptions)
      $0.member("description", entry.comment)
      $0.member("active", entry.isActive)
      $0.member("since", entry.since)
      $0.member("until", entry.until)
      $0.member("counts", entry.counts(at: time))
      $0.member("rule", entry.location.fileAndLine)
    }
  }
}
