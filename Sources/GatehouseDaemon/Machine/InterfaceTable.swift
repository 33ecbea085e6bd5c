import GatehousePlatform
import GatehousePolicy

/// The addresses that the machine has, put together from what the kernel tells; pure.
struct InterfaceTable {
  /// The most addresses that are followed.
  static let limit = 65_536

  /// Whether the kernel has told all of them, and they were not too many.
  enum Completeness: Equatable {
    case complete
    /// The answer to a request is still coming.
    case incomplete
    /// There are more than are followed.
    case tooMany
  }

  /// What the machine has, as far as it is known: the last whole answer, and the news since.
  private(set) var current: Set<InterfaceAddress> = []
  /// How often each address is there, on whichever interface.
  private var counts: [IPAddress: Int] = [:]
  /// What the present request's answer has brought until now; nil if none is awaited.
  private var incoming: Set<InterfaceAddress>?
  private(set) var completeness = Completeness.incomplete

  /// Begins to collect the answer to a request; what is known stays in effect until that is whole.
  mutating func begin() { incoming = [] }

  /// What is to be done after a message.
  enum Next: Equatable {
    case goOn
    /// The answer is complete.
    case complete
    /// All addresses must be asked for again.
    case askAgain
  }

  /// Takes up what the kernel tells.
  mutating func take(_ message: AddressMessage) -> Next {
    switch message {
    case .added(let address, let dump):
      // News counts for both; an answer only once it is whole, for it may be the older.
      if dump == nil { insert(address) }
      if let count = incoming?.count, count < Self.limit { incoming?.insert(address) }
      return .goOn
    case .removed(let address):
      remove(address)
      incoming?.remove(address)
      return .goOn
    case .end(_, let isConsistent):
      guard isConsistent, let incoming else { return .askAgain }
      replace(incoming)
      self.incoming = nil
      completeness = incoming.count < Self.limit ? .complete : .tooMany
      return .complete
    case .failed: return .askAgain
    }
  }

  /// Whether the machine has an address.
  ///
  /// An IPv6 address that is valid on one link alone may be another machine's on another link: it is
  /// the machine's own only on its interface, and never without one.
  func contains(_ address: IPAddress, on interface: UInt32?) -> Bool {
    guard address.isLinkLocal else { return counts[address] != nil }
    guard let interface else { return false }
    return current.contains(
      InterfaceAddress(interface: interface, isIPv6: true, value: address.bits))
  }

  private mutating func replace(_ addresses: Set<InterfaceAddress>) {
    current = addresses
    counts = [:]
    for address in addresses { counts[IPAddress(address), default: 0] += 1 }
  }

  private mutating func insert(_ address: InterfaceAddress) {
    guard current.count < Self.limit else {
      if !current.contains(address) { completeness = .tooMany }
      return
    }
    if current.insert(address).inserted { counts[IPAddress(address), default: 0] += 1 }
  }

  private mutating func remove(_ address: InterfaceAddress) {
    guard current.remove(address) != nil else { return }
    let key = IPAddress(address)
    let count = counts[key, default: 1] - 1
    counts[key] = count > 0 ? count : nil
  }
}

extension IPAddress {
  /// An address of an interface.
  init(_ address: InterfaceAddress) {
    if address.isIPv6 {
      self.init(ipv6: address.value)
    } else {
      self.init(ipv4: UInt32(truncatingIfNeeded: address.value))
    }
  }
}
