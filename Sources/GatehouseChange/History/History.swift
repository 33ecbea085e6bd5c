public import GatehousePlatform
public import GatehousePolicy
public import GatehouseState

/// The last policies of a folder, each with who put it there, when and why.
///
/// A folder that only root can read, with a state file for each entry, named by its number. Damaged
/// entries are set aside; the last few of them are kept.
public struct History: Sendable {
  /// Its folder, unless another is named.
  public static let standardPath = "/var/lib/gatehouse-history"
  /// How many entries are kept.
  public static let mostEntries = 20
  /// How many damaged ones are kept.
  static let mostDamaged = 3

  /// The folder.
  public let path: String
  private let tell: @Sendable (SetAside) -> Void

  /// The history in a folder, which need not be there yet.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - tell: Called with each entry that is damaged and therefore set aside.
  public init(path: String, tell: @escaping @Sendable (SetAside) -> Void = { _ in }) {
    self.path = path
    self.tell = tell
  }

  private var candidate: StateFile<KeptPolicy<ChangeRecord>> { file(".candidate") }
  private var pending: StateFile<KeptPolicy<ChangeRecord>> { file(".pending") }
  private var withdrawal: StateFile<Int> {
    StateFile(folder: path, name: ".withdrawal", KeptChange.withdrawal)
  }

  private func file(_ name: String) -> StateFile<KeptPolicy<ChangeRecord>> {
    StateFile(folder: path, name: name, KeptChange.entry)
  }

  /// What is kept in a file; nil if there is none, or it is damaged.
  private func kept<Value>(_ file: StateFile<Value>) throws(SystemError) -> Value? {
    switch try file.read() {
    case .absent: return nil
    case .value(let value): return value
    case .setAside(let problem):
      tell(problem)
      return nil
    }
  }

  /// The numbers of the entries, the oldest first.
  public func numbers() throws(SystemError) -> [Int] { try numbers(endingIn: "") }

  private func numbers(endingIn ending: String) throws(SystemError) -> [Int] {
    guard Files.exists(path) else { return [] }
    return try Files.names(in: path).filter { $0.hasSuffix(ending) }
      .compactMap { Int($0.dropLast(ending.count)) }.filter { $0 > 0 }.sorted()
  }

  /// The number of the next change; no damaged entry has it either.
  private func nextNumber() throws(SystemError) -> Int {
    try (numbers() + numbers(endingIn: ".damaged")).reduce(0, max) + 1
  }

  /// An entry; nil if there is none of that number, or it is damaged.
  public func entry(_ number: Int) throws(SystemError) -> HistoryEntry? {
    try kept(file("\(number)")).map {
      HistoryEntry(number: number, record: $0.note, archive: $0.archive)
    }
  }

  /// The newest entry with the policy of this SHA-256; nil if there is none.
  public func entry(of digest: String) throws(SystemError) -> HistoryEntry? {
    for number in try numbers().reversed() {
      if let entry = try entry(number), entry.archive.digest == digest { return entry }
    }
    return nil
  }

  /// Whether an entry has the policy with this SHA-256; false if the history cannot be read.
  public func has(_ digest: String) -> Bool {
    (try? entry(of: digest)).flatMap(\.self) != nil
  }

  /// The newest entry that is not damaged.
  public func newest() throws(SystemError) -> HistoryEntry? {
    for number in try numbers().reversed() {
      if let entry = try entry(number) { return entry }
    }
    return nil
  }

  /// The entry that a rollback goes to: of the policies that were accepted, the newest from before
  /// the one in the folder.
  ///
  /// What was got for networks is no part of it: no rollback brings back what is old.
  ///
  /// - Parameter present: The policy in the folder.
  /// - Returns: The entry; nil if there is none.
  /// - Throws: If the history cannot be read.
  public func previous(to present: PolicySnapshot) throws(SystemError) -> HistoryEntry? {
    let files = present.inside
    var limit = Int.max
    if let newest = try newest(), newest.archive.snapshot.inside == files {
      limit = newest.record.backTo ?? newest.number
    }
    for number in try numbers().reversed() where number < limit {
      if let entry = try entry(number), entry.record.isAccepted,
        entry.archive.snapshot.inside != files
      {
        return entry
      }
    }
    return nil
  }

  /// The entry of the policy that was accepted last at a time.
  ///
  /// - Returns: The entry; the oldest that was accepted if the history does not go back so far; nil if
  ///   none was.
  /// - Throws: If the history cannot be read.
  public func accepted(by time: Instant) throws(SystemError) -> HistoryEntry? {
    var oldest: HistoryEntry?
    for number in try numbers().reversed() {
      guard let entry = try entry(number), entry.record.isAccepted else { continue }
      oldest = entry
      if entry.record.time <= time { break }
    }
    return oldest
  }

  // MARK: A candidate on trial

  /// Keeps a candidate for a trial.
  ///
  /// Only root can write this folder, so `gatehouse confirm` can put this copy in place.
  public func keepCandidate(
    _ archive: SnapshotArchive, _ record: ChangeRecord
  ) throws(SystemError) {
    try candidate.write(KeptPolicy(record, archive))
  }

  /// The candidate that was kept last; nil if there is none, or it is damaged.
  public func keptCandidate() throws(SystemError) -> KeptPolicy<ChangeRecord>? {
    try kept(candidate)
  }

  /// Forgets the candidate.
  public func forgetCandidate() throws(SystemError) { try Files.remove(candidate.path) }

  // MARK: Writing

  /// Makes the folder.
  func prepare() throws(SystemError) { try Files.makeFolder(path, mode: 0o700, ifAbsent: true) }

  /// Writes an entry that does not count yet, and returns its number.
  func begin(_ record: ChangeRecord, _ archive: SnapshotArchive) throws(SystemError) -> Int {
    try pending.write(KeptPolicy(record, archive))
    return try nextNumber()
  }

  /// Writes that an entry is to go; it does not count yet.
  func beginWithdrawal(of number: Int) throws(SystemError) { try withdrawal.write(number) }

  /// Makes what was begun count; does nothing if nothing was begun.
  func complete() throws(SystemError) {
    if let number = try kept(withdrawal) {
      try Files.remove(file("\(number)").path)
      try Files.remove(withdrawal.path)
    } else {
      guard Files.exists(pending.path) else { return }
      try Files.rename(pending.path, to: file("\(nextNumber())").path)
    }
    for number in try numbers().dropLast(Self.mostEntries) {
      try Files.remove(file("\(number)").path)
    }
    for number in try numbers(endingIn: ".damaged").dropLast(Self.mostDamaged) {
      try Files.remove("\(path)/\(number).damaged")
    }
    try Files.syncFolder(path)
  }

  /// Takes an entry out that a later one stands for, too.
  func fold(_ number: Int) throws(SystemError) {
    try Files.remove(file("\(number)").path)
    try Files.syncFolder(path)
  }

  /// Writes into an entry that a daemon has accepted its policy.
  func accept(_ entry: HistoryEntry) throws(SystemError) {
    guard !entry.record.isAccepted else { return }
    var record = entry.record
    record.isAccepted = true
    try file("\(entry.number)").write(KeptPolicy(record, entry.archive))
  }

  /// Takes back what was begun.
  func abandon() throws(SystemError) {
    try Files.remove(pending.path)
    try Files.remove(withdrawal.path)
  }
}
