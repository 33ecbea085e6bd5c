import GatehousePolicy

/// A history entry as it is kept: a line that says what it is, one line each of what is known of the
/// change, an empty line, and the policy as its archive.
enum EntryText {
  private static let firstLine = "gatehouse change, format 1"

  static func bytes(_ record: ChangeRecord, _ archive: SnapshotArchive) -> [UInt8] {
    var lines = [firstLine, "time \(record.time)", "by \(record.means.rawValue)"]
    if let author = record.author {
      lines.append("user \(author.user)")
      if let address = author.address { lines.append("from \(address)") }
    }
    // Without control characters, so in one line.
    if let reason = record.reason { lines.append("reason \(displayText(of: reason))") }
    return Array((lines + ["", ""]).joined(separator: "\n").utf8) + archive.bytes
  }

  /// Nil for anything that `bytes` did not write.
  static func decode(_ bytes: [UInt8]) -> (record: ChangeRecord, archive: SnapshotArchive)? {
    var rest = bytes[...]
    var values: [Substring: String] = [:]
    guard takeLine(&rest) == firstLine else { return nil }
    while let line = takeLine(&rest), !line.isEmpty {
      guard let space = line.firstIndex(of: " ") else { return nil }
      values[line[..<space]] = String(line[line.index(after: space)...])
    }
    guard let time = values["time"].flatMap({ Instant(rfc3339: $0) }),
      let means = values["by"].flatMap({ ChangeRecord.Means(rawValue: $0) }),
      let archive = try? SnapshotArchive(decoding: Array(rest))
    else { return nil }
    let author = values["user"].map { user in
      ChangeRecord.Author(user: Name(user), address: values["from"].flatMap { IPAddress($0) })
    }
    return (
      ChangeRecord(time: time, author: author, means: means, reason: values["reason"]), archive
    )
  }

  private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
