public import GatehousePolicy

/// Something that a user has now and would lose under a new policy.
public struct SessionLoss: Hashable, Sendable {
  /// What is lost.
  public enum Loss: Hashable, Sendable {
    /// A session that is open could not be opened again.
    case login
    /// A session could no longer use sudo with this role.
    case role(Name)
    /// Nobody could log in by break-glass any more.
    case breakGlass
  }

  /// The session that a loss is about.
  public struct Session: Hashable, Sendable {
    /// Its id; nil if the system does not know the session.
    public var id: String?
    /// Where it was opened from.
    public var origin: Origin
    /// The PAM service that the new policy was asked about.
    public var service: Name
    /// Whether it is the one in which the command runs.
    public var isOwn: Bool
    /// The new policy's decision.
    public var decision: Decision
    /// Whether the old policy denies it too.
    public var wasDenied: Bool

    /// A session and the decision about it.
    public init(
      id: String?, origin: Origin, service: Name, isOwn: Bool, decision: Decision, wasDenied: Bool
    ) {
      self.id = id
      self.origin = origin
      self.service = service
      self.isOwn = isOwn
      self.decision = decision
      self.wasDenied = wasDenied
    }
  }

  /// What is lost.
  public var loss: Loss
  /// The users who lose it; for break-glass, users and groups.
  public var names: [Name]
  /// The session; nil for break-glass.
  public var session: Session?

  /// A loss with all its parts.
  public init(_ loss: Loss, names: [Name], session: Session?) {
    self.loss = loss
    self.names = names
    self.session = session
  }

  /// Whether it prevents the change; not in monitor mode, which refuses nobody.
  public var isObstacle: Bool { session.map { $0.decision.verdict == .deny } ?? true }

  /// Whether everybody who loses it is among these users.
  public func isAllowed(for allowed: Set<Name>) -> Bool { allowed.isSuperset(of: names) }
}

extension SessionLoss {
  /// The row of a page: who would lose what, from where, and why.
  func row(allowed: Set<Name>) -> [StyledText] {
    let style: TextStyle = isObstacle && !isAllowed(for: allowed) ? .bad : .doubtful
    let what =
      switch loss {
      case .login: "login"
      case .role(let role): "role \(role)"
      case .breakGlass: "break-glass"
      }
    guard let session else {
      return [
        StyledText(names.joined), "", StyledText("loses \(what)", style),
        "the new policy lets nobody in by it",
      ]
    }
    let verb = isObstacle ? "loses" : "would lose"
    let who = (session.isOwn ? "you, " : "") + names.joined
    let place = session.id.map { "\(session.origin), session \($0)" } ?? "\(session.origin)"
    let rule = session.decision.rule.map { ", \($0.fileAndLine)" } ?? ""
    let already = session.wasDenied ? "; denied already" : ""
    return [
      StyledText(who), StyledText(place), StyledText("\(verb) \(what)", style),
      StyledText("\(session.service): \(session.decision.reason.rawValue)\(rule)\(already)"),
    ]
  }
}

extension SessionLoss: JSONWritable {
  /// Writes an object of what is lost, by whom, and why.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch loss {
      case .login: $0.member("loses", "login")
      case .role(let role):
        $0.member("loses", "role")
        $0.member("role", role)
      case .breakGlass: $0.member("loses", "break_glass")
      }
      $0.member("names", names)
      $0.member("obstacle", isObstacle)
      guard let session else { return }
      $0.member("session", session.id)
      $0.member("from", session.origin.description)
      $0.member("service", session.service)
      $0.member("own", session.isOwn)
      $0.member("denied_now", session.wasDenied)
      $0.member("reason", session.decision.reason.rawValue)
      $0.member("rule", session.decision.rule?.fileAndLine)
    }
  }
}
