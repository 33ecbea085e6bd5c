import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// gatehoused's lines in the files of syslog, for a machine that keeps no journal.
enum SyslogFiles {
  /// The newest file, and the one before it; older ones are compressed.
  private static let paths = ["/var/log/auth.log.1", "/var/log/auth.log"]
  private static let longest = 512 << 20

  /// What was read.
  struct Found {
    /// The files.
    var paths: [String] = []
    /// The time of the first line; nil if it has none with a year.
    var beginning: Instant?
  }

  /// Visits the decisions of a filter, the oldest first.
  ///
  /// - Returns: What was read; nil if there are no such files.
  static func read(_ filter: DecisionFilter, _ visit: (LoggedDecision) -> Void) -> Found? {
    var found = Found()
    for path in paths {
      guard let content = try? Files.content(of: path, atMost: longest) else { continue }
      found.paths.append(path)
      for line in content.split(separator: UInt8(ascii: "\n")) {
        if found.beginning == nil,
          let time = line.split(separator: UInt8(ascii: " "), maxSplits: 1).first
        {
          found.beginning = Instant(rfc3339: String(decoding: time, as: UTF8.self))
        }
        guard let decision = SyslogLine.decision(in: line), filter.accepts(decision) else {
          continue
        }
        visit(decision)
      }
    }
    return found.paths.isEmpty ? nil : found
  }

  /// The newest decisions of a filter, the oldest of them first; nil if there are no such files.
  ///
  /// It says on standard error what the files prove, and how far they go.
  static func read(_ filter: DecisionFilter, atMost limit: Int?) -> LogSource.Found? {
    var found = LogSource.Found()
    guard let files = read(filter, { found.newest.append($0) }) else { return nil }
    if let limit { found.newest = found.newest.suffix(limit) }
    found.since = files.beginning.map { "; the files begin \($0.roundedToSeconds)" } ?? ""
    Terminal.say(
      """
      gatehouse: there is no journal: these are lines of \(files.paths.joined(separator: " and "))\(found.since)
      gatehouse: any user can have such lines written (logger), so they prove nothing

      """)
    return found
  }
}
