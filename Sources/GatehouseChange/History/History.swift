public import GatehousePlatform
public import GatehousePolicy

/// The last policies of a folder, each with who put it there, when and why.
///
/// A folder that only root can look into, with a file for each entry, named by its number.
public struct History: Sendable {
  /// Where it is kept, unless another place is named.
  public static let standardPath = "/var/lib/gatehouse-history"
  /// The most bytes that are read of an entry, which holds a policy with its lists.
  static let longestEntry = 1 << 30
  /// How many entries are kept.
  public static let mostEntries = 20

  /// The folder.
  public let path: String

  /// The history in a folder, which need not be there yet.
  public init(path: String) { self.path = path }

  private var candidate: String { "\(path)/.candidate" }
  private var pending: String { "\(path)/.pending" }
  private static let withdrawal = "gatehouse withdraw "

  private func file(_ number: Int) -> String { "\(path)/\(number)" }

  /// The numbers of the entries, the oldest first.
  public func numbers() throws(SystemError) -> [Int] {
    guard Files.exists(path) else { return [] }
    return try Files.names(in: path).compactMap { Int($0) }.filter { $0 > 0 }.sorted()
  }

  /// An entry; nil where there is none of that number, or it is damaged.
  public func entry(_ number: Int) throws(SystemError) -> HistoryEntry? {
    guard let bytes = try content(of: file(number)),
      let (record, archive) = EntryText.decode(bytes)
    else { return nil }
    return HistoryEntry(number: number, record: record, archive: archive)
  }

  /// The newest entry that is not damaged.
  public func newest() throws(SystemError) -> HistoryEntry? {
    for number in try numbers().reversed() {
      if let entry = try entry(number) { return entry }
    }
    return nil
  }

  // MARK: A candidate on trial

  /// Keeps a candidate that is to be on trial, and what is known of it: what stands in this folder
  /// is only root's to write, so this is what `gatehouse confirm` writes.
  public func keepCandidate(
    _ archive: SnapshotArchive, _ record: ChangeRecord
  ) throws(SystemError) {
    try write(EntryText.bytes(record, archive), to: candidate)
  }

  /// The candidate that was kept last; nil where there is none, or it is damaged.
  public func keptCandidate() throws(SystemError) -> (
    record: ChangeRecord, archive: SnapshotArchive
  )? {
    try content(of: candidate).flatMap { EntryText.decode($0) }
  }

  /// Forgets the candidate.
  public func forgetCandidate() throws(SystemError) { try Files.remove(candidate) }

  // MARK: Writing

  /// Makes the folder.
  func prepare() throws(SystemError) { try Files.makeFolder(path, mode: 0o700, ifAbsent: true) }

  /// Writes an entry that does not count yet, and returns its number.
  func begin(_ record: ChangeRecord, _ archive: SnapshotArchive) throws(SystemError) -> Int {
    try write(EntryText.bytes(record, archive), to: pending)
    return try (numbers().last ?? 0) + 1
  }

  /// Writes that an entry is to go; it does not count yet.
  func beginWithdrawal(of number: Int) throws(SystemError) {
    try write(Array("\(Self.withdrawal)\(number)\n".utf8), to: pending)
  }

  /// Makes what was begun count; where nothing was, it did already.
  func complete() throws(SystemError) {
    guard let content = try content(of: pending) else { return }
    let text = String(decoding: content.prefix(64), as: UTF8.self)
    if text.hasPrefix(Self.withdrawal) {
      let number = Int(text.dropFirst(Self.withdrawal.count).dropLast()) ?? 0
      try Files.remove(file(number))
      try Files.remove(pending)
    } else {
      try Files.rename(pending, to: file((numbers().last ?? 0) + 1))
    }
    for number in try numbers().dropLast(Self.mostEntries) { try Files.remove(file(number)) }
    try Files.syncFolder(path)
  }

  /// Takes back what was begun.
  func abandon() throws(SystemError) { try Files.remove(pending) }

  private func content(of file: String) throws(SystemError) -> [UInt8]? {
    try Files.contentIfPresent(of: file, atMost: Self.longestEntry)
  }

  /// Writes a file, all of it or nothing.
  private func write(_ content: [UInt8], to file: String) throws(SystemError) {
    try Files.replace(file, with: [content], .init(mode: 0o600, group: 0))
  }
}
