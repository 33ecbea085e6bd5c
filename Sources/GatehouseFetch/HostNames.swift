internal import GatehouseFeeds
internal import GatehousePlatform
internal import GatehousePolicy
internal import Glibc

/// The addresses of hosts, by the resolver of the machine.
enum HostNames {
  /// How many names are looked up at a time.
  private static let mostThreads = 16

  /// What the resolver says of names, in their order.
  ///
  /// - Parameters:
  ///   - names: The names.
  ///   - ipv6Prefix: How long the prefix is that an IPv6 address stands for; nil for itself.
  ///   - time: How long all of them may take.
  /// - Returns: What it says of each.
  static func lookUp(
    _ names: [String], ipv6Prefix: Int?, within time: Duration
  ) -> [FeedReply.FoundName] {
    let answers = BlockingCalls(atMost: mostThreads).results(of: names, within: time) { name in
      (answer(for: name, AF_INET), answer(for: name, AF_INET6))
    }
    return zip(names, answers).map { name, answer in
      guard let (ipv4, ipv6) = answer else {
        return .init(name, .failed("\(displayText(of: name)): the resolver did not answer in time"))
      }
      do throws(FetchProblem) {
        return .init(name, .found(try addresses(of: [ipv4, ipv6], ipv6Prefix: ipv6Prefix)))
      } catch {
        return .init(name, .failed("\(displayText(of: name)) \(error.description)"))
      }
    }
  }

  /// What the resolver says of a name in one family.
  enum Answer: Hashable, Sendable {
    /// The addresses, at least one.
    case found([IPAddress])
    /// The name is there, without an address of this family.
    case none
    /// There is no such name.
    case unknown
    /// Nobody knows: a server did not answer, or answered with an error.
    case failed(String)
  }

  /// The addresses of both answers together.
  ///
  /// What one family has counts, even if the server fails for the other: some never answer for IPv6.
  ///
  /// - Throws: Why there is none, or why they cannot be right.
  static func addresses(
    of answers: [Answer], ipv6Prefix: Int?
  ) throws(FetchProblem) -> AddressSet {
    var ranges: [AddressRange] = []
    for case .found(let addresses) in answers {
      for address in addresses {
        let length = address.family == .ipv4 ? 32 : ipv6Prefix ?? 128
        ranges.append(AddressPrefix(of: address, length: length).range)
        // A wide prefix may well have others beside the address; the address itself may not be one.
        if let problem = ForeignAddresses.impossibility(in: AddressSet([ranges[ranges.count - 1]]))
        {
          throw FetchProblem(problem)
        }
      }
    }
    guard ranges.isEmpty else { return AddressSet(ranges) }
    for case .failed(let reason) in answers { throw FetchProblem(reason) }
    throw FetchProblem(
      answers.contains(.none) ? "has no address" : "does not exist: the resolver knows no such name"
    )
  }

  private static func answer(for name: String, _ family: Int32) -> Answer {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = family
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    // SAFETY: the name is a C string for the length of the call.
    let result = unsafe getaddrinfo(name, nil, &hints, &list)
    // SAFETY: the list is the call's, and is read no more after this.
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    switch result {
    case 0: break
    case EAI_NONAME: return .unknown
    // EAI_NODATA, which <netdb.h> shows only with _GNU_SOURCE.
    case -5: return .none
    case EAI_SYSTEM:
      // SAFETY: it is a constant text.
      return .failed("cannot be looked up: \(unsafe String(cString: strerror(errno)))")
    default:
      // SAFETY: it is a constant text.
      return .failed("cannot be looked up: \(unsafe String(cString: gai_strerror(result)))")
    }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      // SAFETY: the entries of the list are valid until it is freed, and say how long an address is.
      unsafe next = entry.pointee.ai_next
      if let start = unsafe entry.pointee.ai_addr,
        let address = unsafe SocketAddress.address(at: start, Int(entry.pointee.ai_addrlen))
      {
        addresses.append(address)
      }
    }
    return addresses.isEmpty ? .none : .found(addresses)
  }
}

/// Addresses as the system has them.
enum SocketAddress {
  /// The address at a place where so many bytes may be read; nil if it is of another family.
  @unsafe static func address(at start: UnsafePointer<sockaddr>, _ count: Int) -> IPAddress? {
    let bytes = unsafe UnsafeRawPointer(start)
    // SAFETY: no more is read than the caller says there is.
    switch Int32(unsafe start.pointee.sa_family) {
    case AF_INET:
      guard count >= MemoryLayout<sockaddr_in>.size else { return nil }
      let address = unsafe bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
      return IPAddress(ipv4: UInt32(bigEndian: address))
    case AF_INET6:
      guard count >= MemoryLayout<sockaddr_in6>.size else { return nil }
      let address = unsafe bytes.loadUnaligned(
        fromByteOffset: MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8, as: UInt128.self)
      return IPAddress(ipv6: UInt128(bigEndian: address))
    default: return nil
    }
  }
}
