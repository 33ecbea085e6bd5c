import CPosix
import CSystemd
import GatehousePolicy
import GatehouseWire
import Glibc

/// Where entries go.
enum LogSink: Sendable {
  /// The systemd journal, with all fields.
  case journal
  /// syslog(3), facility auth: the fields stand in the line.
  case syslog
  /// Standard error, likewise.
  case standardError

  /// The journal where there is one, else syslog.
  static func automatic() -> LogSink {
    // SAFETY: a literal is a C string for the length of the call.
    unsafe access("/run/systemd/journal/socket", W_OK) == 0 ? .journal : .syslog
  }

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
    entry.add("SYSLOG_FACILITY", Int(LOG_AUTH >> 3))
    entry.add("SYSLOG_IDENTIFIER", "gatehoused")
    var bytes = entry.bytes
    // SAFETY: each part points into `bytes`, which do not change and outlive the call.
    return unsafe bytes.withUnsafeMutableBytes { bytes in
      var parts: [iovec] = unsafe []
      for part in entry.parts {
        unsafe parts.append(
          iovec(
            iov_base: bytes.baseAddress.map { unsafe $0 + part.start },
            iov_len: part.end - part.start))
      }
      return unsafe sd_journal_sendv(parts, Int32(parts.count)) >= 0
    }
  }

  private func sendToSyslog(_ entry: LogEntry) {
    var line: [UInt8] = []
    entry.addLine(to: &line)
    // SAFETY: the line is a C string for the length of the call, and no format.
    unsafe gh_syslog(entry.priority.rawValue | LOG_AUTH, String(decoding: line, as: UTF8.self))
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
    var written = 0
    while written < lines.count {
      // SAFETY: the pointer is valid for the count of the span.
      let count = unsafe lines.span.extracting(droppingFirst: written).withUnsafeBytes { bytes in
        unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      written += count
    }
    return zip(entries, ends).filter { $0.1 > written }.map(\.0)
  }
}
