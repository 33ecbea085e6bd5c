import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// Where entries go.
enum LogSink: Sendable {
  /// The systemd journal, with all fields.
  case journal
  /// syslog(3), facility auth: the fields stand in the line.
  case syslog
  /// Standard error, likewise.
  case standardError

  /// The journal where there is one, else syslog.
  static func automatic() -> LogSink { SystemLog.hasJournal ? .journal : .syslog }

  /// Writes entries, and may block; returns those that were not taken.
  func write(_ entries: [LogEntry]) -> [LogEntry] {
    switch self {
    case .journal: return entries.filter { !sendToJournal($0) }
    case .syslog:
      for entry in entries { sendToSyslog(entry) }
      return []
    case .standardError: return writeToStandardError(entries)
    }
  }

  private func sendToJournal(_ entry: LogEntry) -> Bool {
    var entry = entry
    entry.add("PRIORITY", Int(entry.priority.rawValue))
    entry.add("SYSLOG_FACILITY", SystemLog.facility)
    entry.add("SYSLOG_IDENTIFIER", "gatehoused")
    var bytes = entry.bytes
    return SystemLog.writeToJournal(&bytes, parts: entry.parts.map { $0.start..<$0.end })
  }

  private func sendToSyslog(_ entry: LogEntry) {
    var line: [UInt8] = []
    entry.addLine(to: &line)
    SystemLog.writeToSyslog(line, priority: entry.priority.rawValue)
  }

  private func writeToStandardError(_ entries: [LogEntry]) -> [LogEntry] {
    var lines: [UInt8] = []
    var ends: [Int] = []
    for entry in entries {
      lines.append(entry.priority.linePrefix.bytes)
      entry.addLine(to: &lines)
      lines.append(UInt8(ascii: "\n"))
      ends.append(lines.count)
    }
    let written = StandardStream.error.writtenCount(of: lines)
    return zip(entries, ends).filter { $0.1 > written }.map(\.0)
  }
}
