import GatehousePlatform
import GatehousePolicy

/// What is known of a trial, and kept with the candidate over a restart of the daemon.
struct TrialRecord: Equatable, Sendable {
  /// Who began it, and from where, ready to be shown.
  let author: String
  /// Whom `--allow-lockout` named; nil where nobody.
  let exempt: String?
  /// When it began, for people to read: nothing is decided by a clock that can be set.
  let began: Instant
  /// The boot that it belongs to.
  let boot: String
  /// When it ends, as the time since that boot.
  let end: Duration
  /// The login sessions that were open when it began.
  let sessions: Set<String>
  /// The candidate's digest.
  let digest: String

  private static let title = "gatehouse trial, format 1"

  /// The record and the candidate as they are kept.
  func bytes(with candidate: SnapshotArchive) -> [UInt8] {
    var values = [
      ("author", displayText(of: author)), ("began", "\(began.microseconds)"), ("boot", boot),
      ("end", "\(end.wholeMicroseconds)"), ("sessions", sessions.sorted().joined(separator: " ")),
    ]
    if let exempt { values.append(("exempt", displayText(of: exempt))) }
    return candidate.bytes(titled: Self.title, values)
  }

  /// Reads what `bytes` gives; any other bytes give an error.
  static func decode(
    _ bytes: [UInt8]
  ) throws(SnapshotArchive.Damage) -> (record: TrialRecord, candidate: SnapshotArchive) {
    let (values, candidate) = try SnapshotArchive.decode(bytes, titled: title)
    guard let author = values["author"], let boot = values["boot"], !boot.isEmpty,
      let began = values["began"].flatMap({ Int64($0) }),
      let end = values["end"].flatMap({ UInt64($0) }), let sessions = values["sessions"]
    else { throw .malformed }
    let record = TrialRecord(
      author: author, exempt: values["exempt"],
      began: Instant(microsecondsSinceEpoch: began), boot: boot,
      end: .microseconds(end),
      sessions: Set(sessions.split(separator: " ").map(String.init)), digest: candidate.digest)
    return (record, candidate)
  }
}
