import GatehousePolicy

/// A history entry as it is kept: what is known of the change, and the policy as its archive.
enum EntryText {
  private static let title = "gatehouse change, format 1"

  static func bytes(_ record: ChangeRecord, _ archive: SnapshotArchive) -> [UInt8] {
    var values = [("time", "\(record.time)"), ("by", record.means.rawValue)]
    if let author = record.author {
      values.append(("user", "\(author.user)"))
      if let address = author.address { values.append(("from", "\(address)")) }
    }
    // Without control characters, so in one line.
    if let reason = record.reason { values.append(("reason", displayText(of: reason))) }
    return archive.bytes(titled: title, values)
  }

  /// Nil for anything that `bytes` did not write.
  static func decode(_ bytes: [UInt8]) -> (record: ChangeRecord, archive: SnapshotArchive)? {
    guard let (values, archive) = try? SnapshotArchive.decode(bytes, titled: title),
      let time = values["time"].flatMap({ Instant(rfc3339: $0) }),
      let means = values["by"].flatMap({ ChangeRecord.Means(rawValue: $0) })
    else { return nil }
    let author = values["user"].map { user in
      ChangeRecord.Author(user: Name(user), address: values["from"].flatMap { IPAddress($0) })
    }
    return (
      ChangeRecord(time: time, author: author, means: means, reason: values["reason"]), archive
    )
  }
}
