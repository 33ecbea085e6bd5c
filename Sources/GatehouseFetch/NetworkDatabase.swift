internal import CMaxMindDB
internal import GatehouseFeeds
internal import GatehousePlatform
internal import GatehousePolicy

/// A database of networks (.mmdb) of MaxMind, DB-IP or IPinfo.
///
/// All of its tree is walked once. That reads each node at most once and keeps nothing of it, so a damaged
/// file takes no more time or memory than a whole one of its length.
@safe struct NetworkDatabase: ~Copyable {
  /// Who has a network, as a database says it.
  enum Holder: Hashable {
    /// A country, by its two letters.
    case country(String)
    /// An autonomous system, by its number.
    case system(UInt32)

    /// The holder for a message.
    var text: String {
      switch self {
      case .country(let code): "the country \(code)"
      case .system(let number): "AS\(number)"
      }
    }
  }

  /// The addresses that somebody of `wanted` has; nil if the database is the one that the marks are of.
  ///
  /// - Throws: What is wrong with the file, or who of them has nothing in it.
  static func addresses(
    of wanted: [Holder], in path: String, known: [FeedMark: String]
  ) throws(FetchProblem) -> (AddressSet, marks: [FeedMark: String])? {
    let status: FileStatus
    do throws(SystemError) {
      status = try ReadableFile(path).status
    } catch {
      throw FetchProblem("the database \(path) cannot be read: \(error.reason)")
    }
    guard status.kind == .regular else {
      throw FetchProblem("the database \(path) is no regular file")
    }
    let file = "\(status.identity) \(status.size)"
    if known[.file] == file { return nil }
    do throws(FetchProblem) {
      let database = try NetworkDatabase(path)
      let addresses = try database.addresses(of: wanted)
      return (addresses, [.file: file, .built: "\(database.built)"])
    } catch {
      throw FetchProblem("the database \(path) \(error.description)")
    }
  }

  /// Open as long as this value lives.
  private let database: UnsafeMutablePointer<MMDB_s>

  private init(_ path: String) throws(FetchProblem) {
    let place = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
    // SAFETY: the place has room for one, and the path is a C string for the length of the call.
    let status = unsafe MMDB_open(path, UInt32(MMDB_MODE_MMAP), place)
    guard status == MMDB_SUCCESS else {
      // SAFETY: what is not open is nobody's.
      unsafe place.deallocate()
      throw Self.damage(status)
    }
    unsafe database = place
  }

  deinit {
    // SAFETY: `init` has made and opened it, and nobody else has it.
    unsafe MMDB_close(database)
    unsafe database.deallocate()
  }

  /// When it was built, in seconds since 1970.
  private var built: UInt64 { unsafe database.pointee.metadata.build_epoch }

  /// What it calls itself, such as `GeoLite2-Country`.
  private var kind: String {
    // SAFETY: the library has checked that the text ends.
    unsafe database.pointee.metadata.database_type.map { unsafe String(cString: $0) } ?? "?"
  }

  private static func damage(_ status: Int32) -> FetchProblem {
    // SAFETY: it is a constant text.
    FetchProblem("is damaged or no .mmdb: \(unsafe String(cString: MMDB_strerror(status)))")
  }

  // MARK: - The walk

  /// Where the walk is: a node, and the bits of an address that lead to it.
  private struct Place {
    let node: UInt32
    let bits: UInt128
    let depth: Int
  }

  /// Networks that only stand for IPv4 addresses: databases lead them to the node of those.
  private static let aliases: [(bits: UInt128, depth: Int)] = [
    (0xFFFF << 32, 96), (0x2002 << 112, 16), (0x2001_0000 << 96, 32), (0x64_FF9B << 96, 96),
  ]

  private func addresses(of wanted: [Holder]) throws(FetchProblem) -> AddressSet {
    let isIPv6 = unsafe database.pointee.metadata.ip_version == 6
    let width = isIPv6 ? 128 : 32
    let nodeCount = unsafe database.pointee.metadata.node_count
    let ipv4Start = isIPv6 ? try ipv4Node() : nil
    var records = Records(wanted)
    var builder = AddressSetBuilder()
    var places = [Place(node: 0, bits: 0, depth: 0)]
    var visits: UInt32 = 0
    while let place = places.popLast() {
      visits += 1
      guard visits <= nodeCount else { throw FetchProblem("is damaged: its tree has a loop") }
      let node = try node(place.node)
      // The right side first, so that the left one is walked first.
      for (side, next) in [(1, node.next.1), (0, node.next.0)] {
        let depth = place.depth + 1
        let bits = place.bits | (side == 1 ? 1 << UInt128(width - depth) : 0)
        let kind = side == 1 ? node.kind.1 : node.kind.0
        let isAlias = isIPv6 && Self.aliases.contains { $0.bits == bits && $0.depth == depth }
        if kind == MMDB_RECORD_TYPE_EMPTY || isAlias { continue }
        if kind == MMDB_RECORD_TYPE_SEARCH_NODE {
          guard depth < width else { throw FetchProblem("is damaged: its tree is too deep") }
          if let ipv4Start, next == ipv4Start, !(bits == 0 && depth == 96) { continue }
          places.append(Place(node: next, bits: bits, depth: depth))
        } else if kind == MMDB_RECORD_TYPE_DATA {
          let offset = side == 1 ? node.offset.1 : node.offset.0
          if try records.isWanted(offset, in: self) {
            Self.insert(bits, depth, isIPv6: isIPv6, into: &builder)
          }
        } else {
          throw FetchProblem("is damaged: a node leads nowhere")
        }
      }
    }
    if let problem = records.absence(kind: kind) { throw problem }
    return builder.finish()
  }

