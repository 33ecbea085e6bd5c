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
  public init(remoteHost: String) {
    let bytes = Array(remoteHost.utf8)
    let withoutZone = bytes.firstIndex(of: UInt8(ascii: "%")).map { bytes[..<$0] } ?? bytes[...]
    // Only an IPv6 address has a zone.
    guard withoutZone.count == bytes.count || withoutZone.contains(.colon),
      let address = IPAddress(bytes: Array(withoutZone))
    else {
      self = .unknown
      return
    }
    self = .address(address)
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
