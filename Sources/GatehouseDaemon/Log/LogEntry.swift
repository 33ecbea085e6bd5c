import GatehousePolicy
import GatehouseWire

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
/// Whatever comes in is made safe to show here; see `LogText`.
struct LogEntry: Sendable {
  let priority: LogPriority
  /// `MESSAGE=…` and then each field, `NAME=value`, with nothing between them: as the journal wants
  /// them.
  private(set) var bytes: [UInt8] = []
  /// Where in `bytes` each of them lies, the message first.
  private(set) var parts: [Part] = []

  struct Part: Sendable {
    let start: Int
    /// Where the `=` between name and value stands.
    let equals: Int
    let end: Int

    var value: Range<Int> { equals + 1..<end }
  }

  /// An entry without fields.
  ///
  /// - Parameters:
  ///   - priority: How loud it is.
  ///   - message: One sentence, or one finding with its place.
  init(_ priority: LogPriority, _ message: LogText) {
    self.priority = priority
    add("MESSAGE") { $0 += message.bytes }
  }

  /// An entry of a kind that the journal finds by its MESSAGE_ID, and which has fields.
  init(_ priority: LogPriority, _ message: LogText, messageID: String) {
    self.priority = priority
    bytes.reserveCapacity(1024)
    parts.reserveCapacity(24)
    add("MESSAGE") { $0 += message.bytes }
    add("MESSAGE_ID") { $0 += messageID.utf8 }
  }

  /// Adds a field, where it has a value; its name is in upper case, as the journal wants it.
  mutating func add(_ name: StaticString, _ value: String?) {
    if let value { add(name) { $0.append(displaying: value) } }
  }

  /// Adds a field, where it has a value.
  mutating func add(_ name: StaticString, _ value: Name?) {
    if let value { add(name) { $0.append(displaying: value.bytes) } }
  }

  /// Adds a field, where it has a value.
  mutating func add(_ name: StaticString, _ value: LogText?) {
    if let value { add(name) { $0 += value.bytes } }
  }

  private mutating func add(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
    let start = bytes.count
    bytes.append(name)
    let equals = bytes.count
    bytes.append(UInt8(ascii: "="))
    write(&bytes)
    parts.append(Part(start: start, equals: equals, end: bytes.count))
  }

  /// Adds the entry to lines, as one of them, for where there are no fields:
  /// `message [user="bob" service="sshd"]`.
  func addLine(to lines: inout [UInt8]) {
    lines += bytes[parts[0].value]
    guard parts.count > 1 else { return }
    lines.append(" [")
    for part in parts.dropFirst() {
      if part.start != parts[1].start { lines.append(UInt8(ascii: " ")) }
      addShortName(part, to: &lines)
      lines.append("=\"")
      addQuoted(bytes.span.extracting(part.value), to: &lines)
      lines.append(UInt8(ascii: "\""))
    }
    lines.append(UInt8(ascii: "]"))
  }

  /// The name in lower case, without `GATEHOUSE_`.
  private func addShortName(_ part: Part, to lines: inout [UInt8]) {
    let prefix: StaticString = "GATEHOUSE_"
    let name = bytes.span.extracting(part.start..<part.equals)
    let isOurs = name.byte(at: 0) == prefix.bytes.byte(at: 0)
    let start = lines.count
    lines.append(isOurs ? name.extracting(droppingFirst: prefix.utf8CodeUnitCount) : name)
    var letters = lines.mutableSpan
    for place in start..<letters.count where (0x41...0x5A).contains(letters[place]) {
      letters[place] |= 0x20
    }
  }

  private func addQuoted(_ value: Span<UInt8>, to lines: inout [UInt8]) {
    let mark = UInt8(ascii: "\""), escape = UInt8(ascii: "\\")
    var needsEscape = false
    for place in value.indices {
      // Without a way out, so that many bytes are looked at in one step.
      needsEscape = needsEscape || value[place] == mark || value[place] == escape
    }
    guard needsEscape else { return lines.append(value) }
    for place in value.indices {
      if value[place] == mark || value[place] == escape { lines.append(escape) }
      lines.append(value[place])
    }
  }
}
