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

  /// A row with all its parts.
  public init(
    number: Int, time: Instant, user: Name?, address: IPAddress?, means: String, reason: String?,
    digest: String
  ) {
    self.number = number
    self.time = time
    self.user = user
    self.address = address
    self.means = means
    self.reason = reason
    self.digest = digest
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
          StyledText(row.who), StyledText(row.reason ?? ""),
        ]
      })
    page.line()
    page.line(
      current.map { StyledText("* change \($0) is in \(folder) now", .faint) }
        ?? StyledText("\(folder) has been changed by hand since", .doubtful))
    return page.bytes
  }

  /// One JSON document.
  public func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("folder", folder)
      $0.member("present", present)
      $0.member("current", current)
      $0.member("changes", rows)
    }
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
    writer.member("from", address?.description)
    writer.member("by", means)
    writer.member("reason", reason)
    writer.member("sha256", digest)
  }
}
