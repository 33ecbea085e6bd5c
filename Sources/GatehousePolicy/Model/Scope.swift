/// What a list belongs to.
///
/// A user, group or role may have lists that count for one service alone; that is a scope of its own.
public enum Scope: Hashable, Sendable {
  case user(Name, service: Name? = nil)
  case group(Name, service: Name? = nil)
  case role(Name, service: Name? = nil)
  case service(Name)
  case everyone
  case breakGlass
  /// The policy itself: its `block`.
  case policy
  /// A named network's own list.
  case network(Name)
  /// Who needs a second factor: everyone, or one user, group or role.
  case secondFactor(FactorSubject? = nil)
  /// Who may authorise a new place of their own.
  case authorize

  /// The kinds of scope, by the words that reports use.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case user, group, role, service, everyone
    case breakGlass = "break_glass"
    case policy, network
    case secondFactor = "second_factor"
    case authorize
  }

  /// What kind of scope it is.
  public var kind: Kind {
    switch self {
    case .user: .user
    case .group: .group
    case .role: .role
    case .service: .service
    case .everyone: .everyone
    case .breakGlass: .breakGlass
    case .policy: .policy
    case .network: .network
    case .secondFactor: .secondFactor
    case .authorize: .authorize
    }
  }

  /// The name of the user, group, role, service or network.
  public var name: Name? {
    switch self {
    case .user(let name, _), .group(let name, _), .role(let name, _), .service(let name),
      .network(let name):
      name
    case .secondFactor(let subject): subject?.name
    case .everyone, .breakGlass, .policy, .authorize: nil
    }
  }

  /// The one service for which a user's, group's or role's lists count; nil if they count for all.
  public var service: Name? {
    switch self {
    case .user(_, let service), .group(_, let service), .role(_, let service): service
    case .service, .network, .everyone, .breakGlass, .policy, .secondFactor, .authorize: nil
    }
  }
}

extension Scope: CustomStringConvertible {
  /// The path in the policy: `users.deploy`, `groups.helpdesk.services.sshd`, `everyone`.
  public var description: String {
    let part = service.map { ".services.\($0)" } ?? ""
    return switch self {
    case .user(let name, _): "users.\(name)\(part)"
    case .group(let name, _): "groups.\(name)\(part)"
    case .role(let name, _): "roles.\(name)\(part)"
    case .service(let name): "services.\(name)"
    case .everyone: "everyone"
    case .breakGlass: "break_glass"
    case .policy: "policy"
    case .network(let name): "networks.\(name)"
    case .secondFactor(let subject):
      "second_factor" + (subject.map { ".\($0.kind.section).\($0.name)" } ?? "")
    case .authorize: "authorize"
    }
  }
}

extension Scope: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, name, service, subject
  }

  /// Reads the kind, and the name and the service if the kind has them.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func name() throws -> Name { try container.decode(Name.self, forKey: .name) }
    let service = try container.decodeIfPresent(Name.self, forKey: .service)
    self =
      switch try container.decode(Kind.self, forKey: .kind) {
      case .user: .user(try name(), service: service)
      case .group: .group(try name(), service: service)
      case .role: .role(try name(), service: service)
      case .service: .service(try name())
      case .everyone: .everyone
      case .breakGlass: .breakGlass
      case .policy: .policy
      case .network: .network(try name())
      case .secondFactor:
        .secondFactor(
          try container.decodeIfPresent(FactorSubject.Kind.self, forKey: .subject)
            .map { FactorSubject($0, try name()) })
      case .authorize: .authorize
      }
  }

  /// Writes the kind, and the name and the service if there are such.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(name, forKey: .name)
    try container.encodeIfPresent(service, forKey: .service)
    if case .secondFactor(let subject?) = self {
      try container.encode(subject.kind, forKey: .subject)
    }
  }
}

/// A user, group or role for whom `second_factor` has a rule of its own.
public struct FactorSubject: Hashable, Codable, Sendable {
  /// Which of the three it is.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case user, group, role

    /// The key under which a policy has them.
    var section: String {
      switch self {
      case .user: "users"
      case .group: "groups"
      case .role: "roles"
      }
    }
  }

  /// Which of the three it is.
  public let kind: Kind
  /// Its name.
  public let name: Name

  /// A subject by its kind and name.
  public init(_ kind: Kind, _ name: Name) {
    self.kind = kind
    self.name = name
  }
}
