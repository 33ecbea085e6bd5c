import GatehouseReport

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
      self.value = LogEntry.safe(value)
    }
  }

  init(_ priority: LogPriority, _ message: String, fields: [Field] = []) {
    self.priority = priority
    self.message = Self.safe(message)
    self.fields = fields
  }

  private static func safe(_ text: String) -> String {
    // Nearly all text is plain, and told to be so at the cost of a look at its bytes.
    text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } ? text : text.escapedForTerminal
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
    value.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
  }
}
