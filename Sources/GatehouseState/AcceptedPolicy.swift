public import GatehousePolicy

/// When and how a policy was accepted, which is kept with it.
public struct Acceptance: Hashable, Codable, Sendable {
  /// How a policy came to be accepted.
  public enum Means: String, CaseIterable, Codable, Sendable {
    /// The guard judged it, and found nobody who would be shut out.
    case judged
    /// `--allow-lockout` let it pass.
    case overridden
    /// It was the first that was found on this machine.
    case first
    /// Nobody had come to this machine yet, so nobody could be shut out.
    case nobodyCame = "nobody_came"
    /// A Gatehouse accepted it that did not keep how.
    case unknown
  }

  /// The machine, by its machine-id(5); nil if that was not known.
  public var machine: String?
  /// The time.
  public var at: Instant
  /// How.
  public var means: Means
  /// Who gave `--allow-lockout`, ready to be shown; nil if nobody did.
  public var author: String?

  /// An acceptance with all its parts.
  public init(machine: String?, at: Instant, means: Means, author: String? = nil) {
    self.machine = machine
    self.at = at
    self.means = means
    self.author = author
  }

  /// Whether it was accepted on this machine; one whose machine is not known counts as this one.
  public func isOf(machine: String?) -> Bool {
    guard let own = self.machine, let machine else { return true }
    return own == machine
  }
}

/// The kinds of state that more than one program reads.
public enum StateKinds {
  /// A policy that was accepted: `last-good-policy`, and the one before.
  public static let acceptedPolicy = StateKind<KeptPolicy<Acceptance>>(
    policy: "accepted policy", version: 2,
    .record(
      "acceptance", .optional(.text("machine", atMost: 64)), .instant("accepted"),
      .word("means"), .optional(.shownText("author")),
      make: { Acceptance(machine: $0, at: $1, means: $2, author: $3) },
      take: { ($0.machine, $0.at, $0.means, $0.author) }),
    firstVersion: { bytes in FirstVersion.policy(bytes).map { KeptPolicy(Acceptance.unknown, $0) } }
  ).alsoReading(StateKind<KeptPolicy<Void>>(policy: "accepted policy", version: 1, .nothing)) {
    KeptPolicy(Acceptance.unknown, $0.archive)
  }

  /// The candidate that is decided beside the policy.
  public static let shadow = StateKind<KeptPolicy<Void>>(
    policy: "shadow", version: 1, .nothing,
    firstVersion: { FirstVersion.policy($0).map { KeptPolicy($0) } })
}

extension Acceptance {
  /// Of a policy that an older Gatehouse accepted on this machine.
  fileprivate static let unknown = Acceptance(
    machine: nil, at: Instant(microsecondsSinceEpoch: 0), means: .unknown)
}
