public import GatehousePolicy

/// Something in the log of Gatehouse that somebody may want to be told.
public enum LoggedEvent: Hashable, Sendable {
  /// A login was decided.
  case decision(LoggedDecision)
  /// A policy was refused, and an earlier one serves on; with the sentence of the log.
  case refusedChange(String)
  /// A change was undone by itself; with the sentence of the log.
  case rollback(String)
  /// Something became of a code by which a user authorises a new place.
  case code(LoggedCode)
  /// Another policy serves from now on.
  case policyServes
}

/// The events of this machine's log, followed as they come.
///
/// Only entries are believed that the journal itself attributes to gatehoused's unit and to a system
/// account, or to root's unit that undoes `gatehouse pam enable`: every user can write the other fields.
public struct EventLog: ~Copyable {
  /// The fields that are read beside those of a decision.
  private enum Field: String, CaseIterable {
    case kind = "MESSAGE_ID"
    case unit = "_SYSTEMD_UNIT"
    case userID = "_UID"
    case message = "MESSAGE"
    case trial = "GATEHOUSE_TRIAL"

    static let all = JournalFields(allCases)
  }

  private static let daemonUnit = "gatehoused.service"
  private static let undoUnit = "gatehouse-pam-undo.service"
  private static let kinds: [EntryKind] = [
    .decision, .code, .policyRefused, .trial, .pamUndone, .policyServes,
  ]
  /// The steps by which a trial ends by itself.
  private static let endings: Set<String> = ["time_up", "rebooted", "failed"]

  private let journal: Journal

  /// Opens a journal at a position that `position` gave, or else at its end.
  ///
  /// - Parameters:
  ///   - source: The journal.
  ///   - position: The last entry that was read; what comes after it is read. If it is not there any
  ///     more, the entries that came after it in time are read.
  ///   - oldest: Nothing that is older is read.
  /// - Throws: If the journal cannot be read.
  public init(
    _ source: Journal.Source, after position: String?, notBefore oldest: Instant
  ) throws(JournalError) {
    let journal = try Journal.matching(
      Self.kinds.map { (Field.kind.rawValue, $0.rawValue) }
        + [Self.daemonUnit, Self.undoUnit].map { (Field.unit.rawValue, $0) }, in: source)
    (isUnread, self.position) = try Self.start(journal, after: position)
    self.oldest = oldest
    self.journal = journal
  }

  /// Moves to a position, or else to the end.
  ///
  /// - Returns: Whether the current entry is still to be read, and the position of the last that was.
  private static func start(
    _ journal: borrowing Journal, after position: String?
  ) throws(JournalError) -> (isUnread: Bool, position: String?) {
    if let position, let place = try journal.seek(after: position) {
      return (place == .later, position)
    }
    try journal.seekToEnd()
    // Behind the end nothing would ever come: what comes next comes after the last one, or after now.
    if try journal.previous() { return (false, journal.cursor()) }
    try journal.seek(to: .now())
    return (false, nil)
  }

  /// Nothing that is older is read.
  private let oldest: Instant
  /// Whether the current entry is still to be read.
  private var isUnread: Bool
  /// The position of the last entry that was read; nil if there was none yet.
  public private(set) var position: String?

  /// The next event with its time; nil if there is none yet.
  public mutating func next() throws(JournalError) -> (time: Instant, event: LoggedEvent)? {
    while true {
      if !isUnread, try !journal.next() { return nil }
      isUnread = false
      position = journal.cursor()
      let time = try journal.time()
      if time >= oldest, let event = event(at: time) { return (time, event) }
    }
  }

  /// Waits until there may be more, or a time is over.
  public func wait(atMost time: Duration) throws(JournalError) { try journal.wait(atMost: time) }

  private func event(at time: Instant) -> LoggedEvent? {
    let values = journal.values(of: Field.all)
    let text = { (field: Field) in
      values[field].map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    guard let kind = EntryKind(rawValue: text(.kind)), let user = Int(text(.userID)) else {
      return nil
    }
    if kind == .pamUndone {
      return text(.unit) == Self.undoUnit && user == 0 ? .rollback(text(.message)) : nil
    }
    guard text(.unit) == Self.daemonUnit, DecisionEntry.isOfSystem(user) else { return nil }
    switch kind {
    case .decision:
      let entry = DecisionEntry(journal.values(of: DecisionEntry.JournalField.all), time: time)
      return entry.logged.map { .decision($0) }
    case .code:
      let entry = DecisionEntry(journal.values(of: DecisionEntry.JournalField.all), time: time)
      return entry.code.map { .code($0) }
    case .policyRefused: return .refusedChange(text(.message))
    case .trial: return Self.endings.contains(text(.trial)) ? .rollback(text(.message)) : nil
    case .policyServes: return .policyServes
    default: return nil
    }
  }
}
