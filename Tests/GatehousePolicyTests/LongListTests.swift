import TestKit
import Testing

@testable import GatehousePolicy

/// What is quick for long lists gives what the slow and obvious way gives.
@Suite("Long lists")
struct LongListTests {
  /// Texts that are almost, or quite, a plain address or prefix.
  private static let words = [
    "0.0.0.0", "255.255.255.255", "192.0.2.1", "192.0.2.0/24", "192.0.2.1/24", "0.0.0.0/0",
    "128.0.0.0/1", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/0", "1.2.3.4/024",
    "1.2.3.0/024",
    "01.2.3.4", "1.2.3.04", "00.0.0.0", "1.2.3.256", "1.2.3.1000", "1.2.3", "1.2.3.4.5", "1..2.3",
    ".1.2.3", "1.2.3.", "", " ", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4#x", "1.2.3.4 # x", "#1.2.3.4",
    "1.2.3.4\r", "\t1.2.3.4/30\t", "1.2.3.*", "1.2.3.4-1.2.3.9", "1.2.3.0/255.255.255.0",
    "2001:db8::/32", "::ffff:1.2.3.4", "a", "1.2.3.4a", "1.2.3.4/2a", "99999999999999999999.1.1.1",
    "1.2.3.4/99999999999999999999", "１.2.3.4",
  ]

  @Test("A line is recognised as plain only where the reader of addresses reads it alike")
  func plainLines() {
    for word in Self.words {
      for end in ["", "\n", "\n1.2.3.4"] {
        let text = Array((word + end).utf8)
        guard let plain = PlainIPv4Line(text.span, at: 0) else { continue }
        let expected = try? AddressRange(Array(word.utf8).span)
        let found = AddressRange(
          family: .ipv4, first: UInt128(plain.first), last: UInt128(plain.last))
        #expect(found == expected, "\(word)")
        #expect(plain.end == word.utf8.count)
      }
    }
  }

  @Test("Addresses and prefixes of every length are recognised")
  func recognised() {
    var random = SeededRandom(seed: 11)
    for length in 0...32 {
      let address = length == 0 ? 0 : UInt32.random(in: 0...(.max), using: &random) >> (32 - length)
      let bits = length == 0 ? 0 : address << (32 - length)
      let text = Array("\(IPAddress(ipv4: bits))/\(length)\n".utf8)
      let plain = PlainIPv4Line(text.span, at: 0).map { (first: $0.first, last: $0.last) }
      #expect(plain?.first == bits)
      let range = AddressRange(ipv4: bits, prefixLength: length)
      #expect(plain?.last == range.map { UInt32(truncatingIfNeeded: $0.last) })
    }
  }

  @Test("A list holds what its lines mean, in whatever order they stand")
  func anyOrder() {
    var random = SeededRandom(seed: 12)
    for _ in 0..<40 {
      let lines = (0..<400).map { _ in random.pick(Self.words) }
      let expected = AddressSet(lines.compactMap(Self.meaning))
      let file = ListFile(name: "x", bytes: Array(lines.joined(separator: "\n").utf8))
      #expect(file.addresses == expected)
      let shuffled = lines.shuffled(using: &random).joined(separator: "\n")
      #expect(ListFile(name: "x", bytes: Array(shuffled.utf8)).addresses == expected)
    }
  }

  private static func meaning(_ line: String) -> AddressRange? {
    let code = line.split(separator: "#", omittingEmptySubsequences: false)[0]
    let word = code.utf8.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed()
    return try? AddressRange(Array(word).span)
  }

