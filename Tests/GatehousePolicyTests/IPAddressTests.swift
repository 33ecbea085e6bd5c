import TestKit
import Testing

@testable import GatehousePolicy

@Suite("Addresses")
struct IPAddressTests {
  @Test(
    "An address is shown as RFC 5952 has it",
    arguments: [
      ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("0:0:0:0:0:0:0:0", "::"), ("1:0:0:0:0:0:0:0", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("::192.0.2.1", "::c000:201"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("255.255.255.255", "255.255.255.255"),
    ])
  func description(text: String, expected: String) {
    #expect(IPAddress(text)?.description == expected)
  }

  @Test("Every address reads back from its own text")
  func roundTrip() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      // Many zero groups, so that `::` is everywhere.
      let groups = (0..<8).map { _ in
        random.once(in: 2) ? 0 : UInt128(UInt16.random(in: 0...(.max), using: &random))
      }
      let address = IPAddress(ipv6: groups.reduce(0) { $0 << 16 | $1 })
      #expect(IPAddress(address.description) == address)
    }
  }

  @Test(
    "What is not exactly an address is none",
    arguments: [
      "", " ", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1.2.3.256", "a.b.c.d", ":",
      "::1::",
      "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::",
      "::g", "fe80::1%1", "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4",
      "::1/128", "-1.2.3.4", "1..2.3", "\u{0661}.2.3.4", "::1\0",
    ])
  func rejected(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(
    "PAM_RHOST is an address, or unknown; never local",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::ffff:192.0.2.1", "192.0.2.1"),
      ("", "unknown"), ("local", "unknown"), ("UNKNOWN", "unknown"), ("host.example", "unknown"),
      ("192.0.2.1%eth0", "unknown"), ("%eth0", "unknown"),
    ])
  func origin(text: String, expected: String) {
    #expect(Origin(remoteHost: text).description == expected)
  }

  @Test(
    "A bad address text says what is wrong and what to write",
    arguments: [
      ("192.0.2.1/24", "has host bits set", "write 192.0.2.0/24 or 192.0.2.1"),
      (
        "192.0.2.1/255.255.255.0", "has host bits set", "write 192.0.2.0/255.255.255.0 or 192.0.2.1"
      ),
      ("2001:db8::1/32", "has host bits set", "write 2001:db8::/32 or 2001:db8::1"),
      ("::ffff:10.0.0.1/104", "has host bits set", "write ::ffff:10.0.0.0/104 or 10.0.0.1"),
      ("192.0.2.0/0.0.0.255", "has an inverted mask", "write 255.255.255.0 after the `/`"),
      ("192.0.2.20-192.0.2.10", "runs backwards", "write 192.0.2.10-192.0.2.20"),
      (
        "192.0.2.10-20", "is not a range: its end is not an IP address",
        "write 192.0.2.10-192.0.2.20"
      ),
      ("192.0.2.01", "has a leading zero, which some programs read as octal", "write 192.0.2.1"),
      ("010.1.2.3", "has a leading zero, which some programs read as octal", "write 10.1.2.3"),
      ("10.0.0.0/08", "has a leading zero in its prefix length", "write 10.0.0.0/8"),
      ("2001:db8::/032", "has a leading zero in its prefix length", "write 2001:db8::/32"),
      ("10.1.2.3:22", "has a port, and an entry is for every port", "write 10.1.2.3"),
      ("[2001:db8::1]:22", "has brackets", "write 2001:db8::1"),
      ("[2001:db8::]/32", "has brackets", "write 2001:db8::/32"),
      ("fe80::%eth0/64", "has a zone id, which means nothing in a policy", "write fe80::/64"),
      ("192.168.0.", "is not an IP address: a number is missing", "write 192.168.0.0/24"),
      ("10.", "is not an IP address", "write 10.0.0.0/8"),
      ("10.1/16", "is not an IP address", "write 10.1.0.0/16"),
      ("10/8", "is not an IP address", "write 10.0.0.0/8"),
      ("10.*", "is not an IP address", "write 10.*.*.*"),
      ("2001:db8:*", "is not an IP address", "write 2001:db8::/32"),
      ("2001:db8:*:*:*:*:*:*", "is not an IP address", "write 2001:db8::/32"),
      (
        "!10.0.0.0/8", "begins with `!`, which takes nothing out",
        "add except: [10.0.0.0/8] to the entry that holds it"
      ),
      (
        "!office", "begins with `!`, which takes nothing out",
        "add except: [office] to the entry that holds it"
      ),
      (
        "! [x", "begins with `!`, which takes nothing out",
        "add an `except` to the entry that holds it"
      ),
      (
        "\u{201C}192.0.2.1\u{201D}", "is not an IP address: no address has `\u{201C}`",
        "write 192.0.2.1"
      ),
      (
        "192.0.2.1\u{2013}192.0.2.9", "is not an IP address: no address has `\u{2013}`",
        "write 192.0.2.1-192.0.2.9"
      ),
      ("192.0.2.1 - 192.0.2.9", "has spaces around its `-`", "write 192.0.2.1-192.0.2.9"),
      (
        "192.0.2.1 192.0.2.2", "is not an IP address: it has a space in it",
        "write two entries: 192.0.2.1 and 192.0.2.2"
      ),
      (
        "192.0.2.1, 192.0.2.2,192.0.2.3", "is not an IP address: it has a space in it",
        "write 3 entries, one for each address"
      ),

      ("fe80::1%eth0", "has a zone id, which means nothing in a policy", "write fe80::1"),
      ("[::1]", "has brackets", "write ::1"),
      (
        "10.*.1.*", "has a star before a number", "stars stand only at the end: 10.15.*.*"
      ),
    ])
  func problems(text: String, message: String, remedy: String) {
    #expect(throws: AddressProblem(message, remedy: remedy)) {
      try AddressRange(Array(text.utf8).span)
    }
  }

  @Test(
    "No repair is proposed that would be no address",
    arguments: [
      "\0version%", "fe80::x%1", "[a b]", "[[::1]]", "192.0.2.1-x", "192.0.2.1-\u{1B}[2J",
    ])
  func hopeless(text: String) {
    let problem = #expect(throws: AddressProblem.self) { try AddressRange(Array(text.utf8).span) }
    #expect(problem?.remedy == nil)
  }

  @Test("Every repair that an error proposes is right")
  func repairs() throws {
    var random = SeededRandom(seed: 8)
    for _ in 0..<2000 {
      let address = IPAddress(ipv6: UInt128.random(in: 0...(.max), using: &random))
      let text = "\(address)/\(random.number(0...127))"
      do throws(AddressProblem) {
        _ = try AddressRange(Array(text.utf8).span)
      } catch {
        let words = try #require(error.remedy).split(separator: " ")
        for word in [words[1], words[3]] {
          _ = try AddressRange(Array(word.utf8).span)
        }
      }
    }
  }
}
