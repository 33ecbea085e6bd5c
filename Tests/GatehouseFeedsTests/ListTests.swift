import GatehousePolicy
import Testing

@testable import GatehouseFetch

/// The prefixes of a set.
func texts(_ addresses: AddressSet) -> [String] { addresses.prefixes.map(\.description) }

@Suite("Lists of addresses that others write")
struct ListTests {
  @Test("have addresses, prefixes and ranges, comments of both kinds, a mark and any line ends")
  func lists() throws {
    let text = """
      \u{FEFF}; Spamhaus DROP List\r
      192.0.2.0/24 ; SBL1\r
      \r
        198.51.100.7   # one\r
      203.0.113.4-203.0.113.7\r
      2001:db8::/32;SBL2\r
      #\r
      2001:db9::1
      """
    #expect(
      texts(try ForeignList.addresses(in: Array(text.utf8))) == [
        "192.0.2.0/24", "198.51.100.7", "203.0.113.4/30", "2001:db8::/32", "2001:db9::1",
      ])
  }

  @Test(
    "are refused for the first line that is none",
    arguments: [
      ("192.0.2.1\nhello\nworld\n", "line 2, `hello`, is not an IP address"),
      ("192.0.2.1/24\n", "line 1, `192.0.2.1/24`, has host bits set"),
      ("\n\n192.0.2.1 192.0.2.2\n", "line 3, `192.0.2.1 192.0.2.2`, is not an IP address"),
      ("192.0.2.1:22\n", "has a port"),
      ("\u{1b}[2J\n", "line 1, `\\u{1b}[2J`, "),
      (
        String(repeating: "x", count: 5000),
        "line 1, `\(String(repeating: "x", count: 60))…`, is not an IP address"
      ),
      ("", "is empty"), (" \r\n\n", "is empty"),
      ("\n<!DOCTYPE HTML><title>Sign in</title>", "is an HTML page, not a list of addresses"),
      ("<html lang=en>", "is an HTML page"), ("<?xml version='1.0'?>", "is HTML or XML"),
      ("{\"prefixes\": []}", "is JSON; write `format: json`"),
    ])
  func refused(text: String, problem: String) {
    let error = #expect(throws: FetchProblem.self) {
      try ForeignList.addresses(in: Array(text.utf8))
    }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test(
    "have no addresses that nobody comes from",
    arguments: [
      ("127.0.0.1", "loopback"), ("126.0.0.0/7", "loopback"), ("::1", "loopback"),
      ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("::/0", "loopback"),
      ("0.0.0.0/0", "loopback"), ("169.254.3.0/24", "link-local"), ("fe80::/64", "link-local"),
      ("224.0.0.1", "multicast"), ("ff02::1", "multicast"), ("::ffff:127.0.0.1", "loopback"),
    ])
  func impossible(text: String, what: String) throws {
    let addresses = try ForeignList.addresses(in: Array("192.0.2.1\n\(text)\n".utf8))
    let problem = ForeignAddresses.impossibility(in: addresses)
    #expect(problem?.contains(what) == true, "\(problem ?? "nothing")")
  }

  @Test("may have addresses inside, and of documentation")
  func possible() throws {
    let text = "10.0.0.0/8\n192.168.0.0/16\nfd00::/8\n192.0.2.0/24\n"
    let addresses = try ForeignList.addresses(in: Array(text.utf8))
    #expect(ForeignAddresses.impossibility(in: addresses) == nil)
  }

  @Test(
    "have no prefix that opens the world, in one piece or in many",
    arguments: [
      ("8.0.0.0/7", "8.0.0.0/7"), ("8.0.0.0/8\n9.0.0.0/8", "8.0.0.0/7"),
      ("2000::/15", "2000::/15"), ("2000::/16\n2001::/16", "2000::/15"),
      ("1.0.0.0-126.255.255.255", "2.0.0.0/7"),
    ])
  func wide(text: String, prefix: String) throws {
    let addresses = try ForeignList.addresses(in: Array(text.utf8))
    #expect(ForeignAddresses.widePrefix(in: addresses)?.contains(" \(prefix),") == true)
  }

  @Test("may have the widest prefixes that there are in one hand")
  func widest() throws {
    let addresses = try ForeignList.addresses(in: Array("9.0.0.0/8\n2001::/16\n".utf8))
    #expect(ForeignAddresses.widePrefix(in: addresses) == nil)
  }

  @Test(
    "Which addresses are of the public network",
    arguments: [
      ("8.8.8.8", true), ("10.1.2.3", false), ("100.64.0.1", false), ("172.31.0.1", false),
      ("172.32.0.1", true), ("192.168.1.1", false), ("169.254.169.254", false),
      ("127.0.0.1", false), ("0.0.0.0", false), ("240.0.0.1", false), ("255.255.255.255", false),
      ("2606:4700::1", true), ("::1", false), ("fd00::1", false), ("fe80::1", false),
      ("::ffff:10.0.0.1", false), ("::ffff:8.8.8.8", true), ("64:ff9b::808:808", true),
      ("64:ff9b::a00:1", false), ("64:ff9b:1::1", false), ("2002:a00:1::1", false),
      ("2002:808:808::1", true), ("::808:808", false), ("2001:db8::1", false),
    ])
  func global(text: String, isGlobal: Bool) throws {
    #expect(ForeignAddresses.isGlobal(try #require(IPAddress(text))) == isGlobal)
  }
}

@Suite("What the resolver says of a name")
struct HostNameTests {
  private let ipv4 = HostNames.Answer.found([IPAddress("192.0.2.1")].compactMap(\.self))
  private let ipv6 = HostNames.Answer.found([IPAddress("2001:db8:1:2ff::3")].compactMap(\.self))

  @Test("is both families together, IPv6 as wide as wanted")
  func found() throws {
    #expect(
      texts(try HostNames.addresses(of: [ipv4, ipv6], ipv6Prefix: nil)) == [
        "192.0.2.1", "2001:db8:1:2ff::3",
      ])
    #expect(
      texts(try HostNames.addresses(of: [ipv4, ipv6], ipv6Prefix: 56)) == [
        "192.0.2.1", "2001:db8:1:200::/56",
      ])
  }

  @Test("is what one family has, whatever comes of the other")
  func oneFamily() throws {
    for other in [HostNames.Answer.none, .unknown, .failed("is broken")] {
      #expect(texts(try HostNames.addresses(of: [ipv4, other], ipv6Prefix: nil)) == ["192.0.2.1"])
    }
  }

  @Test("tells a name that is not there from one that nobody knows of")
  func nothing() {
    func problem(_ answers: HostNames.Answer...) -> String? {
      #expect(throws: FetchProblem.self) {
        try HostNames.addresses(of: answers, ipv6Prefix: nil)
      }?.description
    }
    #expect(problem(.unknown, .unknown)?.hasPrefix("does not exist") == true)
    #expect(problem(.none, .none) == "has no address")
    #expect(problem(.unknown, .none) == "has no address")
    #expect(problem(.none, .failed("cannot be looked up")) == "cannot be looked up")
  }

  @Test("is refused if nobody can come from there")
  func impossible() throws {
    let address = try #require(IPAddress("fe80::1"))
    #expect(throws: FetchProblem.self) {
      try HostNames.addresses(of: [ipv4, .found([address])], ipv6Prefix: nil)
    }
  }
}
