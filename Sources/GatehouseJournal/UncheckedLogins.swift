public import GatehousePolicy

/// Logins that pam_gatehouse let in without a question, because `onerr=succeed` says so.
///
/// The module writes a line in the process of the program that asked. Only lines of root's processes are
/// believed: that leaves out sudo and su, which run as the user who calls them.
public struct UncheckedLogins: Sendable {
  /// Lines that are alike.
  public struct Line: Sendable {
    /// What the module wrote.
    public let text: String
    /// When the last one was.
    public fileprivate(set) var last: Instant
    /// How many there were.
    public fileprivate(set) var count: Int
  }

  /// The most lines that are told apart.
  public static let limit = 1000
  /// The beginning of each line of the module (pam_syslog(3)).
  private static let start = Array("pam_gatehouse(".utf8)
  /// What only these lines have.
  private static let mark = Array("; unchecked, as onerr=succeed says, goes on user ".utf8)

  /// The lines, the newest first.
  public let lines: [Line]
  /// How many there were beyond the most.
  public private(set) var others = 0

  /// Reads the lines of a time; throws if the journal cannot be read.
  public init(
    _ source: Journal.Source, from start: Instant, until end: Instant
  ) throws(JournalError) {
    // LOG_AUTHPRIV and LOG_WARNING (syslog(3)).
    let journal = try Journal.matching(
      [("_UID", "0"), ("SYSLOG_FACILITY", "10"), ("PRIORITY", "4")], in: source)
    try journal.seek(to: start)
    var found: [[UInt8]: Line] = [:]
    while try journal.next() {
      let time = try journal.time()
      guard time < end else { break }
      guard let text = journal.value(of: "MESSAGE"), text.starts(with: Self.start),
        // Names stand between quotation marks, so nobody's can have these words for the module's.
        Array(text.prefix { $0 != UInt8(ascii: "\"") }).contains(Self.mark)
      else { continue }
      if found[text] != nil {
        found[text]?.count += 1
        found[text]?.last = time
      } else if found.count < Self.limit {
        found[text] = Line(text: String(decoding: text, as: UTF8.self), last: time, count: 1)
      } else {
        others += 1
      }
    }
    lines = found.values.sorted { ($1.last, $0.text) < ($0.last, $1.text) }
  }
}

extension [UInt8] {
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    count >= part.count
      && (0...(count - part.count)).contains { self[$0...].starts(with: part) }
  }
}
