internal import GatehousePolicy
internal import GatehouseState

/// What the history keeps: each kind with its fields and their bounds.
enum KeptChange {
  /// A change with the policy that it left; also a candidate that is to be confirmed.
  static let entry = StateKind<KeptPolicy<ChangeRecord>>(
    policy: "change", version: 1,
    .record(
      "change", .instant("time"), .word("by"), .optional(author), .optional(.text("reason")),
      make: { time, means, author, reason in
        ChangeRecord(time: time, author: author, means: means, reason: reason)
      },
      take: { ($0.time, $0.means, $0.author, $0.reason.map { displayText(of: $0) }) }),
    firstVersion: { bytes in
      guard
        let (values, archive) = FirstVersion.policy(bytes, titled: "gatehouse change, format 1"),
        let time = values["time"].flatMap({ Instant(rfc3339: $0) }),
        let means = values["by"].flatMap({ ChangeRecord.Means(rawValue: $0) })
      else { return nil }
      let author = values["user"].map { user in
        ChangeRecord.Author(user: Name(user), address: values["from"].flatMap { IPAddress($0) })
      }
      let record = ChangeRecord(
        time: time, author: author, means: means, reason: values["reason"])
      return KeptPolicy(record, archive)
    })

  private static let author = Layout<ChangeRecord.Author>.record(
    "author", .user, .optional(.address("address")),
    make: { user, address in ChangeRecord.Author(user: user, address: address) },
    take: { ($0.user, $0.address) })

  /// The number of a change that is to be taken out of the history.
  static let withdrawal = StateKind(
    "withdrawal", version: 1, .count("number", upTo: 1 << 48))
}
