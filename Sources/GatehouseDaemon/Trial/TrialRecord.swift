import GatehousePolicy

/// What is known of a trial, and kept with the candidate over a restart of the daemon: lines of a key
/// and a value, an empty one, and the candidate.
struct TrialRecord: Equatable, Sendable {
  /// Who began it, and from where, ready to be shown.
  let author: String
  /// Whom `--allow-lockout` named; nil where nobody.
  let exempt: String?
  /// When it began, for people to read: nothing is decided by a clock that can be set.
  let began: Instant
  /// The boot that it belongs to.
  let boot: String
  /// When it ends, by the clock of that boot.
  let end: MonotonicTime
  /// The login sessions that were open when it began.
  let sessions: Set<String>
  /// The candidate's digest.
  let digest: String

  private static let firstLine = "gatehouse trial, format 1"

  /// Why bytes are no record.
  enum Damage: Error, Equatable, CustomStringConvertible {
    case malformed
    case candidate(SnapshotArchive.Damage)

    var description: String {
      switch self {
      case .malformed: "it is damaged"
      case .candidate(let damage): "\(damage)"
      }
    }
  }

  /// The record and the candidate as they are kept.
  func bytes(with candidate: SnapshotArchive) -> [UInt8] {
    var lines = [
      Self.firstLine, "author \(displayText(of: author))",
      "began \(began.microseconds)", "boot \(boot)", "end \(end.microseconds)",
      "sessions \(sessions.sorted().joined(separator: " "))",
    ]
    if let exempt { lines.append("exempt \(displayText(of: exempt))") }
    return Array((lines + ["", ""]).joined(separator: "\n").utf8) + candidate.bytes
  }

  init(
    author: String, exempt: String?, began: Instant, boot: String, end: MonotonicTime,
    sessions: Set<String>, digest: String
  ) {
    self.author = author
    self.exempt = exempt
    self.began = began
    self.boot = boot
    self.end = end
    self.sessions = sessions
    self.digest = digest
  }

  /// Reads what `bytes` gives; any other bytes give an error.
  static func decode(
    _ bytes: [UInt8]
  ) throws(Damage) -> (record: TrialRecord, candidate: SnapshotArchive) {
    var values: [String: String] = [:]
    var rest = bytes[...]
    var isFirst = true
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")),
        let line = String(validating: rest[..<end], as: UTF8.self)
      else { throw .malformed }
      rest = rest[(end + 1)...]
      if isFirst {
        guard line == firstLine else { throw .malformed }
        isFirst = false
        continue
      }
      if line.isEmpty { break }
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, values.updateValue(String(words[1]), forKey: String(words[0])) == nil
      else { throw .malformed }
    }
    guard let author = values["author"], let boot = values["boot"], !boot.isEmpty,
      let began = values["began"].flatMap({ Int64($0) }),
      let end = values["end"].flatMap({ UInt64($0) }), let sessions = values["sessions"]
    else { throw .malformed }
    let candidate: SnapshotArchive
    do throws(SnapshotArchive.Damage) {
      candidate = try SnapshotArchive(decoding: Array(rest))
    } catch { throw .candidate(error) }
    let record = TrialRecord(
      author: author, exempt: values["exempt"],
      began: Instant(microsecondsSinceEpoch: began), boot: boot,
      end: MonotonicTime(microseconds: end),
      sessions: Set(sessions.split(separator: " ").map(String.init)), digest: candidate.digest)
    return (record, candidate)
  }
}
