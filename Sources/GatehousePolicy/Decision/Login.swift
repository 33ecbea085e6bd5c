/// A question: whether this user may log in.
public struct Login: Hashable, Codable, Sendable {
  /// The user, by the name that NSS returns, or as given if NSS does not know it.
  public var user: Name
  /// The user's groups, primary and supplementary; nil if they could not be read.
  public var groups: Set<Name>?
  /// The PAM service, such as `sshd`.
  public var service: Name
  /// Where the login comes from.
  public var origin: Origin
  /// When it is decided.
  public var time: Instant
  /// The role that was asked for (`role=NAME`), if one was.
  public var role: Name?

  /// A question with all its parts.
  public init(
    user: Name, groups: Set<Name>?, service: Name, origin: Origin, time: Instant, role: Name? = nil
  ) {
    self.user = user
    self.groups = groups
    self.service = service
    self.origin = origin
    self.time = time
    self.role = role
  }
}

/// Where a login comes from.
///
/// The kind is a case of its own, which no text can produce.
public enum Origin: Hashable, Sendable {
  /// A remote host, by its address.
  case address(IPAddress)
  /// No remote host: the console, cron, su.
  case local
  /// A remote host that is not an address.
  case unknown

  /// Reads the value of PAM_RHOST.
  ///
  /// A zone id (`fe80::1%eth0`) is cut off. Anything that is not an address then, the empty text too,
  /// is unknown; never local.
  public init(remoteHost: String) { self.init(remoteHost: remoteHost.utf8.span) }

  /// Reads the value of PAM_RHOST; see `init(remoteHost: String)`.
  public init(remoteHost: Span<UInt8>) {
    let end = remoteHost.firstIndex(of: UInt8(ascii: "%")) ?? remoteHost.count
    let withoutZone = remoteHost.extracting(first: end)
    // Only an IPv6 address has a zone.
    guard end == remoteHost.count || withoutZone.firstIndex(of: .colon) != nil,
      let literal = try? AddressLiteral(withoutZone)
    else {
      self = .unknown
      return
    }
    self = .address(literal.address)
  }
}

extension Origin {
  /// Adds the description.
  public func write(to bytes: inout [UInt8]) {
    switch self {
    case .address(let address): address.write(to: &bytes)
    case .local, .unknown: bytes += description.utf8
    }
  }
}

extension Origin: CustomStringConvertible {
  /// The address, `local` or `unknown`.
  public var description: String {
    switch self {
    case .address(let address): address.description
    case .local: "local"
    case .unknown: "unknown"
    }
  }
}

extension Origin: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, address
  }

  private enum Kind: String, Codable {
    case address, local, unknown
  }

  /// Reads the kind, and the address if it is one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self =
      switch try container.decode(Kind.self, forKey: .kind) {
      case .address: .address(try container.decode(IPAddress.self, forKey: .address))
      case .local: .local
      case .unknown: .unknown
      }
  }

  /// Writes the kind as a field of its own, and the address beside it if it is one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .address(let address):
      try container.encode(Kind.address, forKey: .kind)
      try container.encode(address, forKey: .address)
    case .local: try container.encode(Kind.local, forKey: .kind)
    case .unknown: try container.encode(Kind.unknown, forKey: .kind)
    }
  }
}
