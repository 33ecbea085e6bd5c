import GatehousePolicy

/// One line of a difference: what is gained or lost, for which origins, and when.
struct DiffRow {
  /// What changes.
  private enum Effect: Hashable, Comparable {
    case access(AccessChange)
    case checked, unchecked
    case roleLost(Name), roleGained(Name)
    case factor(FactorReach)
    case code(CodeReach)
    case noCode

    /// What changes when one outcome becomes the other.
    static func all(from old: DecisionOutcome, to new: DecisionOutcome) -> [Effect] {
      let lost = old.roles.filter { !new.roles.contains($0) }.map(Effect.roleLost)
      let gained = new.roles.filter { !old.roles.contains($0) }.map(Effect.roleGained)
      let factor = old.factor == new.factor ? nil : new.factor.map(Effect.factor)
      return [access(from: old, to: new), factor, code(from: old, to: new)].compactMap(\.self)
        + lost + gained
    }

    /// Whoever gets in needs no code.
    private static func code(from old: DecisionOutcome, to new: DecisionOutcome) -> Effect? {
      guard new.verdict == .deny, old.code != new.code else { return nil }
      return new.code.map(Effect.code) ?? .noCode
    }

    private static func access(from old: DecisionOutcome, to new: DecisionOutcome) -> Effect? {
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

    /// The change of access that comes with the change of a role; nil if this is not about a role.
    func access(in effects: [Effect: Origins]) -> Effect? {
      switch self {
      case .roleLost: .access(effects[.access(.loses)] == nil ? .wouldLose : .loses)
      case .roleGained: .access(effects[.access(.gains)] == nil ? .wouldGain : .gains)
      default: nil
      }
    }

    /// The words between a subject and addresses.
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
      case .factor(.needed): StyledText("needs a second factor from")
      case .factor(.newPlaces): StyledText("needs a second factor, if new, from")
      case .factor(.notNeeded): StyledText("needs no second factor from")
      case .code(let code): StyledText("if refused, is sent a code (\(code.inWords)) from")
      case .noCode: StyledText("if refused, is sent no code from")
      }
    }
  }

  /// The time during which something holds.
  private struct Span: Hashable {
    let since: Instant?
    let until: Instant?
  }

  /// A set of origins.
  private struct Origins: Equatable {
    var addresses = AddressSet.nothing
    var isMachine = false
    var isLocal = false
    var lacksAddress = false
    var isUnknown = false

    mutating func add(_ difference: Difference) {
      addresses = addresses.union(difference.addresses)
      isMachine = isMachine || difference.isMachine
      isLocal = isLocal || difference.isLocal
      lacksAddress = lacksAddress || difference.lacksAddress
      isUnknown = isUnknown || difference.isUnknown
    }

    /// How many prefixes are shown.
    private static let mostPrefixes = 8

    var text: String {
      var parts: [String] = []
      if !addresses.isEmpty {
        parts.append(AddressText(addresses, atMost: Self.mostPrefixes).line)
      }
      if isMachine { parts.append("self") }
      if isLocal { parts.append("local") }
      if lacksAddress { parts.append("programs that give no address") }
      if isUnknown { parts.append("unknown origins") }
      return parts.joined(separator: "; ")
    }
  }

  private let effect: Effect
  private let span: Span
  private let origins: Origins
  private let note: String?

  /// The rows of some differences; the same effect at the same time is one row.
  static func rows(of differences: [Difference]) -> [DiffRow] {
    var found: [Span: [Effect: Origins]] = [:]
    for difference in differences {
      for change in difference.changes {
        let span = Span(since: change.since, until: change.until)
        for effect in Effect.all(from: change.old, to: change.new) {
          found[span, default: [:]][effect, default: Origins()].add(difference)
        }
      }
    }
    return found.flatMap { span, effects in rows(of: effects, in: span) }.sorted()
  }

  /// The rows of one time; a role that changes with the same origins as access is a note on that row.
  private static func rows(of effects: [Effect: Origins], in span: Span) -> [DiffRow] {
    effects.compactMap { effect, origins in
      if let access = effect.access(in: effects), effects[access] == origins { return nil }
      let roles = effects.compactMap { other, others in
        other.access(in: effects) == effect && others == origins ? other.role : nil
      }
      let words = roles.count == 1 ? "with role" : "with roles"
      let note = roles.isEmpty ? nil : "\(words) \(roles.sorted().joined)"
      return DiffRow(effect: effect, span: span, origins: origins, note: note)
    }
  }

  /// The verb, and the origins.
  var cells: [StyledText] {
    let notes = [note, time].compactMap(\.self)
    let remark = notes.isEmpty ? "" : "  (\(notes.joined(separator: "; ")))"
    return [effect.verb, StyledText(origins.text) + StyledText(remark, .faint)]
  }

  /// The time in words; whole days as the policy writes them: `until` a day includes it.
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
  /// Orders by time, and then by effect.
  static func < (left: DiffRow, right: DiffRow) -> Bool {
    let latest = Instant(microsecondsSinceEpoch: .max)
    let earliest = Instant(microsecondsSinceEpoch: .min)
    return (left.span.since ?? earliest, left.span.until ?? latest, left.effect)
      < (right.span.since ?? earliest, right.span.until ?? latest, right.effect)
  }

  /// Rows are equal if they are about the same effect at the same time.
  static func == (left: DiffRow, right: DiffRow) -> Bool {
    left.span == right.span && left.effect == right.effect
  }
}

extension Instant {
  /// The day that begins at this moment, in UTC; nil if none does.
  fileprivate var day: String? {
    let text = description
    return text.hasSuffix("T00:00:00Z") ? String(text.prefix(10)) : nil
  }
}
