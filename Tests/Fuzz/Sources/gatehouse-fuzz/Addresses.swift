import GatehouseState
import GatehouseWire
import Glibc

@testable import GatehouseControl
@testable import GatehousePolicy
@testable import PAMGatehouse

/// Addresses as PAM, sshd and administrators write them.
enum Addresses {
  // MARK: One address

  @Sendable static func address(_ bytes: [UInt8]) {
    let address = IPAddress(bytes: bytes)
    promise(
      address?.bits == twin(bytes)?.bits && address?.family == twin(bytes)?.family,
      "an address is what inet_pton(3) takes for one")
    if let address {
      promise(IPAddress(address.description) == address, "an address's text is that address")
      promise(OriginRule.looksLikeAddress(bytes.span), "the module sees each address for one")
    }
    // What the module takes for loopback without the daemon, the daemon takes for loopback, too.
    promise(!bytes.span.isLoopback || address?.isLoopback == true, "loopback is loopback")
    promise(
      !bytes.span.firstWord.isLoopback || IPAddress(bytes: bytes.span.firstWord.array) != nil,
      "a loopback address in SSH_CONNECTION is one")
    _ = bytes.span.afterWord.afterWord.firstWord.count
    origin(bytes, address)
    range(bytes, address)
  }

  private static func origin(_ bytes: [UInt8], _ address: IPAddress?) {
    switch Origin(remoteHost: bytes.span) {
    case .address(let found):
      let plain = Array(bytes.prefix { $0 != UInt8(ascii: "%") })
      promise(found == IPAddress(bytes: plain), "a remote host is an address without its zone")
      promise(!found.isLoopback, "a loopback address is the machine itself")
    case .machine: break
    case .local: promise(false, "no text is local")
    case .unknown: promise(address == nil, "an address is not unknown")
    }
    if let origin = Origin(kept: bytes.text) {
      promise(Origin(kept: origin.keptText) == origin, "an origin that is kept stays what it is")
    }
  }

  private static func range(_ bytes: [UInt8], _ address: IPAddress?) {
    guard let range = try? AddressRange(bytes.span) else {
      return promise(address == nil, "an address is one in a policy")
    }
    let set = AddressSet([range])
    if let address { promise(set.contains(address), "an address in a policy is itself") }
    promise(
      set.complement.complement == set && set.union(set.complement) == .everything,
      "what is in a set and what is not are everything")
    promise(set.intersection(set.complement).isEmpty, "nothing is in a set and not in it")
    let prefixes = set.prefixes.map { Array($0.description.utf8) }
    let again = AddressSet(prefixes.compactMap { try? AddressRange($0.span) })
    promise(again == set, "the prefixes of a set are that set")
  }

  /// The address by libc; IPv4-mapped ones are IPv4.
  private static func twin(_ bytes: [UInt8]) -> IPAddress? {
    guard !bytes.contains(0) else { return nil }
    var ipv4: UInt32 = 0
    var ipv6: UInt128 = 0
    let text = bytes.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: the text ends with a NUL, and each number has the room of an address of its family.
    if unsafe inet_pton(AF_INET, text, &ipv4) == 1 {
      return IPAddress(ipv4: UInt32(bigEndian: ipv4))
    }
    if unsafe inet_pton(AF_INET6, text, &ipv6) == 1 {
      return IPAddress(ipv6: UInt128(bigEndian: ipv6))
    }
    return nil
  }

  // MARK: Lists

  @Sendable static func list(_ bytes: [UInt8]) {
    let list = ListFile(name: "list", bytes: bytes)
    promise(list.diagnostics.allSatisfy { $0.location != nil }, "each error has a place")
    // The same line by line, without the quick way for plain ones.
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    var ranges: [AddressRange] = []
    var errors = 0
    for line in bytes.dropFirst(isMarked ? 3 : 0).split(separator: UInt8(ascii: "\n")) {
      let spaces: [UInt8] = [0x20, 0x09, 0x0D]
      var word = line.prefix { $0 != UInt8(ascii: "#") }.drop { spaces.contains($0) }
      while let last = word.last, spaces.contains(last) { word.removeLast() }
      if word.isEmpty { continue }
      if let range = try? AddressRange(Array(word).span) {
        ranges.append(range)
      } else {
        errors += 1
      }
    }
    promise(list.addresses == AddressSet(ranges), "a list is the addresses of its lines")
    promise(list.diagnostics.count == min(errors, 1001), "each line that is wrong is reported")
    promise(
      list.holdsMachine == ranges.contains { $0.isLoopback },
      "a list holds the machine by a loopback address alone")
  }
}
