// The look-up alone, compiled with the sources of the addresses. It compares a set as the daemon
// keeps it, a binary search over plain boundaries, and a scan of the networks one by one.
//
//   lookup LIST
//
// Prints the nanoseconds of a look-up for the three, and the bytes of a network for the first two.
// Every second address is in a network.

import Glibc

@main
enum LookUp {
  static func main() {
    guard CommandLine.arguments.count == 2, let ranges = ranges(in: CommandLine.arguments[1]),
      let family = ranges.first?.family
    else {
      print("usage: lookup LIST")
      exit(2)
    }
    let set = AddressSet(ranges)
    switch family {
    case .ipv4:
      measure(set.ipv4, ranges.map { (UInt32($0.first), UInt32($0.last)) })
    case .ipv6:
      measure(set.ipv6, ranges.map { ($0.first, $0.last) })
    }
  }

  private static func ranges(in path: String) -> [AddressRange]? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var ranges: [AddressRange] = []
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, 256, file) != nil {
      let word = line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }
      guard let range = try? AddressRange(reading: word.span) else { return nil }
      ranges.append(range)
    }
    return ranges
  }

  private static func measure<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ plain: Boundaries<Number>, _ networks: [(Number, Number)]
  ) {
    let packed = PackedBoundaries(plain)
    var random = SystemRandomNumberGenerator()
    let asked = (0..<1_000_000).map { index -> Number in
      let network = networks[Int.random(in: networks.indices, using: &random)]
      return index & 1 == 0 ? network.0 : network.1 &+ 1
    }
    let few = Array(asked.prefix(200))
    let ours = best { asked.count { packed.contains($0) } }
    let theirs = best { asked.count { plain.contains($0) } }
    let scan = best {
      few.count { number in networks.contains { $0.0 <= number && number <= $0.1 } }
    }
    guard ours.hits == theirs.hits, scan.hits == few.count(where: { packed.contains($0) }) else {
      print("the three do not agree")
      exit(1)
    }
    let bytes = [packed.byteCount, plain.values.count * MemoryLayout<Number>.stride]
    let times = [ours.seconds, theirs.seconds].map { $0 / Double(asked.count) }
    let figures =
      (times + [scan.seconds / Double(few.count)]).map { $0 * 1e9 }
      + bytes.map { Double($0) / Double(networks.count) }
    print(figures.map { String(($0 * 10).rounded() / 10) }.joined(separator: " "))
  }

  /// The fastest of several rounds, and how many of the numbers were in the set.
  private static func best(_ round: () -> Int) -> (seconds: Double, hits: Int) {
    let clock = ContinuousClock()
    var hits = 0
    let times = (0..<5).map { _ in clock.measure { hits = round() } }
    return ((times.min() ?? .zero) / .seconds(1), hits)
  }
}
