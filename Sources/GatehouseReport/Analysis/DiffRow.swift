import GatehousePolicy

/// One line of a difference: what is gained or lost, from where, and when.
struct DiffRow {
  /// What happens.
  private enum Event: Hashable, Comparable {
    case access(AccessChange)
    case checked, unchecked
    case roleLost(Name), roleGained(Name)

    /// What happens where one outcome becomes the other.
    static func all(from old: DecisionOutcome, to new: DecisionOutcome) -> [Event] {
      let lost = old.roles.filter { !new.roles.contains($0) }.map(Event.roleLost)
      let gained = new.roles.filter { !old.roles.contains($0) }.map(Event.roleGained)
      return [access(from: old, to: new)].compactMap(\.self) + lost + gained
    }

    private static func access(from old: DecisionOutcome, to new: DecisionOutcome) -> Event? {
      if let change = AccessChange(from: old, to: new) { return .access(change) }
      return switch (old.verdict, new.verdict) {
      case (.ignore, .allow): .checked
      case (.allow, .ignore): .unchecked
      default: nil
      }
    }

    /// The role that is lost or gained.
    var role: Name? {
      switch self {
      case .roleLost(let role), .roleGained(let role): role
      default: nil
      }
    }

    /// The one of the events with which a role goes or comes; nil for another event than a role's.
    func access(in events: [Event: Origins]) -> Event? {
      switch self {
      case .roleLost: .access(events[.access(.loses)] == nil ? .wouldLose : .loses)
      case .roleGained: .access(events[.access(.gains)] == nil ? .wouldGain : .gains)
      default: nil
      }
    }

    /// Words that stand between a subject and addresses.
    var verb: StyledText {
      switch self {
      case .access(.loses): StyledText("loses", .bad)
      case .access(.gains): StyledText("gains", .good)
      case .access(.wouldLose): StyledText("would lose", .doubtful)
      case .access(.wouldGain): StyledText("would gain", .doubtful)
      case .checked: StyledText("is checked from")
      case .unchecked: StyledText("is not checked from")
      case .roleLost(let role): StyledText("loses role \(role)", .bad)
      case .roleGained(let role): StyledText("gains role \(role)", .good)
      }
    }
  }

  /// When something is so.
  private struct Span: Hashable {
    let since: Instant?
    let until: Instant?
  }

  /// A set of origins.
  private struct Origins: Equatable {
    var addresses = AddressSet.nothing
    var isLocal = false
    var isUnknown = false

    mutating func add(_ difference: Difference) {
      addresses = addresses.union(difference.addresses)
      isLocal = isLocal || difference.isLocal
      isUnknown = isUnknown || difference.isUnknown
    }

    /// How many prefixes are shown.
    private static let mostPrefixes = 8

    var text: String {
      var parts: [String] = []
      if !addresses.isEmpty {
        parts.append(AddressText(addresses, atMost: Self.mostPrefixes).line)
      }
      if isLocal { parts.append("logins without a remote host") }
      if isUnknown { parts.append("unknown origins") }
      return parts.joined(separator: "; ")
    }
  }

  private let event: Event
  private let span: Span
  private let origins: Origins
  private let note: String?

  /// The rows of some differences: what is the same event at the same time, is one.
  static func rows(of differences: [Difference]) -> [DiffRow] {
    var found: [Span: [Event: Origins]] = [:]
    for difference in differences {
      for change in difference.changes {
        let span = Span(since: change.since, until: change.until)
        for event in Event.all(from: change.old, to: change.new) {
          found[span, default: [:]][event, default: Origins()].add(difference)
        }
      }
    }
    return found.flatMap { span, events in rows(of: events, in: span) }.sorted()
  }

  /// A role that is lost or gained with just the addresses of its row is a note on that row.
  private static func rows(of events: [Event: Origins], in span: Span) -> [DiffRow] {
    events.compactMap { event, origins in
      if let access = event.access(in: events), events[access] == origins { return nil }
      let roles = events.compactMap { other, others in
        other.access(in: events) == event && others == origins ? other.role : nil
      }
      let words = roles.count == 1 ? "with role" : "with roles"
      let note = roles.isEmpty ? nil : "\(words) \(roles.sorted().joined)"
      return DiffRow(event: event, span: span, origins: origins, note: note)
    }
  }

  /// The verb, and what it is about.
  var cells: [StyledText] {
    let notes = [note, time].compactMap(\.self)
    let remark = notes.isEmpty ? "" : "  (\(notes.joined(separator: "; ")))"
    return [event.verb, StyledText(origins.text) + StyledText(remark, .faint)]
  }

  /// A whole day in the words of the policy: `until` a day is to its end.
  private var time: String? {
    let since = span.since.map { "from \($0.day ?? $0.description)" }
    let until = span.until.map { time in
      let dayBefore = Instant(microsecondsSinceEpoch: time.microseconds - 1).description.prefix(10)
      return "until \(time.day == nil ? time.description : String(dayBefore))"
    }
    let words = [since, until].compactMap(\.self)
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}

extension DiffRow: Comparable {
  /// Orders by time, and then by what happens.
  static func < (left: DiffRow, right: DiffRow) -> Bool {
    let latest = Instant(microsecondsSinceEpoch: .max)
    let earliest = Instant(microsecondsSinceEpoch: .min)
    return (left.span.since ?? earliest, left.span.until ?? latest, left.event)
      < (right.span.since ?? earliest, right.span.until ?? latest, right.event)
  }

  /// Rows are the same where they stand for the same event at the same time.
  static func == (left: DiffRow, right: DiffRow) -> Bool {
    left.span == right.span && left.event == right.event
  }
}

extension Instant {
  /// The day that begins at this moment, in UTC; nil where none does.
  fileprivate var day: String? {
    let text = description
    return text.hasSuffix("T00:00:00Z") ? String(text.prefix(10)) : nil
  }
}
