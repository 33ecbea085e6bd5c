import Glibc

/// A folder with a journal file of made-up entries.
///
/// systemd-journal-remote(8) writes all fields as they are given, even those that otherwise only the
/// journal sets.
public final class JournalFolder: Sendable {
  private static let program = "/lib/systemd/systemd-journal-remote"

  // SAFETY: a literal is a C string for the length of the call.
  /// Whether systemd-journal-remote is installed.
  public static let canBeMade = unsafe access(program, X_OK) == 0

  /// An entry of the journal, its time in microseconds since the epoch.
  public struct Entry: Sendable {
    let time: Int64
    let fields: [(name: String, value: String)]

    /// An entry with these fields.
    public init(time: Int64, _ fields: [(name: String, value: String)]) {
      self.time = time
      self.fields = fields
    }
  }

  private let folder: TemporaryDirectory

  /// The absolute path.
  public var path: String { folder.path }

  /// Makes a folder with a file of these entries, which must be in the order of their times.
  public init(_ entries: [Entry], as name: String = "system") throws {
    folder = try TemporaryDirectory()
    try add(entries, as: name)
  }

  /// Adds a file of such entries.
  public func add(_ entries: [Entry], as name: String) throws {
    // The journal export format, see
    // https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format
    let boot = "6b1c3b1f4c7f4a0e9c1d2e3f4a5b6c7d"
    var text = ""
    for entry in entries {
      // As in one boot, by both clocks: a position in the journal is found by the second one.
      text += "__REALTIME_TIMESTAMP=\(entry.time)\n__MONOTONIC_TIMESTAMP=\(entry.time)\n"
      text += "_BOOT_ID=\(boot)\n"
      for (name, value) in entry.fields { text += "\(name)=\(value)\n" }
      text += "\n"
    }
    let export = try folder.write(text, to: "\(name).export")
    let file = folder.file("\(name).journal")
    let result = try run(Self.program, ["--output=\(file)", "--split-mode=none", export])
    guard result.status == 0 else { throw TestKitError(result.errors) }
  }
}

extension JournalFolder.Entry {
  /// A decision as gatehoused writes it, with the journal's own fields; `more` adds or replaces fields.
  public static func decision(
    _ user: String, _ origin: String, at time: Int64, _ more: [String: String] = [:]
  ) -> Self {
    let usual = [
      "_UID": "994", "_SYSTEMD_UNIT": "gatehoused.service", "_EXE": "/usr/sbin/gatehoused",
      "MESSAGE_ID": "cd6ea7754a4f4d81bcc7da29e5486793", "GATEHOUSE_DECISION": "allow",
      "GATEHOUSE_REASON": "listed", "GATEHOUSE_WOULD_DENY": "false", "GATEHOUSE_USER": user,
      "GATEHOUSE_SERVICE": "sshd", "GATEHOUSE_ORIGIN_KIND": "address", "GATEHOUSE_ORIGIN": origin,
    ]
    return Self(time: time, usual.merging(more) { $1 }.map { (name: $0, value: $1) })
  }

  /// The fields by which a decision denies, for `decision`.
  public static let denied = ["GATEHOUSE_DECISION": "deny", "GATEHOUSE_REASON": "not_listed"]

  /// The fields by which it is an answer about the second factor, for `decision`; `answer` is `needed` or
  /// `not_needed`.
  public static func factor(
    _ answer: String, _ reason: String, wouldSpare: Bool = false
  ) -> [String: String] {
    [
      "MESSAGE_ID": "9302a08377e9416f9fa5022181df6db2", "GATEHOUSE_FACTOR": answer,
      "GATEHOUSE_REASON": reason, "GATEHOUSE_WOULD_SPARE": "\(wouldSpare)",
    ]
  }

  /// A step of a code, with the journal's own fields; `more` adds or replaces fields.
  public static func code(
    _ event: String, _ user: String, _ origin: String, at time: Int64,
    _ more: [String: String] = [:]
  ) -> Self {
    let usual = [
      "_UID": "994", "_SYSTEMD_UNIT": "gatehoused.service", "_EXE": "/usr/sbin/gatehoused",
      "MESSAGE_ID": "8cdb406080c947a4b3e61c2baebbc964", "GATEHOUSE_CODE_EVENT": event,
      "GATEHOUSE_USER": user,
      "GATEHOUSE_SERVICE": "sshd", "GATEHOUSE_ORIGIN_KIND": "address", "GATEHOUSE_ORIGIN": origin,
      "GATEHOUSE_DENIAL": "dddddddddd",
    ]
    return Self(time: time, usual.merging(more) { $1 }.map { (name: $0, value: $1) })
  }

  /// A line as sshd logs it, with the journal's own fields; `more` adds or replaces fields.
  public static func ssh(
    _ line: String, at time: Int64, _ more: [String: String] = [:]
  ) -> Self {
    let usual = [
      "_UID": "0", "_COMM": "sshd", "_EXE": "/usr/sbin/sshd", "_SYSTEMD_UNIT": "ssh.service",
      "_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": line,
    ]
    return Self(time: time, usual.merging(more) { $1 }.map { (name: $0, value: $1) })
  }
}
