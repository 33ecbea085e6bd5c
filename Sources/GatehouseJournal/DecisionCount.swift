public import GatehousePolicy

/// The decisions of a part of a journal, counted: one pass, and of each entry only the fields that tell
/// it from others.
public struct DecisionCount: ~Copyable {
  /// The fields that tell decisions from each other in a report.
  private static let fields: [DecisionEntry.JournalField] = [
    .userID, .decision, .reason, .wouldDeny, .user, .service, .originKind, .origin, .rule, .grant,
    .remoteHost, .hostName, .machine, .delivered,
  ]

  private let journal: Journal
  private let end: Instant
  private var reader = FieldReader(fields: Self.fields + [.id])

  /// Opens a journal at a time.
  ///
  /// - Parameters:
  ///   - source: Which journal.
  ///   - start: The first time.
  ///   - end: The time before which decisions count.
  /// - Throws: If it cannot be read.
  public init(
    _ source: Journal.Source, from start: Instant, until end: Instant
  ) throws(JournalError) {
    let journal = try Journal.matching(LoginHistory.decisionFields, in: source)
    try journal.seek(to: start)
    self.journal = journal
    self.end = end
  }

  /// The time of the oldest entry of the whole journal.
  public var beginning: Instant? { journal.beginning() }

  /// Counts the decisions.
  ///
  /// - Parameters:
  ///   - tally: Where they are counted.
  ///   - progress: Called with the time of each entry, and how many were read since the last call.
  /// - Throws: An error of the journal.
  public mutating func read(
    into tally: inout LoginTally, progress: (Instant, Int) -> Void
  ) throws(JournalError) {
    var read = 0
    while try journal.next() {
      let time = try journal.time()
      guard time < end else { break }
      reader.read(journal)
      tally.count(reader.key, id: reader.id, at: time) {
        DecisionEntry(reader.values, time: time).logged
      }
      read += 1
      if read == Self.stride {
        progress(time, read)
        read = 0
      }
    }
    progress(end, read)
  }

  /// How many entries are read between two calls of `progress`.
  private static let stride = 4096
}

/// Reads some fields of entries, without allocating memory for each.
private struct FieldReader {
  /// Bytes; longer values are cut.
  private static let longestValue = 4096

  private let fields: [(key: DecisionEntry.JournalField, name: [UInt8])]
  private var found: [[UInt8]]
  private var isFound: [Bool]
  /// What tells an entry from those that are not alike: the values of all fields but the last.
  private(set) var key: [UInt8] = []

  /// The last field is no part of the key.
  init(fields: [DecisionEntry.JournalField]) {
    self.fields = fields.map { ($0, Array($0.rawValue.utf8)) }
    found = fields.map { _ in [] }
    isFound = fields.map { _ in false }
  }

  /// The value of the last field; empty without it.
  var id: [UInt8] { isFound[fields.count - 1] ? found[fields.count - 1] : [] }

  /// The values of the fields that the entry has.
  var values: [DecisionEntry.JournalField: [UInt8]] {
    var values: [DecisionEntry.JournalField: [UInt8]] = [:]
    for (index, field) in fields.enumerated() where isFound[index] {
      values[field.key] = found[index]
    }
    return values
  }

  /// Reads the current entry.
  mutating func read(_ journal: borrowing Journal) {
    for index in isFound.indices { isFound[index] = false }
    journal.visitFields { datum in
      for index in fields.indices {
        let name = fields[index].name
        guard datum.count > name.count, datum[name.count] == UInt8(ascii: "="),
          datum.extracting(first: name.count).hasSameBytes(as: name)
        else { continue }
        found[index].removeAll(keepingCapacity: true)
        found[index].append(
          datum.extracting(droppingFirst: name.count + 1).extracting(first: Self.longestValue))
        isFound[index] = true
        return
      }
    }
    key.removeAll(keepingCapacity: true)
    for index in fields.indices.dropLast() {
      // More than a value can have says that there is none.
      let count = isFound[index] ? found[index].count : Self.longestValue + 1
      key.append(UInt8(truncatingIfNeeded: count >> 8))
      key.append(UInt8(truncatingIfNeeded: count))
      if isFound[index] { key += found[index] }
    }
  }
}

extension Span<UInt8> {
  fileprivate func hasSameBytes(as bytes: [UInt8]) -> Bool {
    guard count == bytes.count else { return false }
    for index in indices where self[index] != bytes[index] { return false }
    return true
  }
}
