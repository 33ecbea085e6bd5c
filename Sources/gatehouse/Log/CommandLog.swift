import GatehouseJournal
import GatehousePlatform
import GatehouseReport

/// The entries that units of root's write into the journal, as the daemon writes its own.
enum CommandLog {
  /// Writes an entry; without a journal, a line on standard error.
  ///
  /// - Parameters:
  ///   - kind: What it is about.
  ///   - priority: syslog's number: 4 is a warning, 5 a notice.
  ///   - message: One sentence.
  static func post(_ kind: EntryKind, priority: Int, _ message: String) {
    var bytes: [UInt8] = []
    var parts: [Range<Int>] = []
    for field in [
      "MESSAGE=\(message.escapedForTerminal)", "MESSAGE_ID=\(kind.rawValue)",
      "PRIORITY=\(priority)", "SYSLOG_FACILITY=\(SystemLog.facility)",
      "SYSLOG_IDENTIFIER=gatehouse",
    ] {
      let start = bytes.count
      bytes += field.utf8
      parts.append(start..<bytes.count)
    }
    guard !SystemLog.writeToJournal(&bytes, parts: parts) else { return }
    Terminal.say("gatehouse: \(message.escapedForTerminal)\n")
  }
}
