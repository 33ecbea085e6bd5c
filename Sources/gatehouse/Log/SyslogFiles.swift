import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// gatehoused's lines in the files of syslog, for a machine that keeps no journal.
enum SyslogFiles {
  /// The newest file, and the one before it; older ones are compressed.
  private static let paths = ["/var/log/auth.log.1", "/var/log/auth.log"]
  private static let longest = 512 << 20

  /// The decisions of a filter, the oldest first; nil if there are no such files.
  ///
  /// It says on standard error what the files prove, and how far they go.
  static func read(_ filter: DecisionFilter, atMost limit: Int?) -> LogSource.Found? {
    var found = LogSource.Found()
    var beginning: Instant?
    var read: [String] = []
    for path in paths {
      guard let content = try? Files.content(of: path, atMost: longest) else { continue }
      read.append(path)
      for line in content.split(separator: UInt8(ascii: "\n")) {
        if beginning == nil, let time = line.split(separator: UInt8(ascii: " "), maxSplits: 1).first
        {
          beginning = Instant(rfc3339: String(decoding: time, as: UTF8.self))
        }
        guard let decision = SyslogLine.decision(in: line), filter.accepts(decision) else {
          continue
        }
        found.newest.append(decision)
      }
    }
    guard !read.isEmpty else { return nil }
    if let limit { found.newest = found.newest.suffix(limit) }
    found.since = beginning.map { "; the files begin \($0.roundedToSeconds)" } ?? ""
    Terminal.say(
      """
      gatehouse: there is no journal: these are lines of \(read.joined(separator: " and "))\(found.since)
      gatehouse: any user can have such lines written (logger), so they prove nothing

      """)
    return found
  }
}
