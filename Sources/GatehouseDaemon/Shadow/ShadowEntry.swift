import GatehousePolicy

extension LogEntry {
  /// The fixed MESSAGE_ID of a login that came out differently by the candidate in the shadow.
  static let shadowMessageID = "d8e15c8158304950972acff59b8908da"

  /// A login that came out differently: what was answered, and what the candidate decides.
  init(
    _ change: AccessChange, of asked: Asked, as user: Name, was old: Decision, is new: Decision,
    by digest: String, id: String
  ) {
    self.init(.notice, messageID: Self.shadowMessageID) { text in
      text.append("the candidate in the shadow ")
      text.append(change.words)
      text.append(" ")
      text.append(user, of: asked)
      text.append(.decided(new))
      text.append(", id ")
      text.append(id)
    }
    add("GATEHOUSE_ID", id)
    add("GATEHOUSE_CHANGE", change.rawValue)
    add("GATEHOUSE_USER", user)
    add(asked)
    add("GATEHOUSE_ASKED_ROLE", asked.role)
    add("GATEHOUSE_DECISION", old.verdict.rawValue)
    add("GATEHOUSE_REASON", old.reason.rawValue)
    add("GATEHOUSE_SHADOW_DECISION", new.verdict.rawValue)
    add("GATEHOUSE_SHADOW_REASON", new.reason.rawValue)
    add("GATEHOUSE_SHADOW_RULE", new.rule)
    add("GATEHOUSE_SHADOW_SHA256", digest)
  }
}

extension AccessChange {
  fileprivate var words: StaticString {
    switch self {
    case .loses: "would refuse"
    case .gains: "would let in"
    case .wouldLose: "would refuse, but for its monitor mode,"
    case .wouldGain: "would let in, also without monitor mode,"
    }
  }
}