  @Test("Within a long list it is told how far the reading is, with the name made fit to be shown")
  func progress() {
    let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: 2 * ListFile.progressInterval + 1)
    let policy = "version: 1\neveryone: {from: [anywhere, {file: \"long\\nlist\"}]}\n"
    var told: [String] = []
    _ = Policy.load(
      PolicySnapshot(
        policyFiles: [.init(name: "policy.yaml", content: .bytes(Array(policy.utf8)))],
        listFiles: ["long\nlist": .bytes(lines)])
    ) { told.append($0) }
    #expect(told == [#"long\u{a}list, line 1048576"#, #"long\u{a}list, line 2097152"#])
  }

  @Test("The quick sort orders as the library's does", arguments: [0, 1, 2, 3, 1000])
  func sorting(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    for width in [1, 8, 11, 12, 64, 100, 128] {
      for shift in [0, 1, 28, 64] {
        var intervals = (0..<count).map { index -> (first: UInt128, last: UInt128) in
          let number = UInt128.random(in: 0...(.max), using: &random) >> UInt128(128 - width)
          return (number << UInt128(shift), UInt128(index))
        }
        let expected = intervals.enumerated().sorted {
          ($0.element.first, $0.offset) < ($1.element.first, $1.offset)
        }.map(\.element)
        RadixSort.sort(&intervals)
        #expect(intervals.map(\.first) == expected.map(\.first))
        #expect(intervals.map(\.last) == expected.map(\.last))
      }
    }
  }
}

@Suite("Packed sets")
struct PackedBoundariesTests {
  /// Rising numbers, so far apart as `bits` says, all divisible by 2^`shift`.
  private static func boundaries<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
    _: Number.Type, count: Int, bits: Int, shift: Int, _ random: inout SeededRandom
  ) -> Boundaries<Number> {
    let numbers = (0..<count).map { _ -> Number in
      let number = Number.random(in: 0...(.max), using: &random) >> Number(Number.bitWidth - bits)
      return number << Number(shift)
    }
    return Boundaries(values: Set(numbers + (random.once(in: 2) ? [0, .max] : [])).sorted())
  }

  private static func check<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
    _: Number.Type, seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    for count in [0, 1, 2, 63, 64, 65, 127, 128, 129, 1000] {
      for bits in [1, 2, 11, 20, Number.bitWidth / 2 + 1, Number.bitWidth] {
        for shift in [0, 1, 8, Number.bitWidth / 2] {
          let plain = boundaries(Number.self, count: count, bits: bits, shift: shift, &random)
          let packed = PackedBoundaries(plain)
          #expect(packed.count == plain.values.count)
          #expect(packed.boundaries == plain)
          let asked =
            plain.values.flatMap { [$0, $0 &- 1, $0 &+ 1] } + [0, .max]
            + (0..<100).map { _ in Number.random(in: 0...(.max), using: &random) }
          #expect(asked.filter { packed.contains($0) != plain.contains($0) } == [])
        }
      }
    }
  }

  @Test("A packed set is the plain one, at each of its boundaries and between them")
  func sameAsPlain() {
    Self.check(UInt32.self, seed: 21)
    Self.check(UInt128.self, seed: 22)
  }

  @Test("A table of any length holds what the set that it was made of holds")
  func tables() {
    var random = SeededRandom(seed: 23)
    for count in [0, 1, 1023, 1024, 1025, 5000] {
      let ranges = (0..<count).map { index -> AddressRange in
        let isIPv4 = random.once(in: 2)
        let start = UInt128(index) << (isIPv4 ? 16 : 90)
        return AddressRange(
          family: isIPv4 ? .ipv4 : .ipv6, first: start,
          last: start + UInt128(random.number(0...60_000)))
      }
      let set = AddressSet(ranges)
      let table = AddressTable(set)
      #expect(table.set == set)
      #expect(table.isEmpty == set.isEmpty && table.runCount == set.runCount)
      for range in ranges {
        for number in [range.first, range.last, range.last + 1] {
          let address =
            range.family == .ipv4
            ? IPAddress(ipv4: UInt32(truncatingIfNeeded: number)) : IPAddress(ipv6: number)
          #expect(table.contains(.address(address)) == set.contains(address))
        }
      }
    }
  }
}
