public import GatehousePolicy

/// The decisions of a part of a journal, the answers about the second factor, and the codes, counted: one
/// pass, and of each entry only the fields that tell it from others.
public struct DecisionCount: ~Copyable {
  /// The fields that tell decisions from each other in a report.
  private static let fields: [DecisionEntry.JournalField] = [
    .userID, .decision, .reason, .wouldDeny, .user, .service, .originKind, .origin, .rule, .grant,
    .remoteHost, .hostName, .machine, .delivered,
  ]

  private let journal: Journal
  private let end: Instant
  /// The machine whose files are read; nil if each entry says it.
  private let machine: Name?
  private var reader = FieldReader(fields: Self.fields)

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
    // Two fields to match would cost twice as much for each entry as one, so the kind is looked at here.
    let journal = try Journal.matching([LoginHistory.daemonField], in: source)
    try journal.seek(to: start)
    self.journal = journal
    self.end = end
    machine = source.machine
  }

  /// The time of the oldest entry of the whole journal.
  public var beginning: Instant? { journal.beginning() }

  /// Counts the decisions.
  ///
  /// - Parameters:
  ///   - tally: Where they are counted.
  ///   - progress: Called now and then with how many were read since the last call.
  /// - Throws: An error of the journal.
  public mutating func read(
    into tally: inout LoginTally, progress: (Int) -> Void
  ) throws(JournalError) {
    var read = 0
    while try journal.next() {
      let time = try journal.time()
      guard time < end else { break }
      reader.read(journal)
      switch reader.kind {
      case .decision?:
        tally.count(reader.key, id: reader.id, at: time) {
          var decision = DecisionEntry(reader.values, time: time).logged
          if let machine { decision?.machine = machine }
          return decision
        }
      case .factor?: tally.count(DecisionEntry(reader.values, time: time).factor, at: time)
      case .code?: tally.count(DecisionEntry(reader.values, time: time).code)
      default: continue
      }
      read += 1
      if read == Self.stride {
        progress(read)
        read = 0
      }
    }
    progress(read)
  }

  /// How many entries are read between two calls of `progress`.
  private static let stride = 4096
}

/// Reads some fields of entries, without allocating memory for each.
private struct FieldReader {
  /// Bytes; longer values are cut.
  private static let longestValue = 4096

  private static let kinds = [EntryKind.decision, .factor, .code].map {
    ($0, Array($0.rawValue.utf8))
  }

  private let fields: JournalFields<DecisionEntry.JournalField>
  /// The values in the order in which the entry has them.
  private var bytes: [UInt8] = []
  /// Where in those bytes the value of each field is; nil if the entry does not have it.
  private var ranges: [Range<Int>?]
  /// What tells a decision from those that are not alike: the values of the fields that were named.
  private(set) var key: [UInt8] = []
  /// The places of the fields that are read beside those.
  private let idPlace: Int
  private let kindPlace: Int

  init(fields: [DecisionEntry.JournalField]) {
    self.fields = JournalFields(fields + [.id, .kind, .factor, .wouldSpare, .codeEvent, .denial])
    idPlace = fields.count
    kindPlace = fields.count + 1
    ranges = self.fields.keys.map { _ in nil }
  }

  /// What it is, if it is one of those that are counted.
  var kind: EntryKind? {
    guard let range = ranges[kindPlace] else { return nil }
    return Self.kinds.first { bytes[range].elementsEqual($0.1) }?.0
  }

  /// The id of the decision; empty without one.
  var id: String { ranges[idPlace].map { String(decoding: bytes[$0], as: UTF8.self) } ?? "" }

  /// The values of the fields that the entry has.
  var values: [DecisionEntry.JournalField: [UInt8]] {
    var values: [DecisionEntry.JournalField: [UInt8]] = [:]
    for (index, field) in fields.keys.enumerated() {
      values[field] = ranges[index].map { Array(bytes[$0]) }
    }
    return values
  }

  /// Reads the current entry.
  mutating func read(_ journal: borrowing Journal) {
    bytes.removeAll(keepingCapacity: true)
    for index in ranges.indices { ranges[index] = nil }
    journal.visit(fields) { place, value in
      let start = bytes.count
      bytes.append(value.extracting(first: Self.longestValue))
      ranges[place] = start..<bytes.count
    }
    key.removeAll(keepingCapacity: true)
    let values = bytes
    for place in 0..<idPlace {
      let range = ranges[place]
      // More than a value can have says that there is none.
      let count = range?.count ?? Self.longestValue + 1
      key.append(UInt8(truncatingIfNeeded: count >> 8))
      key.append(UInt8(truncatingIfNeeded: count))
      if let range { key.append(values.span.extracting(range)) }
    }
  }
}
