public import GatehousePolicy

/// From which networks each user came, and the first policy that this makes.
public struct LearnedLogins {
  /// How wide the networks are, in bits that are fixed.
  public struct PrefixLengths: Sendable {
    /// 1 to 32.
    public var ipv4: Int
    /// 1 to 128.
    public var ipv6: Int

    /// The lengths for both families.
    public init(ipv4: Int = 24, ipv6: Int = 64) {
      self.ipv4 = ipv4
      self.ipv6 = ipv6
    }
  }

  /// How often, and when last.
  struct Count {
    var logins = 0
    var last: Instant

    mutating func add(_ other: Count) {
      logins += other.logins
      last = max(last, other.last)
    }
  }

  private let lengths: PrefixLengths
  /// Who came from each network.
  private(set) var networks: [AddressPrefix: [Name: Count]] = [:]
  /// How many logins it has learned from.
  public private(set) var logins = 0
  /// How many it could not, since the remote host was no address.
  public private(set) var withoutAddress = 0

  /// Nothing learned yet.
  public init(_ lengths: PrefixLengths = PrefixLengths()) { self.lengths = lengths }

  /// Learns from a login that was let in; a local one teaches nothing.
  public mutating func add(_ user: Name, from origin: Origin, at time: Instant) {
    guard case .address(let address) = origin else {
      if origin == .unknown { withoutAddress += 1 }
      return
    }
    let length = address.family == .ipv4 ? lengths.ipv4 : lengths.ipv6
    networks[AddressPrefix(of: address, length: length), default: [:]][
      user, default: Count(last: time)
    ].add(Count(logins: 1, last: time))
    logins += 1
  }

  /// The policy, which allows every login that was learned from, and comments that tell what to do
  /// with it.
  ///
  /// - Parameters:
  ///   - since: When the record begins.
  ///   - now: When it is written.
  /// - Returns: The policy as YAML.
  public func policy(since: Instant, now: Instant) -> String {
    LearnedPolicy(self).text(since: since, now: now)
  }
}
