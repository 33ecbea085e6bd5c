import CPosix
import CSystemd
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

  /// Writes an entry, and may block; false where it was not taken.
  func write(_ entry: LogEntry) -> Bool {
    switch self {
    case .journal: return sendToJournal(entry)
    case .syslog:
      // SAFETY: the line is a C string for the length of the call, and no format.
      unsafe gh_syslog(entry.priority.rawValue | LOG_AUTH, entry.line)
      return true
    case .standardError:
      return writeToStandardError("gatehoused: \(entry.priority.word): \(entry.line)\n")
    }
  }

  private func sendToJournal(_ entry: LogEntry) -> Bool {
    var text: [UInt8] = []
    var ends: [Int] = []
    func add(_ name: String, _ value: String) {
      text += name.utf8
      text.append(UInt8(ascii: "="))
      text += value.utf8
      ends.append(text.count)
    }
    add("MESSAGE", entry.message)
    add("PRIORITY", String(entry.priority.rawValue))
    add("SYSLOG_FACILITY", String(LOG_AUTH >> 3))
    add("SYSLOG_IDENTIFIER", "gatehoused")
    for field in entry.fields { add(field.name, field.value) }
    // SAFETY: each part points into `text`, which does not change and outlives the call.
    return unsafe text.withUnsafeMutableBytes { bytes in
      var start = 0
      var parts: [iovec] = unsafe []
      for end in ends {
        unsafe parts.append(
          iovec(iov_base: bytes.baseAddress.map { unsafe $0 + start }, iov_len: end - start))
        start = end
      }
      return unsafe sd_journal_sendv(parts, Int32(parts.count)) >= 0
    }
  }

  private func writeToStandardError(_ line: String) -> Bool {
    let bytes = Array(line.utf8)
    // SAFETY: the pointer is valid for the count of the array.
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) == bytes.count
    }
  }
}
