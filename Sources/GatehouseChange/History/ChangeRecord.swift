public import GatehousePolicy
internal import GatehouseState

/// Who changed a policy, when and why.
public struct ChangeRecord: Hashable, Sendable {
  /// What put a policy into its folder.
  public enum Means: String, CaseIterable, Sendable {
    /// `gatehouse apply`.
    case apply
    /// `gatehouse edit`.
    case edit
    /// `gatehouse rollback`.
    case rollback
    /// `gatehouse confirm`.
    case confirm
    /// `gatehouse pam enable`, which added an address.
    case pamEnable = "pam enable"
    /// `gatehouse setup`.
    case setup
    /// A network that was got from elsewhere, or `gatehouse feeds accept`.
    case feeds
    /// None of these: the files were found changed.
    case hand
  }

  /// The user who made a change.
  public struct Author: Hashable, Sendable, CustomStringConvertible {
    /// The name that the user logged in with.
    public var user: Name
    /// The address that the user is connected from; nil on the machine itself.
    public var address: IPAddress?

    /// A user with an address.
    public init(user: Name, address: IPAddress?) {
      self.user = user
      self.address = address
    }

    /// In words: `alice from 192.0.2.1`.
    public var description: String { "\(user)" + (address.map { " from \($0)" } ?? "") }
  }

  /// The time of the change.
  public var time: Instant
  /// The user who made it; nil if that is not known.
  public var author: Author?
  /// What made it.
  public var means: Means
  /// Why, in the user's words; nil if nothing was said.
  public var reason: String?
  /// The change whose policy a rollback put back; nil if it was none.
  public var backTo: Int?
  /// Whether a daemon is known to have served the policy from its folder.
  ///
  /// Files that were changed by hand may have been refused, and a policy that was written while no
  /// daemon ran was judged by none.
  public var isAccepted = false

  /// A record of a change that no daemon has accepted yet.
  public init(
    time: Instant = .now(), author: Author?, means: Means, reason: String?, backTo: Int? = nil
  ) {
    self.time = time
    self.author = author
    self.means = means
    self.reason = reason
    self.backTo = backTo
  }
}

/// One change in the history, with the policy that it made.
public struct HistoryEntry: Sendable {
  /// The number of the change; it stays the same as long as the entry is kept.
  public let number: Int
  /// Who, when and why.
  public let record: ChangeRecord
  /// The policy.
  public let archive: SnapshotArchive
}

extension ChangeRecord {
  /// The record of an entry that did not say yet whether its policy was accepted: what a daemon
  /// refused was taken back, unless it had been written by hand.
  fileprivate var accepted: ChangeRecord {
    var record = self
    record.isAccepted = means != .hand
    return record
  }
}

/// The kinds of state files in the history, with their fields and bounds.
enum KeptChange {
  /// A change with the policy that it made; also a candidate that is to be confirmed.
  static let entry = StateKind<KeptPolicy<ChangeRecord>>(
    policy: "change", version: 2,
    .record(
      "change", .instant("time"), .word("by"), .optional(author), .optional(.shownText("reason")),
      .optional(.count("back to", upTo: 1 << 48)), .count("accepted", upTo: 1),
      make: { time, means, author, reason, backTo, accepted in
        var record = ChangeRecord(
          time: time, author: author, means: means, reason: reason, backTo: backTo)
        record.isAccepted = accepted == 1
        return record
      },
      take: {
        (
          $0.time, $0.means, $0.author, $0.reason, $0.backTo,
          $0.isAccepted ? 1 : 0
        )
      }),
    firstVersion: { bytes in
      guard
        let (values, archive) = FirstVersion.policy(bytes, titled: "gatehouse change, format 1"),
        let time = values["time"].flatMap({ Instant(rfc3339: $0) }),
        let means = values["by"].flatMap({ ChangeRecord.Means(rawValue: $0) })
      else { return nil }
      let author = values["user"].map { user in
        ChangeRecord.Author(user: Name(user), address: values["from"].flatMap { IPAddress($0) })
      }
      return KeptPolicy(
        ChangeRecord(time: time, author: author, means: means, reason: values["reason"]).accepted,
        archive)
    }
  ).alsoReading(entryVersion1) { KeptPolicy($0.note.accepted, $0.archive) }

  /// The layout before it said whether the policy was accepted.
  static let entryVersion1 = StateKind<KeptPolicy<ChangeRecord>>(
    policy: "change", version: 1,
    .record(
      "change", .instant("time"), .word("by"), .optional(author), .optional(.text("reason")),
      make: { time, means, author, reason in
        ChangeRecord(time: time, author: author, means: means, reason: reason)
      },
      take: { ($0.time, $0.means, $0.author, $0.reason) }))

  /// What is known of a draft beside its text.
  static let draft = StateKind(
    "draft", version: 1,
    .record(
      "draft", .text("file"), .optional(author), .instant("began"),
      .optional(.bytes("base", atMost: PolicySnapshot.maximumListLength)),
      make: { file, author, began, base in
        Draft.Note(file: file, author: author, began: began, base: base)
      },
      take: { ($0.file, $0.author, $0.began, $0.base) }))

  private static let author = Layout<ChangeRecord.Author>.record(
    "author", .user, .optional(.address("address")),
    make: { user, address in ChangeRecord.Author(user: user, address: address) },
    take: { ($0.user, $0.address) })

  /// The number of a change that is to be taken out of the history.
  static let withdrawal = StateKind(
    "withdrawal", version: 1, .count("number", upTo: 1 << 48))
}
