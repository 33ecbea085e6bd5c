import GatehousePolicy
import Glibc

/// The addresses of this machine.
enum OwnAddresses {
  /// Those of all interfaces but loopback (getifaddrs(3)); empty where the system does not say.
  static func all() -> Set<IPAddress> {
    // SAFETY: the list lives until it is freed at the end of this frame, and nothing of it is kept.
    var first: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&first) == 0 else { return [] }
    defer { unsafe freeifaddrs(first) }
    var addresses: Set<IPAddress> = []
    var next = unsafe first
    while let interface = unsafe next?.pointee {
      unsafe next = interface.ifa_next
      guard unsafe interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
        let address = unsafe interface.ifa_addr.flatMap({ unsafe text(of: $0) })
          .flatMap({ IPAddress($0) })
      else { continue }
      addresses.insert(address)
    }
    return addresses
  }

  /// The numeric form of an IP address without its zone; nil for another family.
  private static func text(of address: UnsafePointer<sockaddr>) -> String? {
    // SAFETY: `address` is a whole address of the family that it names.
    let length: Int
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET: length = MemoryLayout<sockaddr_in>.size
    case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = unsafe getnameinfo(
      address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    guard result == 0 else { return nil }
    let bytes = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
  }
}
