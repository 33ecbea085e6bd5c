import TestKit
import Testing

@testable import GatehousePolicy

/// The numbers of a small universe: both ends of both families, and the edges of the IPv4-mapped
/// space, where a mistake by one would show.
private enum Universe {
  static let mapped: UInt128 = 0xFFFF << 32

  static let ipv4: [UInt128] =
    Array(0..<24) + Array((UInt128(UInt32.max) - 23)...UInt128(UInt32.max))

  static let ipv6: [UInt128] =
    Array(0..<24) + Array((mapped - 12)..<mapped)
    + Array((mapped + 1 << 32)..<((mapped + 1 << 32) + 12)) + Array((.max - 23)...(.max))

  static let addresses: [IPAddress] =
    ipv4.map { IPAddress(ipv4: UInt32($0)) } + ipv6.map { IPAddress(ipv6: $0) }
}

@Suite("Sets of addresses against a bitmap")
struct AddressSetTests {
  /// Some random ranges, and the addresses of the universe that lie in any of them.
  private func randomSet(_ random: inout SeededRandom) -> (set: AddressSet, bitmap: [Bool]) {
    let ranges = (0..<random.number(0...6)).map { _ -> AddressRange in
      let isIPv4 = random.once(in: 2)
      let numbers = isIPv4 ? Universe.ipv4 : Universe.ipv6
      let bounds = [random.pick(numbers), random.pick(numbers)].sorted()
      return AddressRange(family: isIPv4 ? .ipv4 : .ipv6, first: bounds[0], last: bounds[1])
    }
    let bitmap = Universe.addresses.map { address in
      ranges.contains {
        $0.family == address.family && $0.first <= address.bits && address.bits <= $0.last
      }
    }
    return (AddressSet(ranges), bitmap)
  }

  private func bitmap(_ set: AddressSet) -> [Bool] {
    Universe.addresses.map(set.contains)
  }

  @Test("Union, intersection, difference and complement hold what the bitmaps hold")
  func algebra() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<2000 {
      let (left, leftBits) = randomSet(&random)
      let (right, rightBits) = randomSet(&random)
      #expect(bitmap(left) == leftBits)
      let pairs = zip(leftBits, rightBits)
      #expect(bitmap(left.union(right)) == pairs.map { $0 || $1 })
      #expect(bitmap(left.intersection(right)) == pairs.map { $0 && $1 })
      #expect(bitmap(left.subtracting(right)) == pairs.map { $0 && !$1 })
      #expect(bitmap(left.complement) == leftBits.map { !$0 })
    }
  }

  @Test("Sets that hold the same addresses are equal, however they were made")
  func canonicalForm() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<2000 {
      let (left, _) = randomSet(&random)
      let (right, _) = randomSet(&random)
      #expect(left.union(right) == right.union(left))
      #expect(left.complement.complement == left)
      #expect(
        left.subtracting(right) == left.intersection(right.complement))
      #expect(left.union(right) == left.complement.intersection(right.complement).complement)
      #expect(left.subtracting(right).union(left.intersection(right)) == left)
      #expect(left.subtracting(left).isEmpty && left.subtracting(left) == .nothing)
      #expect(left.union(left.complement) == .everything)
      #expect(left.isSubset(of: left.union(right)))
    }
  }

  @Test("The prefixes of a set hold the same addresses, and are the fewest")
  func prefixes() throws {
    var random = SeededRandom(seed: 6)
    for _ in 0..<500 {
      let (set, _) = randomSet(&random)
      let prefixes = set.prefixes
      // Each reads back as a policy's text, and together they are the set.
      let ranges = try prefixes.map { try AddressRange(Array($0.description.utf8).span) }
      #expect(AddressSet(ranges) == set, "\(set)")
      // Fewest: no two are neighbours of which one prefix could be made, and none overlap.
      for (first, second) in zip(ranges, ranges.dropFirst()) where first.family == second.family {
        #expect(first.last < second.first)
        let size = first.last - first.first
        let isPair =
          second.first == first.last + 1 && second.last - second.first == size
          && first.first % ((size + 1) * 2) == 0
        #expect(!isPair, "\(set)")
      }
    }
  }

  @Test("All of a family is one prefix")
  func everything() {
    #expect(AddressSet.everything.prefixes.map(\.description) == ["0.0.0.0/0", "::/0"])
    #expect(AddressSet.nothing.prefixes.isEmpty)
    #expect(AddressSet.nothing.description == "nothing")
  }

  @Test("An IPv6 prefix that reaches into the mapped space holds no IPv4 address")
  func mappedSpace() throws {
    for text in ["::/0", "::/64", "::fffe:0:0/95", "::-::1:0:0:0"] {
      let set = AddressSet([try AddressRange(Array(text.utf8).span)])
      #expect(!set.contains(IPAddress(ipv4: 0)), "\(text)")
      #expect(!set.contains(try #require(IPAddress("::ffff:192.0.2.1"))), "\(text)")
      #expect(!set.isEmpty)
    }
  }

  @Test("A list of a hundred thousand networks is one set, and takes eight bytes for each")
  func largeSet() {
    var builder = AddressSetBuilder()
    for index in (0..<UInt32(100_000)).reversed() {
      builder.insert(AddressRange(IPAddress(ipv4: index &* 512)))
    }
    let set = builder.finish()
    #expect(set.runCount == 100_000)
    #expect(set.contains(IPAddress(ipv4: 512)) && !set.contains(IPAddress(ipv4: 513)))
  }
}
