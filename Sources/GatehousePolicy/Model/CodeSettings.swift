/// Who may authorise a new place of their own by a code, as `authorize` has it.
public struct CodeSettings: Hashable, Sendable {
  /// How a code travels.
  public enum Way: Hashable, Sendable {
    /// By mail, to an address that has the user's name in it, or to one address.
    case mail(MailTemplate)
    /// By mail, to the user's own address; a user who has none gets no code.
    case addresses([Name: MailAddress])
    /// By a program of root's, by its absolute path.
    case command(String)
  }

  /// The users who may, by name.
  public var users: Set<Name> = []
  /// The groups whose members may.
  public var groups: Set<Name> = []
  /// How long the place counts: `for`.
  public var duration = Duration.seconds(3600)
  /// How the code travels.
  public var way: Way
  /// The most codes that a user can cause in 24 hours.
  public var perDay = 5
  /// The location of its key.
  public let location: SourceLocation

  /// The most that `per_day` may be.
  static let maximumPerDay = 50

  /// Settings by which nobody may.
  public init(way: Way, location: SourceLocation) {
    self.way = way
    self.location = location
  }
}

/// Where a user's code goes, as `authorize.mail` has it: `{user}` stands for their name.
public struct MailTemplate: Hashable, Sendable {
  /// As it was written.
  public let text: String

  /// What stands for the user's name.
  static let placeholder = "{user}"
  /// The parts between the placeholders.
  private let parts: [ArraySlice<UInt8>]

  /// Reads a template; nil for what gives a mail address for no user.
  public init?(_ text: String) {
    self.text = text
    parts = Self.parts(of: Array(text.utf8))
    guard text.utf8.count <= MailAddress.longest, address(of: "u") != nil else { return nil }
  }

  /// The address for a user; nil if their name cannot be part of one.
  public func address(of user: Name) -> MailAddress? {
    let bytes = Array(parts.joined(separator: user.bytes))
    return String(validating: bytes, as: UTF8.self).flatMap(MailAddress.init)
  }

  private static func parts(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let mark = Array(placeholder.utf8)
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: mark) {
        parts.append(bytes[start..<index])
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    return parts + [bytes[start...]]
  }
}

/// A code that a denied user would be sent.
public struct CodeOffer: Hashable, Codable, Sendable {
  /// How it travels to this user.
  public enum Way: Hashable, Codable, Sendable {
    /// By mail, to this address.
    case mail(MailAddress)
    /// By a program of root's, by its absolute path.
    case command(String)
  }

  /// How it travels.
  public let way: Way
  /// How long the place counts after it was authorised.
  public let duration: Duration
  /// The most codes that the user can cause in 24 hours.
  public let perDay: Int

  /// An offer with all its parts.
  public init(way: Way, duration: Duration, perDay: Int) {
    self.way = way
    self.duration = duration
    self.perDay = perDay
  }
}

/// The rules of `authorize`: what it says, and from where.
struct CodeRules: Sendable {
  var settings: CodeSettings
  /// From where a code can be asked for; nil means from every address.
  var from: AddressList?

  /// Who may.
  var members: Members { Members(users: settings.users, groups: settings.groups) }

  /// Whether a login comes from where it may be authorised: from an address that `from` holds.
  func holds(_ origin: Origin, at time: Instant) -> Bool {
    guard case .address = origin else { return false }
    return from?.contains(origin, at: time) ?? true
  }

  /// How the code travels to a user; nil if it cannot.
  func way(to user: Name) -> CodeOffer.Way? {
    switch settings.way {
    case .mail(let template): template.address(of: user).map(CodeOffer.Way.mail)
    case .addresses(let book): book[user].map(CodeOffer.Way.mail)
    case .command(let path): .command(path)
    }
  }
}

extension Policy {
  /// Who may authorise a new place of their own; nil without `authorize`.
  public var codeSettings: CodeSettings? { rules.code?.settings }

