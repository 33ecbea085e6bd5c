import GatehousePolicy

/// All that the log says when a grant begins or ends.
struct GrantRecord: Sendable {
  /// The fixed MESSAGE_ID of these entries.
  static let messageID = "89bf6a747fb046f1bd117dcde4aa9c9c"

  /// What became of the grant.
  enum Event: Sendable {
    case given
    /// It counts on after a start of the daemon, by what the state folder says of it.
    case kept
    case revoked(by: String, why: String?)
    /// Its time is over.
    case ended
    /// The policy allows less time than it was given; it ends earlier now.
    case shortened

    fileprivate var word: String {
      switch self {
      case .given: "given"
      case .kept: "kept"
      case .revoked: "revoked"
      case .ended: "ended"
      case .shortened: "shortened"
      }
    }
  }

  let event: Event
  let grant: Grant
  /// The denial that it came from.
  var denial: String?

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(.notice, messageID: Self.messageID) { $0.append(sentence) }
    entry.add("GATEHOUSE_GRANT", grant.id)
    entry.add("GATEHOUSE_GRANT_EVENT", event.word)
    entry.add("GATEHOUSE_USER", grant.user)
    entry.add("GATEHOUSE_ORIGIN", grant.address.description)
    entry.add("GATEHOUSE_SERVICE", grant.service)
    entry.add("GATEHOUSE_ROLE", grant.role)
    entry.add("GATEHOUSE_UNTIL", grant.until.description)
    entry.add("GATEHOUSE_DENIAL", denial)
    switch event {
    case .revoked(let author, let why):
      entry.add("GATEHOUSE_BY", author)
      entry.add("GATEHOUSE_WHY", why)
    case .given, .kept, .ended, .shortened:
      entry.add("GATEHOUSE_BY", grant.author)
      entry.add("GATEHOUSE_WHY", grant.why)
    }
    return entry
  }

  private var sentence: String {
    let what = "grant \(grant.id) for \(grant)"
    return switch event {
    case .given:
      "\(grant.author) gave \(what) until \(grant.until): \(grant.why)"
    case .kept:
      "\(what) until \(grant.until) is still in effect after this start of gatehoused; its file "
        + "says that \(grant.author) gave it: \(grant.why)"
    case .revoked(let author, let why):
      "\(author) revoked \(what)" + (why.map { ": \($0)" } ?? "")
    case .ended: "\(what) has ended"
    case .shortened: "\(what) ends earlier, at \(grant.until): grants.longest of the policy says so"
    }
  }
}
