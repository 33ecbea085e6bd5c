/// What a list belongs to.
public enum Scope: Hashable, Sendable {
  case user(Name)
  case group(Name)
  case role(Name)
  case service(Name)
  case everyone
  case breakGlass
  /// The policy itself: its `block`.
  case policy
  /// A named network's own list.
  case network(Name)

  /// The kinds of scope, by the words that reports use.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case user, group, role, service, everyone
    case breakGlass = "break_glass"
    case policy, network
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
    }
  }

  /// The name of the user, group, role, service or network.
  public var name: Name? {
    switch self {
    case .user(let name), .group(let name), .role(let name), .service(let name),
      .network(let name):
      name
    case .everyone, .breakGlass, .policy: nil
    }
  }
}

extension Scope: CustomStringConvertible {
  /// The path in the policy: `users.deploy`, `everyone`.
  public var description: String {
    switch self {
    case .user(let name): "users.\(name)"
    case .group(let name): "groups.\(name)"
    case .role(let name): "roles.\(name)"
    case .service(let name): "services.\(name)"
    case .everyone: "everyone"
    case .breakGlass: "break_glass"
    case .policy: "policy"
    case .network(let name): "networks.\(name)"
    }
  }
}

extension Scope: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, name
  }

  /// Reads the kind, and the name if the kind has names.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func name() throws -> Name { try container.decode(Name.self, forKey: .name) }
    self =
      switch try container.decode(Kind.self, forKey: .kind) {
      case .user: .user(try name())
      case .group: .group(try name())
      case .role: .role(try name())
      case .service: .service(try name())
      case .everyone: .everyone
      case .breakGlass: .breakGlass
      case .policy: .policy
      case .network: .network(try name())
      }
  }

  /// Writes the kind, and the name if there is one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(name, forKey: .name)
  }
}