  private func node(_ number: UInt32) throws(FetchProblem) -> gh_mmdb_node {
    var node = gh_mmdb_node()
    // SAFETY: the database is open; the library checks the number and where it leads.
    let status = unsafe gh_mmdb_read_node(database, number, &node)
    guard status == MMDB_SUCCESS else { throw Self.damage(status) }
    return node
  }

  /// The node of ::/96, below which IPv4 addresses are; nil if none has data of its own.
  private func ipv4Node() throws(FetchProblem) -> UInt32? {
    var number: UInt32 = 0
    for _ in 0..<96 {
      let node = try node(number)
      guard node.kind.0 == MMDB_RECORD_TYPE_SEARCH_NODE else { return nil }
      number = node.next.0
    }
    return number
  }

  private static func insert(
    _ bits: UInt128, _ depth: Int, isIPv6: Bool, into builder: inout AddressSetBuilder
  ) {
    func prefix(_ address: IPAddress, _ length: Int) {
      builder.insert(AddressPrefix(of: address, length: length).range)
    }
    guard isIPv6 else { return prefix(IPAddress(ipv4: UInt32(bits)), depth) }
    if bits >> 32 == 0, depth >= 96 {
      return prefix(IPAddress(ipv4: UInt32(bits)), depth - 96)
    }
    prefix(IPAddress(ipv6: bits), depth)
    // It has all of ::/96, and so each IPv4 address.
    if bits == 0 { prefix(IPAddress(ipv4: 0), 0) }
  }

  // MARK: - Records

  /// The records of a database, each read once: most networks share theirs.
  private struct Records {
    private let wanted: Set<Holder>
    private let isOfCountries: Bool
    private var known: [UInt32: Bool] = [:]
    private var present: Set<Holder> = []
    /// Whether any record says who has its network.
    private var hasHolders = false

    init(_ wanted: [Holder]) {
      self.wanted = Set(wanted)
      isOfCountries = wanted.contains { if case .country = $0 { true } else { false } }
    }

    /// Whether a record is of somebody who is wanted.
    mutating func isWanted(
      _ offset: UInt32, in database: borrowing NetworkDatabase
    ) throws(FetchProblem) -> Bool {
      if let isWanted = known[offset] { return isWanted }
      let holder =
        try isOfCountries ? database.country(at: offset) : database.system(at: offset)
      var isWanted = false
      if let holder {
        hasHolders = true
        isWanted = wanted.contains(holder)
        if isWanted { present.insert(holder) }
      }
      known[offset] = isWanted
      return isWanted
    }

    /// Who has nothing; nil if everybody has something.
    func absence(kind: String) -> FetchProblem? {
      guard hasHolders else {
        let what = isOfCountries ? "countries" : "autonomous systems"
        return FetchProblem("has no \(what): it is a `\(displayText(of: kind))`")
      }
      let absent = wanted.subtracting(present).map(\.text).sorted()
      guard !absent.isEmpty else { return nil }
      return FetchProblem("has no network of \(absent.joined(separator: ", "))")
    }
  }

  /// The country of a record: `country.iso_code` of GeoLite2 and DB-IP, `country_code` or a short
  /// `country` of IPinfo.
  ///
  /// The country where a network is registered does not count: its addresses are used elsewhere.
  private func country(at offset: UInt32) throws(FetchProblem) -> Holder? {
    for (member, inner) in [("country", "iso_code"), ("country_code", nil), ("country", nil)] {
      if case .text(let text)? = try value(at: offset, member, inner), text.utf8.count == 2 {
        return .country(text)
      }
    }
    return nil
  }

  /// The system of a record: `autonomous_system_number` of GeoLite2 and DB-IP, `asn` of IPinfo, which is
  /// such as `AS64500`.
  private func system(at offset: UInt32) throws(FetchProblem) -> Holder? {
    var found = try value(at: offset, "autonomous_system_number")
    if found == nil { found = try value(at: offset, "asn") }
    switch found {
    case .number(let number)?: return .system(number)
    case .text(let text)?:
      return UInt32(text.hasPrefix("AS") ? text.dropFirst(2) : text[...]).map { .system($0) }
    case nil: return nil
    }
  }

  private enum Value {
    case text(String)
    case number(UInt32)
  }

  /// What a member of a record is, or a member of that one; nil if it is not there, or neither a text
  /// nor a number.
  private func value(
    at offset: UInt32, _ member: String, _ inner: String? = nil
  ) throws(FetchProblem) -> Value? {
    var value = unsafe gh_mmdb_value()
    // SAFETY: the database is open; the names are C strings for the length of the call.
    let status = unsafe gh_mmdb_look_up(database, offset, member, inner, &value)
    switch status {
    case MMDB_SUCCESS: break
    case MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR: return nil
    default: throw Self.damage(status)
    }
    // SAFETY: the text lies in the database, which is open, and is as long as the library says.
    if let text = unsafe value.text {
      let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(value.length))
      return .text(unsafe String(decoding: bytes, as: UTF8.self))
    }
    return unsafe value.is_number ? .number(value.number) : nil
  }
}
