internal import CPosix
internal import SystemPackage

/// An address of one of the machine's interfaces.
public struct InterfaceAddress: Hashable, Sendable {
  /// The number of the interface.
  public let interface: UInt32
  /// Whether it is an IPv6 address, rather than an IPv4 one.
  public let isIPv6: Bool
  /// The address as a number, the first byte the highest; below 2^32 for IPv4.
  public let value: UInt128

  /// An address.
  public init(interface: UInt32, isIPv6: Bool, value: UInt128) {
    self.interface = interface
    self.isIPv6 = isIPv6
    self.value = value
  }
}

/// What the kernel tells of the machine's addresses.
public enum AddressMessage: Equatable, Sendable {
  /// The machine has the address; `dump` is the number of the request that this answers, nil if it
  /// is news.
  case added(InterfaceAddress, dump: UInt32?)
  /// The machine has the address no longer.
  case removed(InterfaceAddress)
  /// The answer to the request of this number is complete, unless it changed meanwhile.
  case end(dump: UInt32, isConsistent: Bool)
  /// The request of this number failed, with this errno.
  case failed(dump: UInt32, code: Int32)
}

/// The numbers of rtnetlink(7) that are used here.
private enum RTNetlink {
  static let error: UInt16 = 2
  static let done: UInt16 = 3
  static let newAddress: UInt16 = 20
  static let deletedAddress: UInt16 = 21
  /// The flag of a dump that changed while it was made.
  static let isInterrupted: UInt16 = 0x10
  static let ipv4: UInt8 = 2
  static let ipv6: UInt8 = 10
  /// The attributes of an address.
  ///
  /// `address` is the other end's on a line between two.
  static let address: UInt16 = 1
  static let local: UInt16 = 2
  static let headerBytes = 16
  static let addressBytes = 8
  static let attributeBytes = 4
}

extension AddressMessage {
  /// Reads the messages of one datagram of the kernel; any bytes give some messages, or none.
  ///
  /// - Parameters:
  ///   - datagram: The datagram.
  ///   - dump: The number of the request whose answer is awaited; what has another is news.
  /// - Returns: The messages about addresses, in their order.
  public static func messages(
    in datagram: Span<UInt8>, dump: UInt32
  ) -> [AddressMessage] {
    var messages: [AddressMessage] = []
    var start = 0
    while datagram.count - start >= RTNetlink.headerBytes {
      let length = Int(clamping: datagram.word(at: start))
      guard length >= RTNetlink.headerBytes, length <= datagram.count - start else { break }
      if let message = message(datagram.extracting(start..<(start + length)), dump) {
        messages.append(message)
      }
      start += length.aligned
    }
    return messages
  }

  private static func message(_ bytes: Span<UInt8>, _ dump: UInt32) -> AddressMessage? {
    let sequence = bytes.word(at: 8)
    let isAnswer = sequence == dump
    switch bytes.half(at: 4) {
    case RTNetlink.newAddress:
      return address(bytes).map { .added($0, dump: isAnswer ? dump : nil) }
    case RTNetlink.deletedAddress:
      return address(bytes).map { .removed($0) }
    case RTNetlink.done where isAnswer:
      let flags = bytes.half(at: 6)
      return .end(dump: dump, isConsistent: flags & RTNetlink.isInterrupted == 0)
    case RTNetlink.error where isAnswer && bytes.count >= RTNetlink.headerBytes + 4:
      let code = Int32(bitPattern: bytes.word(at: RTNetlink.headerBytes))
      return .failed(dump: dump, code: code == .min ? .max : -code)
    default: return nil
    }
  }

