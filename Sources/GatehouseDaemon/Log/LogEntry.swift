import GatehousePolicy

/// How loud an entry is; the numbers are syslog's.
enum LogPriority: Int32, Sendable {
  case error = 3
  case warning = 4
  case notice = 5
  case info = 6

  /// The word in a line on standard error.
  var word: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    }
  }
}

/// One entry of the log, ready to be written.
///
/// Whatever comes in is made safe to show here, so that no user name, remote host or text of a
/// broken policy can end its line or command a terminal.
struct LogEntry: Sendable {
  let priority: LogPriority
  /// One sentence, or one finding with its place.
  let message: String
  /// Fields of the journal beside the message, in order.
  let fields: [Field]

  struct Field: Equatable, Sendable {
    /// In upper case, as the journal wants it.
    let name: String
    let value: String

    init(name: String, value: String) {
      self.name = name
      self.value = displayText(of: value)
    }
  }

  init(_ priority: LogPriority, _ message: String, fields: [Field] = []) {
    self.priority = priority
    self.message = displayText(of: message)
    self.fields = fields
  }

  /// The entry in one line, for where there are no fields: `message [user="bob" service="sshd"]`.
  var line: String {
    guard !fields.isEmpty else { return message }
    let pairs = fields.map { field in
      let name = field.name.hasPrefix("GATEHOUSE_") ? field.name.dropFirst(10) : field.name[...]
      return "\(name.lowercased())=\"\(Self.quoted(field.value))\""
    }
    return "\(message) [\(pairs.joined(separator: " "))]"
  }

  private static func quoted(_ value: String) -> String {
    let marks: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "\\")]
    guard value.utf8.contains(where: marks.contains) else { return value }
    return value.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
  }
}
