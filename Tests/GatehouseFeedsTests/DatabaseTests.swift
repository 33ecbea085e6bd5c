import GatehouseFeeds
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseFetch

@Suite("Databases of networks")
struct DatabaseTests {
  typealias Holder = NetworkDatabase.Holder

  private static func fixture(_ name: String) throws -> String {
    let folder = "\(#filePath)".replacing("DatabaseTests.swift", with: "Fixtures")
    return "\(folder)/\(name)"
  }

  private func addresses(of wanted: [Holder], in path: String) throws -> AddressSet {
    try #require(try NetworkDatabase.addresses(of: wanted, in: path, known: [:])).0
  }

  private func problem(of wanted: [Holder], in path: String) -> String {
    let error = #expect(throws: FetchProblem.self) {
      try NetworkDatabase.addresses(of: wanted, in: path, known: [:])
    }
    return error?.description ?? ""
  }

  @Test(
    "give the networks that an independent walk finds in them, in each layout",
    arguments: [
      ("geolite2-country", "DE", Holder.country("DE")),
      ("geolite2-country", "AT", .country("AT")), ("geolite2-asn", "64500", .system(64_500)),
      ("ipinfo-lite", "DE", .country("DE")), ("ipinfo-lite", "64501", .system(64_501)),
      ("ipinfo-country", "CH", .country("CH")), ("dbip-country-ipv4", "FR", .country("FR")),
    ])
  func walk(database: String, name: String, holder: Holder) throws {
    let path = try Self.fixture("\(database).mmdb")
    let expected = try readText(Self.fixture("\(database).\(name).txt"))
    #expect(
      String(decoding: try addresses(of: [holder], in: path).lines, as: UTF8.self) == expected)
  }

  @Test("let in whom the walk finds, and nobody else, as `gatehouse where` says it")
  func allowed() throws {
    let path = try Self.fixture("geolite2-country.mmdb")
    let now = Instant.now()
    let content = FeedContent(
      head: .init(source: "country DE,AT database \(path)", got: now, changed: now),
      addresses: try addresses(of: [.country("DE"), .country("AT")], in: path))
    let text = """
      version: 1
      networks: {near: {country: [DE, AT], database: \(path)}}
      everyone: {from: [near]}
      """
    let policy = try #require(
      Policy.load(
        PolicySnapshot(
          policyFiles: [.init(name: "policy.yaml", content: .bytes(Array(text.utf8)))],
          listFiles: [FeedContent.fileName(of: "near"): .bytes(content.bytes)])
      ).policy)
    let map = policy.decisions(
      of: Login(user: "eve", groups: [], service: "sshd", origin: .machine, time: now))
    let walked = try ["DE", "AT"].flatMap {
      try readText(Self.fixture("geolite2-country.\($0).txt")).split(separator: "\n")
    }
    let expected = AddressSet(try walked.map { try AddressRange(reading: $0.utf8.span) })
    #expect(!expected.isEmpty)
    #expect(map.allowedAddresses == expected)
  }

  @Test("give what several have together")
  func several() throws {
    let path = try Self.fixture("geolite2-country.mmdb")
    let both = try addresses(of: [.country("DE"), .country("AT")], in: path)
    let one = try addresses(of: [.country("DE")], in: path)
    #expect(both == one.union(try addresses(of: [.country("AT")], in: path)))
    #expect(both != one)
  }

  @Test("are not walked again before the file is another")
  func unchanged() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a.mmdb")
    try writeFile(path, try readFile(Self.fixture("ipinfo-country.mmdb")))
    let first = try #require(
      try NetworkDatabase.addresses(of: [.country("CH")], in: path, known: [:]))
    #expect(first.marks[.built].flatMap { Int($0) }.map { $0 > 1_700_000_000 } == true)
    let again = try NetworkDatabase.addresses(of: [.country("CH")], in: path, known: first.marks)
    #expect(again == nil)
    try writeFile(path, try readFile(Self.fixture("ipinfo-lite.mmdb")))
    let other = try NetworkDatabase.addresses(of: [.country("CH")], in: path, known: first.marks)
    #expect(other != nil && other?.0 != first.0)
  }

  @Test("say who has nothing in them, and what they are not of")
  func absence() throws {
    let countries = try Self.fixture("geolite2-country.mmdb")
    let systems = try Self.fixture("geolite2-asn.mmdb")
    #expect(
      problem(of: [.country("XX"), .country("DE"), .country("QQ")], in: countries)
        == "the database \(countries) has no network of the country QQ, the country XX")
    #expect(
      problem(of: [.system(1)], in: systems)
        == "the database \(systems) has no network of AS1")
    #expect(
      problem(of: [.country("DE")], in: systems)
        == "the database \(systems) has no countries: it is a `GeoLite2-ASN`")
    #expect(
      problem(of: [.system(1)], in: countries)
        == "the database \(countries) has no autonomous systems: it is a `GeoLite2-Country`")
  }

  @Test("are regular files that are there")
  func files() throws {
    let folder = try TemporaryDirectory()
    #expect(
      problem(of: [.system(1)], in: folder.file("a"))
        == "the database \(folder.file("a")) cannot be read: No such file or directory")
    #expect(
      problem(of: [.system(1)], in: folder.path)
        == "the database \(folder.path) is no regular file")
    let text = try folder.write("hello\n", to: "b")
    #expect(
      problem(of: [.system(1)], in: text).hasPrefix("the database \(text) is damaged or no .mmdb"))
  }

  // MARK: - Trees that no writer makes

  /// A database with these nodes; each side is the number of a node, or nil for nothing, or negative for
  /// the country DE.
  private func database(_ nodes: [(Int?, Int?)], version: UInt8 = 6) throws -> String {
    func text(_ text: String) -> [UInt8] {
      // From 29 bytes on, the length would stand in a byte of its own.
      [0x40 | UInt8(text.utf8.count)] + text.utf8
    }
    func number(_ side: Int?) -> [UInt8] {
      let value =
        switch side {
        case nil: nodes.count
        case let node? where node >= 0: node
        default: nodes.count + 16
        }
      return [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }
    var bytes = nodes.flatMap { number($0.0) + number($0.1) }
    bytes += [UInt8](repeating: 0, count: 16)
    bytes += [0xE1] + text("country") + [0xE1] + text("iso_code") + text("DE")
    bytes += [0xAB, 0xCD, 0xEF] + "MaxMind.com".utf8 + [0xE9]
    bytes += text("binary_format_major_version") + [0xA1, 2]
    bytes += text("binary_format_minor_version") + [0xA0]
    bytes += text("build_epoch") + [0x04, 0x02, 0x60, 0, 0, 0]
    bytes += text("database_type") + text("test")
    bytes += text("description") + [0xE0]
    bytes += text("ip_version") + [0xA1, version]
    bytes += text("languages") + [0x00, 0x04]
    bytes += text("node_count") + [0xC2, UInt8(nodes.count >> 8), UInt8(nodes.count & 255)]
    bytes += text("record_size") + [0xA1, 24]
    let folder = try TemporaryDirectory()
    kept.append(folder)
    try writeFile(folder.file("test.mmdb"), bytes)
    return folder.file("test.mmdb")
  }

  private final class Kept: @unchecked Sendable {
    var folders: [TemporaryDirectory] = []
    func append(_ folder: TemporaryDirectory) { folders.append(folder) }
  }
  private let kept = Kept()

  @Test("have IPv4 addresses once, wherever an alias leads to them")
  func aliases() throws {
    // 96 nodes to ::/96, which has 64.0.0.0/2; 2002::/16 and ::ffff:0:0/96 lead there, too.
    var nodes: [(Int?, Int?)] = (0..<96).map { ($0 + 1, nil) }
    nodes += [(97, nil), (nil, -1)]
    // 2002::/16 is 0010 0000 0000 0010: a way of its own from the second bit on.
    func lead(_ bits: String, to target: Int) {
      var node = 0
      for (index, bit) in bits.enumerated() {
        let isLast = index == bits.count - 1
        let next = bit == "0" ? nodes[node].0 : nodes[node].1
        if !isLast, let next {
          node = next
          continue
        }
        let made = isLast ? target : nodes.count
        if bit == "0" { nodes[node].0 = made } else { nodes[node].1 = made }
        if !isLast { nodes.append((nil, nil)) }
        node = made
      }
    }
    lead("0010000000000010", to: 96)
    lead(String(repeating: "0", count: 80) + String(repeating: "1", count: 16), to: 96)
    // One that no list of aliases has.
    lead("00100110", to: 96)
    lead("0010101", to: -1)
    #expect(
      texts(try addresses(of: [.country("DE")], in: database(nodes))) == ["64.0.0.0/2", "2a00::/7"])
  }

  @Test("have each IPv4 address where all of ::/96 is in one network")
  func above() throws {
    let nodes: [(Int?, Int?)] = [(1, nil), (-1, nil)]
    let found = try addresses(of: [.country("DE")], in: database(nodes))
    #expect(texts(found) == ["0.0.0.0/0", "::/2"])
  }

  @Test("that are damaged end the walk")
  func loops() throws {
    let loop: [(Int?, Int?)] = [(0, 0)]
    #expect(problem(of: [.country("DE")], in: try database(loop)).contains("is damaged"))
    #expect(
      problem(of: [.country("DE")], in: try database(loop, version: 4)).contains("is damaged"))
    // Each node twice below the one before: 2^40 ways.
    let wide: [(Int?, Int?)] = (0..<40).map { ($0 + 1, $0 + 1) } + [(-1, -1)]
    #expect(problem(of: [.country("DE")], in: try database(wide)).contains("its tree has a loop"))
    let deep: [(Int?, Int?)] = (0..<33).map { ($0 + 1, nil) } + [(-1, nil)]
    #expect(
      problem(of: [.country("DE")], in: try database(deep, version: 4))
        .contains("its tree is too deep"))
  }

  @Test("with any bytes changed, or an end missing, give addresses or a reason")
  func noise() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a.mmdb")
    let whole = try readFile(Self.fixture("ipinfo-lite.mmdb"))
    var random = SeededRandom(seed: 17)
    var refused = 0
    for round in 0..<rounds("GATEHOUSE_DAMAGED_DATABASES", usually: 300) {
      var bytes = whole
      // The metadata, the records and the tree in turn.
      let range = [
        whole.count - 400..<whole.count, whole.count - 3000..<whole.count, 0..<whole.count,
      ]
      for _ in 0..<random.number(1...20) {
        let place = random.number(range[round % 3].lowerBound...range[round % 3].upperBound - 1)
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.once(in: 4) { bytes.removeLast(random.number(1...bytes.count - 1)) }
      try writeFile(path, bytes)
      let found = try? NetworkDatabase.addresses(of: [.country("DE")], in: path, known: [:])
      if found == nil { refused += 1 }
    }
    #expect(refused > 0)
  }
}
