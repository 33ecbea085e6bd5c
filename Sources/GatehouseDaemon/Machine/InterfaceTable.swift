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
  /// The addresses, on whichever interface.
  private var addresses = SortedAddresses()
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
    guard address.isLinkLocal else { return addresses.contains(address) }
    guard let interface else { return false }
    return current.contains(
      InterfaceAddress(interface: interface, isIPv6: true, value: address.bits))
  }

  private mutating func replace(_ addresses: Set<InterfaceAddress>) {
    current = addresses
    self.addresses = SortedAddresses(addresses.map { IPAddress($0) })
  }

  private mutating func insert(_ address: InterfaceAddress) {
    guard current.count < Self.limit else {
      if !current.contains(address) { completeness = .tooMany }
      return
    }
    if current.insert(address).inserted { addresses.insert(IPAddress(address)) }
  }

  private mutating func remove(_ address: InterfaceAddress) {
    if current.remove(address) != nil { addresses.remove(IPAddress(address)) }
  }
}

/// Addresses in their order, each as often as it is there.
///
/// A machine has few, and each login is looked up: among few that takes less time than to hash it.
private struct SortedAddresses {
  private var sorted: [IPAddress] = []

  init(_ addresses: [IPAddress] = []) { sorted = addresses.sorted() }

  func contains(_ address: IPAddress) -> Bool {
    let place = place(of: address)
    return place < sorted.count && sorted[place] == address
  }

  mutating func insert(_ address: IPAddress) { sorted.insert(address, at: place(of: address)) }

  /// Removes an address once.
  mutating func remove(_ address: IPAddress) {
    if contains(address) { sorted.remove(at: place(of: address)) }
  }

  /// The first place of an address, or where it would be.
  private func place(of address: IPAddress) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < address { low = middle + 1 } else { high = middle }
    }
    return low
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
