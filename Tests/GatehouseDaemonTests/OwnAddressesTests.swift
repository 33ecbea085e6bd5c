import GatehousePlatform
import GatehousePolicy
import SystemPackage
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The machine's own addresses")
struct OwnAddressesTests {
  private func address(_ text: String, on interface: UInt32 = 2) throws -> InterfaceAddress {
    let address = try #require(IPAddress(text))
    return InterfaceAddress(
      interface: interface, isIPv6: address.family == .ipv6, value: address.bits)
  }

  /// A table that has taken the answer to a request, with these addresses.
  private func table(_ addresses: [InterfaceAddress]) -> InterfaceTable {
    var table = InterfaceTable()
    table.begin()
    for address in addresses { #expect(table.take(.added(address, dump: 1)) == .goOn) }
    #expect(table.take(.end(dump: 1, isConsistent: true)) == .complete)
    return table
  }

  private func has(_ text: String, on interface: UInt32? = nil, _ table: InterfaceTable) -> Bool {
    IPAddress(text).map { table.contains($0, on: interface) } ?? false
  }

  @Test("are those of the whole answer, and of the news since")
  func news() throws {
    var table = table([try address("192.0.2.1"), try address("2001:db8::1")])
    #expect(table.completeness == .complete)
    #expect(has("192.0.2.1", table))
    #expect(has("2001:db8::1", table))
    #expect(!has("192.0.2.2", table))
    _ = table.take(.added(try address("192.0.2.2"), dump: nil))
    #expect(has("192.0.2.2", table))
    _ = table.take(.removed(try address("192.0.2.1")))
    #expect(!has("192.0.2.1", table))
    // What is on two interfaces stays as long as it is on one.
    _ = table.take(.added(try address("192.0.2.2", on: 3), dump: nil))
    _ = table.take(.removed(try address("192.0.2.2", on: 2)))
    #expect(has("192.0.2.2", table))
  }

  @Test("stay known while they are asked for again, and then are those of the new answer")
  func again() throws {
    var table = table([try address("192.0.2.1"), try address("192.0.2.2")])
    table.begin()
    #expect(has("192.0.2.1", table))
    _ = table.take(.added(try address("192.0.2.2"), dump: 2))
    _ = table.take(.added(try address("192.0.2.3"), dump: 2))
    #expect(!has("192.0.2.3", table))
    // News that comes between the parts of the answer counts for both.
    _ = table.take(.removed(try address("192.0.2.2")))
    _ = table.take(.added(try address("192.0.2.4"), dump: nil))
    #expect(has("192.0.2.4", table))
    #expect(table.take(.end(dump: 2, isConsistent: true)) == .complete)
    #expect(!has("192.0.2.1", table))
    #expect(!has("192.0.2.2", table))
    #expect(has("192.0.2.3", table))
    #expect(has("192.0.2.4", table))
  }

  @Test("are asked for again if the answer changed while it was given, or failed")
  func inconsistent() throws {
    var table = InterfaceTable()
    table.begin()
    #expect(table.take(.end(dump: 1, isConsistent: false)) == .askAgain)
    #expect(table.take(.failed(dump: 1, code: 16)) == .askAgain)
    #expect(table.completeness == .incomplete)
  }

  @Test("of one link are own on their interface alone, and without one never")
  func linkLocal() throws {
    let table = table([try address("fe80::1", on: 4)])
    #expect(has("fe80::1", on: 4, table))
    #expect(!has("fe80::1", on: 5, table))
    #expect(!has("fe80::1", table))
  }

  @Test("are bounded, and too many are said")
  func bounded() throws {
    var table = InterfaceTable()
    table.begin()
    for number in 0...UInt128(InterfaceTable.limit) {
      let address = InterfaceAddress(interface: 1, isIPv6: false, value: number)
      _ = table.take(.added(address, dump: 1))
    }
    _ = table.take(.end(dump: 1, isConsistent: true))
    #expect(table.current.count == InterfaceTable.limit)
    #expect(table.completeness == .tooMany)
  }

  @Test("without netlink are loopback's alone, which is logged")
  func withoutNetlink() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    defer { log.close() }
    let own = try OwnAddresses(loop: EventLoop(), log: log) { () throws(SystemError) in
      throw SystemError("netlink", .addressFamilyNotSupported)
    }
    #expect(own.problem?.contains("netlink") == true)
    #expect(own.isOwn(try #require(IPAddress("127.8.0.1")), zone: nil))
    #expect(own.isOwn(try #require(IPAddress("::1")), zone: nil))
    #expect(!own.isOwn(try #require(IPAddress("192.0.2.1")), zone: nil))
    try wait { collector.messages.contains { $0.contains("addresses cannot be read") } }
  }

