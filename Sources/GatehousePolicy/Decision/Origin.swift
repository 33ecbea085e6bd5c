/// Where a login comes from.
///
/// The kind is a case of its own: no text can turn into it.
public enum Origin: Hashable, Sendable {
  /// A remote host, by its address.
  case address(IPAddress)
  /// No remote host: the console, cron, su.
  case local
  /// A remote host that is not an address.
  case unknown

  /// Judges what PAM_RHOST holds.
  ///
  /// A zone id (`fe80::1%eth0`) is cut off; whatever is not an address then, the empty text
  /// included, is unknown. Never local.
  public init(remoteHost: String) { self.init(remoteHost: remoteHost.utf8.span) }

  /// Judges what PAM_RHOST holds; see `init(remoteHost: String)`.
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
