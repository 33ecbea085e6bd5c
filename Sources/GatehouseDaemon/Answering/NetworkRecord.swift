import GatehouseJournal
import GatehousePolicy
import GatehouseWire

/// Why a question about networks was answered as it was.
enum NetworkReason: String, CaseIterable, Sendable {
  /// The origin is in one of the networks.
  case inNetwork = "in_network"
  /// The origin is another one.
  case notInNetwork = "not_in_network"
  /// The origin is in none, and the policy does not have all of them.
  case noSuchNetwork = "no_such_network"
  /// The origin is local, and `local` is not among them.
  case local
  /// The origin is unknown.
  case originUnknown = "origin_unknown"
  /// The daemon has no policy.
  case noPolicy = "no_policy"

  /// Answers by a policy's networks alone; its mode, lists and people do not matter.
  ///
  /// Each of the origins must be in one of the networks.
  init(of origins: [Origin], in networks: [Name], by policy: Policy?, at time: Instant) {
    guard let policy else {
      self = .noPolicy
      return
    }
    let other = origins.first { origin in
      origin.kind == .unknown
        || !networks.contains { policy.network($0, holds: origin, at: time) == true }
    }
    guard let origin = other else {
      self = .inNetwork
      return
    }
    if origin.kind == .unknown {
      self = .originUnknown
    } else if !networks.allSatisfy(policy.hasNetwork) {
      self = .noSuchNetwork
    } else {
      self = origin == .local ? .local : .notInNetwork
    }
  }

  /// How it is told to the module.
  var answer: AnswerDecision {
    switch self {
    case .inNetwork: .allow
    case .notInNetwork, .noSuchNetwork, .local, .originUnknown: .deny
    case .noPolicy: .noPolicy
    }
  }
}

/// The log entry of one answered question about networks.
struct NetworkRecord: Sendable {
  let asked: AskedLogin
  let networks: [Name]
  /// Those of them that the policy does not have; none without a policy.
  let missing: [Name]
  let reason: NetworkReason
  /// Counter and digest of the generation; nil without a policy.
  let generation: String?
  /// The id that the answer carries.
  let id: String
  /// The process that asked.
  let peer: Int32
  /// False if the asker had gone before the answer came.
  let wasDelivered: Bool

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(priority, .network) { writeSentence(to: &$0) }
    entry.add("GATEHOUSE_ID", id)
    entry.add("GATEHOUSE_NETWORK") { $0.append(joining: networks) }
    entry.add("GATEHOUSE_IN_NETWORK", reason == .inNetwork ? "true" : "false")
    entry.add("GATEHOUSE_REASON", reason.rawValue)
    entry.add("GATEHOUSE_USER", asked.user)
    entry.add(asked)
    entry.add("GATEHOUSE_GENERATION", generation)
    entry.add("GATEHOUSE_PEER_PID", Int(peer))
    entry.add("GATEHOUSE_DELIVERED", wasDelivered ? nil : "false")
    return entry
  }

  /// An unknown network in the PAM line, or no policy, is a warning for the administrator.
  var priority: LogPriority { !missing.isEmpty || reason == .noPolicy ? .warning : .info }

  private func writeSentence(to text: inout LogText) {
    text.append(asked.user, of: asked)
    text.append(reason == .inNetwork ? " is in network " : " is not in network ")
    text.append(joining: networks)
    text.append(": ")
    text.append(reason.rawValue)
    text.append(", id ")
    text.append(id)
    if !missing.isEmpty {
      text.append("; the policy does not have ")
      text.append(joining: missing)
    }
    if !wasDelivered { text.append("; the asker was gone before the answer") }
  }
}
