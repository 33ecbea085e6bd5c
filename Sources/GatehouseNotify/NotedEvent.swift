public import GatehouseJournal
public import GatehousePolicy

/// Something that somebody is to be told.
public struct NotedEvent: Hashable, Sendable {
  /// A login that it is about.
  public struct Login: Hashable, Sendable {
    /// The id that the user could quote.
    public let id: String
    /// The user, as the directory spells the name.
    public let user: Name
    /// Where the login came from.
    public let origin: Origin
    /// What the program gave as the remote host, if anything.
    public let remoteHost: Name?
    /// The PAM service.
    public let service: Name
    /// The reason, in one word of gatehouse-policy(5); of a code, what became of it.
    public let reason: String
    /// The rule, `file:line`; nil if none decided.
    public let rule: String?

    /// A login with all its parts.
    public init(
      id: String, user: Name, origin: Origin, remoteHost: Name? = nil, service: Name,
      reason: String, rule: String?
    ) {
      self.id = id
      self.user = user
      self.origin = origin
      self.remoteHost = remoteHost
      self.service = service
      self.reason = reason
      self.rule = rule
    }
  }

  /// What happened.
  public let kind: NotifySettings.Event
  /// When.
  public let time: Instant
  /// The login; nil if it is about none.
  public let login: Login?
  /// What the log, or whoever saw it, says of anything else; empty for a login.
  public let message: String

  /// An event about a login.
  public init(_ kind: NotifySettings.Event, at time: Instant, _ login: Login) {
    self.kind = kind
    self.time = time
    self.login = login
    message = ""
  }

  /// Any other event.
  public init(_ kind: NotifySettings.Event, at time: Instant, saying message: String) {
    self.kind = kind
    self.time = time
    login = nil
    self.message = displayText(of: message)
  }

  /// What is to be told of an entry of the log; nil if nothing is.
  ///
  /// - Parameters:
  ///   - event: The entry.
  ///   - time: Its time.
  ///   - events: What is told.
  ///   - isFirst: Whether a login was the first of its user from there; asked only if it matters.
  public init?(
    _ event: LoggedEvent, at time: Instant, telling events: Set<NotifySettings.Event>,
    isFirst: (LoggedDecision) -> Bool
  ) {
    switch event {
    case .policyServes: return nil
    case .refusedChange(let message):
      self.init(.refusedChanges, at: time, saying: message)
    case .rollback(let message): self.init(.rollbacks, at: time, saying: message)
    case .code(let code):
      guard [.made, .used, .ended].contains(code.event) else { return nil }
      self.init(
        .codes, at: time,
        Login(
          id: code.denial, user: code.user, origin: code.origin, service: code.service,
          reason: code.event.rawValue, rule: nil))
    case .decision(let decision):
      let kind: NotifySettings.Event
      switch decision.outcome {
      case .deny: kind = .denials
      case .allow where decision.reason == Reason.breakGlass.rawValue: kind = .breakGlass
      case .allow, .wouldDeny:
        guard events.contains(.firstTimes), isFirst(decision) else { return nil }
        kind = .firstTimes
      case .ignore, .noPolicy: return nil
      }
      self.init(
        kind, at: time,
        Login(
          id: decision.id, user: decision.user, origin: decision.origin,
          remoteHost: decision.remoteHost, service: decision.service, reason: decision.reason,
          rule: decision.rule))
    }
    guard events.contains(kind) else { return nil }
  }
}

extension NotedEvent {
  /// What is put together: one kind of event about one user and network, or about the machine.
  public struct Subject: Hashable, Sendable {
    /// What happened.
    public let kind: NotifySettings.Event
    /// The user; nil if it is about none.
    public let user: Name?
    /// The network, or the word for another origin; empty if it is about none.
    public let network: String
  }

  /// What it is put together with.
  public var subject: Subject {
    Subject(kind: kind, user: login?.user, network: login?.origin.network ?? "")
  }
}

extension Origin {
  /// An IPv4 address with its /24, an IPv6 one with its /64; the word for any other origin.
  fileprivate var network: String {
    guard case .address(let address) = self else { return description }
    return AddressPrefix(of: address, length: address.family == .ipv4 ? 24 : 64).description
  }
}
