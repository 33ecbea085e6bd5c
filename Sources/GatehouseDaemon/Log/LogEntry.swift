import GatehouseJournal
import GatehousePolicy
import GatehouseWire

/// The priority of an entry; the numbers are syslog's.
enum LogPriority: Int32, Sendable {
  case error = 3
  case warning = 4
  case notice = 5
  case info = 6

  /// The beginning of a line on standard error.
  var linePrefix: StaticString {
    switch self {
    case .error: "gatehoused: error: "
    case .warning: "gatehoused: warning: "
    case .notice: "gatehoused: notice: "
    case .info: "gatehoused: info: "
    }
  }
}

/// One entry of the log, ready to be written.
///
/// Text from outside is made safe to show; see `LogText`.
struct LogEntry: Sendable {
  let priority: LogPriority
  private var text: LogText
  /// The ranges of the message and the fields in `bytes`, the message first.
  private(set) var parts: [Part] = []

  struct Part: Sendable {
    let start: Int
    /// The position of the `=` between name and value.
    let equals: Int
    let end: Int

    var name: Range<Int> { start..<equals }
    var value: Range<Int> { equals + 1..<end }
  }

  /// An entry without fields.
  ///
  /// - Parameters:
  ///   - priority: Its priority.
  ///   - kind: What it is about.
  ///   - message: One sentence, or one diagnostic with its location.
  init(_ priority: LogPriority, _ kind: EntryKind, _ message: String) {
    self.priority = priority
    text = LogText(capacity: message.utf8.count + 64)
    add("MESSAGE", message)
    add("MESSAGE_ID", kind.rawValue)
  }

  /// An entry that will have fields.
  init(_ priority: LogPriority, _ kind: EntryKind, message: (inout LogText) -> Void) {
    self.priority = priority
    // Seldom is one longer.
    text = LogText(capacity: 1024)
    parts.reserveCapacity(24)
    add("MESSAGE", message)
    add("MESSAGE_ID", kind.rawValue)
  }

  /// `MESSAGE=…` and then each field, `NAME=value`, with nothing between them: as the journal wants
  /// them.
  var bytes: [UInt8] { text.bytes }

  /// Adds a field if it has a value; the journal wants its name in upper case.
  mutating func add(_ name: StaticString, _ value: (some LogValue)?) {
    if let value { add(name) { $0.append(value) } }
  }

  /// Adds a field.
  mutating func add(_ name: StaticString, _ write: (inout LogText) -> Void) {
    let start = bytes.count
    text.append(name)
    let equals = bytes.count
    text.append("=")
    write(&text)
    parts.append(Part(start: start, equals: equals, end: bytes.count))
  }

  /// Adds the entry as one line, for logs without fields:
  /// `message [user="bob" service="sshd"]`.
  func addLine(to lines: inout [UInt8]) {
    let bytes = bytes.span
    // Each byte of a value may become two, and a field has four marks around it.
    lines.append(addingCapacity: 2 * bytes.count + 4 * parts.count + 2) { line in
      line.append(bytes.extracting(parts[0].value))
      // The kind alone says no more than the message.
      guard parts.count > 2 else { return }
      line.append((" [" as StaticString).bytes)
      for place in 1..<parts.count {
        if place > 1 { line.append(UInt8(ascii: " ")) }
        line.append(shortName: bytes.extracting(parts[place].name))
        line.append(("=\"" as StaticString).bytes)
        line.append(quoting: bytes.extracting(parts[place].value))
        line.append(UInt8(ascii: "\""))
      }
      line.append(UInt8(ascii: "]"))
    }
  }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func append(_ text: Span<UInt8>) {
    for place in text.indices { append(text[place]) }
  }

  /// A field's name in lower case, without `GATEHOUSE_`.
  fileprivate mutating func append(shortName name: Span<UInt8>) {
    let prefix: StaticString = "GATEHOUSE_"
    let isOurs = name.extracting(first: prefix.utf8CodeUnitCount).hasSameBytes(as: prefix)
    for place in (isOurs ? prefix.utf8CodeUnitCount : 0)..<name.count {
      let letter = name[place]
      append((0x41...0x5A).contains(letter) ? letter | 0x20 : letter)
    }
  }

  fileprivate mutating func append(quoting value: Span<UInt8>) {
    for place in value.indices {
      let byte = value[place]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
      append(byte)
    }
  }
}

/// A text of the log, as UTF-8.
///
/// Text of the code stays as it is; all other text is made safe to show. So no user name, remote
/// host or text of a broken policy can end its line or command a terminal.
///
/// There may be thousands of entries a second, and each takes time from the answers. So it is bytes
/// and not a `String`, which takes many times as long to compose.
struct LogText: Sendable {
  private(set) var bytes: [UInt8] = []

  /// An empty text with room for this many bytes.
  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// Adds a text that is written in the code.
  mutating func append(_ text: StaticString) { bytes.append(text.bytes) }

  /// Adds a value.
  mutating func append(_ value: some LogValue) { value.write(to: &bytes) }

  /// Adds names, with commas between them.
  mutating func append(joining names: [Name]) {
    var isFirst = true
    for name in names {
      if !isFirst { append(",") }
      isFirst = false
      append(name)
    }
  }
}

/// A value that a text of the log can hold.
protocol LogValue {
  /// Adds the value to the bytes of a text, made safe to show.
  func write(to bytes: inout [UInt8])
}

extension String: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(displaying: self) }
}

extension Name: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(displaying: self.bytes) }
}

extension Int: LogValue {
  func write(to bytes: inout [UInt8]) { bytes.append(decimal: self) }
}

extension Origin: LogValue {}

extension SourceLocation: LogValue {
  func write(to bytes: inout [UInt8]) {
    bytes.append(displaying: file)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(decimal: line)
  }
}

extension LogEntry {
  /// A diagnostic of a policy; `place` says where the policy comes from.
  init(_ diagnostic: Diagnostic, of place: String) {
    let priority: LogPriority = diagnostic.severity == .error ? .error : .warning
    self.init(priority, .policyFinding, "\(place): \(diagnostic.description)")
  }
}

extension Log {
  /// The most diagnostics of one policy that are logged: more would push everything else out.
  private static let diagnosticLimit = 200

  /// Logs the first 200 diagnostics of a policy; `place` says where the policy comes from.
  func post(_ diagnostics: [Diagnostic], of place: String) {
    for diagnostic in diagnostics.prefix(Self.diagnosticLimit) {
      post(.warning) { LogEntry(diagnostic, of: place) }
    }
    if diagnostics.count > Self.diagnosticLimit {
      let more = diagnostics.count - Self.diagnosticLimit
      post(
        .warning, .policyFinding,
        "\(place): \(more) more like these; `gatehouse check` shows all of them")
    }
  }
}
