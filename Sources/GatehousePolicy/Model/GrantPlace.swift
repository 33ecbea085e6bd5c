/// Where a grant is for: the machine itself, or a network, which may be one address.
public enum GrantPlace: Hashable, Sendable {
  /// The machine itself; written `self`.
  case machine
  /// The addresses of a prefix.
  case network(AddressPrefix)

  /// What is wrong with a text that should name one.
  public struct Problem: Error, Hashable, Sendable {
    /// What is wrong, as the rest of a sentence about the text.
    public let problem: String
    /// What to do; nil if there is no advice.
    public let remedy: String?
  }

  /// Reads `self`, an address or a prefix.
  ///
  /// Loopback is the machine itself.
  public init(written text: String) throws(Problem) {
    if text == "self" {
      self = .machine
      return
    }
    guard text.utf8.contains(where: { $0 == .dot || $0 == .colon }) else {
      throw Problem(problem: "is not an IP address", remedy: nil)
    }
    do throws(AddressProblem) {
      let range = try AddressRange(text.utf8.span)
      if range.isLoopback {
        self = .machine
      } else if let prefix = range.prefix {
        self = .network(prefix)
      } else {
        throw AddressProblem(
          "is not one network", remedy: "write it with its prefix length, such as 198.51.100.0/24")
      }
    } catch {
      throw Problem(problem: error.message, remedy: error.remedy)
    }
  }

  /// The place that is an origin; nil for one that no list is asked about.
  public init?(_ origin: Origin) {
    switch origin {
    case .machine: self = .machine
    case .address(let address):
      self = .network(AddressPrefix(of: address, length: address.family.bitWidth))
    case .local, .unknown: return nil
    }
  }

  /// Whether a login from there is from this place.
  public func contains(_ origin: Origin) -> Bool {
    switch (self, origin) {
    case (.machine, .machine): true
    case (.network(let network), .address(let address)): network.contains(address)
    default: false
    }
  }

  /// Its ends: what is refused from both is hardly let in between.
  public var ends: [Origin] {
    switch self {
    case .machine: [.machine]
    case .network(let network): [.address(network.address), .address(network.lastAddress)]
    }
  }

  /// Its addresses; none for the machine itself.
  public var addresses: AddressSet {
    switch self {
    case .machine: .nothing
    case .network(let network): AddressSet([network.range])
    }
  }

  /// What it is called in logs and reports: `self`, `address` or `network`.
  public var kind: String {
    switch self {
    case .machine: Origin.Kind.machine.rawValue
    case .network(let network): network.isSingle ? Origin.Kind.address.rawValue : "network"
    }
  }
}

extension GrantPlace: CustomStringConvertible {
  /// As it is written: `self`, `198.51.100.7` or `2001:db8:1::/56`.
  public var description: String {
    switch self {
    case .machine: Origin.machine.description
    case .network(let network): network.description
    }
  }
}

extension GrantPlace: Codable {
  /// Reads the text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(Problem) {
      self = try GrantPlace(written: text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.problem)
    }
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
