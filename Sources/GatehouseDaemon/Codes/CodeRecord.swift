import GatehouseJournal
import GatehousePolicy

/// The log entry of a code that was made, tried or used; it never has the code.
struct CodeRecord: Sendable {
  let event: CodeEvent
  let user: Name
  let origin: Origin
  let service: Name
  let role: Name?
  /// The id of the denial.
  let denial: String
  /// How many wrong ones were entered.
  var tries = 0
  /// The grant that the right one gave.
  var grant: String?

  /// An entry about a code.
  init(_ event: CodeEvent, _ code: Codes.Code, grant: String? = nil) {
    self.event = event
    user = code.user
    origin = .address(code.address)
    service = code.service
    role = code.role
    denial = code.denial
    tries = code.tries
    self.grant = grant
  }

  /// No code was made: the user has caused too many.
  init(overLimit user: Name, _ asked: AskedLogin, denial: String) {
    event = .overLimit
    self.user = user
    origin = asked.origin
    service = asked.service
    role = asked.role
    self.denial = denial
  }

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(priority, .code) { writeSentence(to: &$0) }
    entry.add("GATEHOUSE_CODE_EVENT", event.rawValue)
    entry.add("GATEHOUSE_USER", user)
    entry.add("GATEHOUSE_ORIGIN", origin)
    entry.add("GATEHOUSE_ORIGIN_KIND", origin.kind.rawValue)
    entry.add("GATEHOUSE_SERVICE", service)
    entry.add("GATEHOUSE_ROLE", role)
    entry.add("GATEHOUSE_DENIAL", denial)
    entry.add("GATEHOUSE_GRANT", grant)
    return entry
  }

  /// A wrong code may be a slip; three, or more denials than codes, are somebody else.
  var priority: LogPriority {
    switch event {
    case .made, .used: .notice
    case .wrong, .ended, .overLimit: .warning
    }
  }

  private func writeSentence(to text: inout LogText) {
    switch event {
    case .made: text.append("a code was made for ")
    case .used: text.append("the right code was entered for ")
    case .wrong: text.append("a wrong code was entered for ")
    case .ended: text.append("the last of three wrong codes was entered for ")
    case .overLimit: text.append("no code was made for ")
    }
    text.append(user)
    text.append(" from ")
    text.append(origin)
    text.append(" (")
    text.append(service)
    text.append("), denial ")
    text.append(denial)
    switch event {
    case .made: break
    case .used:
      text.append(", grant ")
      text.append(grant ?? "none")
    case .wrong:
      text.append(", try ")
      text.append(tries)
    case .ended: text.append("; the right one does not count any more")
    case .overLimit:
      text.append("; there were as many as authorize.per_day says, or too many in all")
    }
  }
}