  @Test("of this machine are those that it has")
  func real() throws {
    let log = try LogCollector().makeLog()
    defer { log.close() }
    let own = try OwnAddresses(loop: EventLoop(), log: log)
    #expect(own.problem == nil)
    for address in Machine.ownAddresses() {
      let known = try #require(IPAddress(address.text))
      #expect(own.isOwn(known, zone: address.interface), "\(address)")
    }
    #expect(!own.isOwn(try #require(IPAddress("192.0.2.199")), zone: nil))
  }
}

@Suite("What the kernel tells of addresses")
struct AddressMessageTests {
  /// A message of rtnetlink, in this machine's order.
  private func message(
    type: UInt16, flags: UInt16 = 0, sequence: UInt32 = 7, _ body: [UInt8]
  ) -> [UInt8] {
    bytes(UInt32(16 + body.count)) + bytes(type) + bytes(flags) + bytes(sequence) + bytes(UInt32(0))
      + body
  }

  private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    // SAFETY: the bytes are copied during the call.
    unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
  }

  private func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return bytes(UInt16(4 + value.count)) + bytes(type) + value + padding
  }

  private func body(family: UInt8, interface: UInt32, _ attributes: [UInt8]) -> [UInt8] {
    [family, 24, 0, 0] + bytes(interface) + attributes
  }

  private func read(_ datagram: [UInt8]) -> [AddressMessage] {
    AddressMessage.messages(in: datagram.span, dump: 7)
  }

  private let ipv4 = InterfaceAddress(interface: 3, isIPv6: false, value: 0xC000_0201)

  @Test("is read message by message, with the own end of a line between two")
  func valid() {
    let pair = attribute(1, [198, 51, 100, 1]) + attribute(3, Array("eth0".utf8) + [0])
    let added = body(family: 2, interface: 3, attribute(2, [192, 0, 2, 1]) + pair)
    let news = body(family: 2, interface: 3, attribute(1, [192, 0, 2, 1]))
    let ipv6 = [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
    let linkLocal = body(family: 10, interface: 2, attribute(1, ipv6))
    let datagram =
      message(type: 20, added) + message(type: 20, sequence: 0, news)
      + message(type: 21, sequence: 0, linkLocal) + message(type: 3, flags: 0x10, [0, 0, 0, 0])
    #expect(
      read(datagram) == [
        .added(ipv4, dump: 7), .added(ipv4, dump: nil),
        .removed(InterfaceAddress(interface: 2, isIPv6: true, value: 0xFE80 << 112 | 1)),
        .end(dump: 7, isConsistent: false),
      ])
  }

  @Test("may fail, and an answer to another request is none")
  func others() {
    #expect(read(message(type: 2, bytes(Int32(-16)))) == [.failed(dump: 7, code: 16)])
    #expect(read(message(type: 3, sequence: 6, [])) == [])
    #expect(read(message(type: 2, sequence: 6, bytes(Int32(-16)))) == [])
    // A link's news, an address of another family.
    #expect(read(message(type: 16, [0, 0, 0, 0])) == [])
    #expect(
      read(message(type: 20, body(family: 7, interface: 1, attribute(1, [1, 2, 3, 4])))) == [])
  }

  @Test("may be anything: what is cut off or out of bounds gives nothing")
  func anyBytes() {
    let whole = message(
      type: 20, body(family: 2, interface: 3, attribute(2, [192, 0, 2, 1])))
    for length in 0..<whole.count { #expect(read(Array(whole.prefix(length))) == []) }
    var random = SeededRandom(seed: 5)
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<3 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xFF)
      }
      #expect(read(bytes).count <= bytes.count / 16)
    }
  }
}