  /// The code that the user of a login is sent if the login is denied for a reason that
  /// `canBeAuthorized`; nil if none is.
  ///
  /// None is unless it is certain that the user may: an address that `from` holds, a user who is named
  /// or certainly in a group that is, and a way for the code. None is while the policy does not enforce.
  public func codeOffer(for login: Login) -> CodeOffer? {
    guard let code = codeRules(for: login), let way = code.way(to: login.user) else { return nil }
    return CodeOffer(way: way, duration: code.settings.duration, perDay: code.settings.perDay)
  }

  /// What `authorize` says, if the user of a login may authorise a place; nil if they may not.
  private func codeRules(for login: Login) -> CodeRules? {
    let login = login.counted(by: rules)
    guard mode == .enforce, let code = rules.code, login.exists,
      code.holds(login.origin, at: login.time), code.members.hold(login.user, in: login.groups)
    else { return nil }
    return code
  }
}

extension Policy {
  /// The code that the user of a denied login would be sent; nil if none would be, as also if the grant
  /// that it makes would not let them in.
  func code(for login: Login, from origins: [Origin], after decision: Decision) -> CodeOffer? {
    guard decision.verdict == .deny, decision.reason.canBeAuthorized,
      let place = GrantPlace(login.origin), let offer = codeOffer(for: login)
    else { return nil }
    let grant = Grant(
      id: "", user: login.user, place: place, service: login.service, role: login.role,
      since: login.time, until: login.time + offer.duration, author: "", why: "")
    return ruling(on: login, from: origins, grants: [grant]).decision.isDenial ? nil : offer
  }

  /// What a user may be sent after a denial, as far as a comparison tells who it is; nil if nothing.
  func codeReach(for login: Login, after decision: Decision) -> CodeReach? {
    guard decision.verdict == .deny, decision.reason.canBeAuthorized,
      let code = codeRules(for: login), let (way, place) = code.reach(of: login.user)
    else { return nil }
    return CodeReach(
      way: way, place: place, duration: code.settings.duration, perDay: code.settings.perDay)
  }

  /// The list that says from where a place may be authorised; none if all addresses may.
  var codeLists: [AddressList] { rules.lists(of: .authorize) }
}

/// The code that somebody may be sent after a denial, as two policies are compared by it.
public struct CodeReach: Hashable, Comparable, Sendable {
  /// How it travels.
  public enum Way: String, CaseIterable, Comparable, Sendable {
    case mail, command

    /// Orders by name.
    public static func < (left: Way, right: Way) -> Bool { left.rawValue < right.rawValue }
  }

  /// How it travels.
  public let way: Way
  /// The address, with `{user}` if the comparison is not about one user, or the program; nil for each
  /// user's own address.
  public let place: String?
  /// How long the place counts after it was authorised.
  public let duration: Duration
  /// The most codes that a user can cause in 24 hours.
  public let perDay: Int

  /// Orders by how it travels, and then by how long it counts.
  public static func < (left: CodeReach, right: CodeReach) -> Bool {
    (left.way, left.place ?? "", left.duration, left.perDay)
      < (right.way, right.place ?? "", right.duration, right.perDay)
  }
}

extension CodeRules {
  /// How a code travels to a user; to whoever no rule names, if the name is such a one.
  fileprivate func reach(of user: Name) -> (CodeReach.Way, String?)? {
    if user.isUnnamed {
      return switch settings.way {
      case .mail(let template): (.mail, template.text)
      case .addresses: (.mail, nil)
      case .command(let path): (.command, path)
      }
    }
    return way(to: user).map { way in
      switch way {
      case .mail(let address): (.mail, address.text)
      case .command(let path): (.command, path)
      }
    }
  }
}

extension Reason {
  /// Whether the user who is denied for it may be let in by a code, if the policy offers one.
  public var canBeAuthorized: Bool {
    switch self {
    case .notListed, .roleUnavailable: true
    case .notChecked, .identityUnavailable, .breakGlass, .local, .localNotListed, .noAddress,
      .originUnknown, .sessionUnclear, .blocked, .userUnknown, .granted, .userListRequired,
      .confined, .noRole, .listed, .unrestricted:
      false
    }
  }
}