  private static func address(_ bytes: Span<UInt8>) -> InterfaceAddress? {
    let body = RTNetlink.headerBytes
    var place = body + RTNetlink.addressBytes
    guard bytes.count >= place else { return nil }
    let family = bytes[body]
    guard family == RTNetlink.ipv4 || family == RTNetlink.ipv6 else { return nil }
    let size = family == RTNetlink.ipv6 ? 16 : 4
    var (local, address): (UInt128?, UInt128?)
    while bytes.count - place >= RTNetlink.attributeBytes {
      let length = Int(bytes.half(at: place))
      guard length >= RTNetlink.attributeBytes, length <= bytes.count - place else { break }
      if length == RTNetlink.attributeBytes + size {
        let value = bytes.number(at: place + RTNetlink.attributeBytes, bytes: size)
        switch bytes.half(at: place + 2) {
        case RTNetlink.local: local = value
        case RTNetlink.address: address = value
        default: break
        }
      }
      place += length.aligned
    }
    return (local ?? address).map {
      InterfaceAddress(
        interface: bytes.word(at: body + 4), isIPv6: family == RTNetlink.ipv6, value: $0)
    }
  }
}

extension Int {
  /// The next multiple of four: messages and attributes begin at one.
  fileprivate var aligned: Int { (self + 3) & ~3 }
}

extension Span<UInt8> {
  /// A number of two bytes in the machine's order.
  fileprivate func half(at place: Int) -> UInt16 {
    UInt16(littleEndian: UInt16(self[place]) | UInt16(self[place + 1]) << 8)
  }

  /// A number of four bytes in the machine's order.
  fileprivate func word(at place: Int) -> UInt32 {
    let low = UInt32(self[place]) | UInt32(self[place + 1]) << 8
    return UInt32(littleEndian: low | UInt32(self[place + 2]) << 16 | UInt32(self[place + 3]) << 24)
  }

  /// A number of some bytes, the highest first.
  fileprivate func number(at place: Int, bytes count: Int) -> UInt128 {
    var value: UInt128 = 0
    for offset in 0..<count { value = value << 8 | UInt128(self[place + offset]) }
    return value
  }
}

/// A connection to the kernel's news of the machine's addresses.
public struct AddressSocket: ~Copyable, Sendable {
  private let socket: OwnedDescriptor

  /// Connects; what happens from now on is told.
  public init() throws(SystemError) {
    socket = try OwnedDescriptor("netlink", opened: gh_address_socket())
  }

  /// For an event loop to wait at.
  public var descriptor: CInt { socket.rawValue }

  /// Asks for all addresses that the machine has; `number` comes back with the answer.
  public func request(_ number: UInt32) throws(SystemError) {
    _ = try SystemError.check("netlink", gh_request_addresses(descriptor, number))
  }

  /// What one call gives.
  public enum Received: Sendable {
    /// A datagram of this length lies in the buffer; 0 if it was not the kernel's.
    case datagram(Int)
    /// There is nothing yet.
    case nothing
    /// The kernel had more to tell than there was room for: something was lost.
    case overflow
  }

  /// Reads a datagram; never waits.
  public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Received {
    // SAFETY: the pointer is valid for the count of the array and the length of the call.
    let length = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive_from_kernel(descriptor, $0.baseAddress, $0.count)
    }
    switch length {
    case 0...Int(buffer.count): return .datagram(length)
    case (buffer.count + 1)...: return .overflow
    case -Int(EAGAIN), -Int(EINTR): return .nothing
    case -Int(ENOBUFS): return .overflow
    default: throw SystemError("netlink", Errno(rawValue: CInt(truncatingIfNeeded: -length)))
    }
  }

  /// Waits until there is something to read, at most this long; false if nothing came.
  public func wait(atMost time: Duration) -> Bool {
    let milliseconds = CInt(clamping: max(0, time.wholeMicroseconds / 1000))
    return gh_poll(descriptor, Int16(truncatingIfNeeded: POLLIN), milliseconds) > 0
  }
}

extension Machine {
  /// The number of an interface, by the zone id of an address: its name or its number; nil if there
  /// is none.
  public static func interface(zone: String) -> UInt32? {
    if let number = UInt32(zone) { return number == 0 ? nil : number }
    // SAFETY: the name is a C string for the length of the call.
    let number = unsafe gh_interface_number(zone)
    return number == 0 ? nil : number
  }
}
