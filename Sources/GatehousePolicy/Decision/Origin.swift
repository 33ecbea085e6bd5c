internal import GatehouseWire

/// Where a login comes from.
///
/// The kind is a case of its own, which no text can produce.
public enum Origin: Hashable, Sendable {
  /// A remote host, by its address.
  case address(IPAddress)
  /// The machine itself: loopback, or a connection whose two ends are this machine; written `self`.
  case machine
  /// The console, or a program that serves somebody who is in the machine already.
  case local
  /// None of these could be found out.
  case unknown(UnknownOrigin)

  /// Reads the value of PAM_RHOST.
  ///
  /// A zone id (`fe80::1%eth0`) is cut off. A loopback address is the machine itself. Anything that is
  /// not an address then is unknown; never local.
  public init(remoteHost: String) { self.init(remoteHost: remoteHost.utf8.span) }

  /// Reads the value of PAM_RHOST; see `init(remoteHost: String)`.
  public init(remoteHost: Span<UInt8>) {
    guard !remoteHost.isEmpty else {
      self = .unknown(.noAddress)
      return
    }
    guard let address = ZonedAddress(remoteHost)?.address else {
      self = .unknown(.notAnAddress)
      return
    }
    self = address.isLoopback ? .machine : .address(address)
  }
}

extension Origin {
  /// Reads an origin as an administrator writes it: the word `self` or `local`, or what PAM_RHOST would
  /// hold.
  public init(written text: String) {
    switch text {
    case "self": self = .machine
    case "local": self = .local
    default: self.init(remoteHost: text)
    }
  }

  /// Reads the value of PAM_RHOST for a service: without one, a service that serves the machine itself
  /// is local.
  public init(remoteHost: Span<UInt8>, service: Name) {
    let isLocal = OriginRule.isLocal(
      service: service.bytes.span, remoteHost: remoteHost, terminal: Span(),
      isOwnHostName: false)
    if isLocal { self = .local } else { self.init(remoteHost: remoteHost) }
  }
}

/// The words by which a question names an origin itself, in place of what PAM_RHOST would hold.
public enum OriginWord: String, CaseIterable, Sendable {
  case machine = "self"
  case local, unknown
  /// A login session that does not tell.
  case session

  /// The origin that the word names.
  public var origin: Origin {
    switch self {
    case .machine: .machine
    case .local: .local
    case .unknown: .unknown(.notAnAddress)
    case .session: .unknown(.session)
    }
  }
}

/// Why an origin is unknown, by the reason that a login from it is denied with.
public enum UnknownOrigin: String, CaseIterable, Codable, Sendable {
  /// The program gave no address, and serves the network for all that is known.
  case noAddress = "no_address"
  /// The remote host is not an address.
  case notAnAddress = "origin_unknown"
  /// The login session does not tell where its user came from.
  case session = "session_unclear"
}

extension Origin {
  /// The kinds of origin, by the words that logs and reports use.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case address
    case machine = "self"
    case local, unknown
  }

  /// What kind of origin it is.
  public var kind: Kind {
    switch self {
    case .address: .address
    case .machine: .machine
    case .local: .local
    case .unknown: .unknown
    }
  }

  /// Whether lists are asked about it: it is an address, or the machine itself.
  public var isListed: Bool {
    switch self {
    case .address, .machine: true
    case .local, .unknown: false
    }
  }

  /// Adds the description.
  public func write(to bytes: inout [UInt8]) {
    switch self {
    case .address(let address): address.write(to: &bytes)
    case .machine, .local, .unknown: bytes += kind.rawValue.utf8
    }
  }
}

extension Origin: CustomStringConvertible {
  /// The address, `self`, `local` or `unknown`.
  public var description: String {
    switch self {
    case .address(let address): address.description
    case .machine, .local, .unknown: kind.rawValue
    }
  }
}

extension Origin: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, address, why
  }

  /// Reads the kind, and what belongs to it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self =
      switch try container.decode(Kind.self, forKey: .kind) {
      case .address: .address(try container.decode(IPAddress.self, forKey: .address))
      case .machine: .machine
      case .local: .local
      case .unknown: .unknown(try container.decode(UnknownOrigin.self, forKey: .why))
      }
  }

  /// Writes the kind as a field of its own, and beside it the address, or why it is unknown.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .address(let address): try container.encode(address, forKey: .address)
    case .machine, .local: break
    case .unknown(let why): try container.encode(why, forKey: .why)
    }
  }
}
