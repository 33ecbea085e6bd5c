import GatehousePolicy
import Testing

@testable import GatehouseFetch

@Suite("What is selected in the JSON of providers")
struct SelectionTests {
  private func selected(_ json: String, _ paths: String...) throws -> [String] {
    let selections = try paths.map { try #require(FeedSelection($0)) }
    return texts(try SelectedAddresses.addresses(in: Array(json.utf8), selections))
  }

  private func problem(_ json: String, _ path: String) throws -> String {
    let selection = try #require(FeedSelection(path))
    let error = #expect(throws: FetchProblem.self) {
      try SelectedAddresses.addresses(in: Array(json.utf8), [selection])
    }
    return error?.description ?? ""
  }

  @Test("GitHub: a member of the document")
  func gitHub() throws {
    let meta = """
      {"verifiable_password_authentication": false, "ssh_keys": ["ssh-ed25519 AAAA"],
       "hooks": ["192.0.2.0/26"], "actions": ["198.51.100.0/25", "2001:db8:1::/48"],
       "domains": {"website": ["*.github.com"], "actions_inbound": {"full_domains": ["a.b"]}}}
      """
    #expect(try selected(meta, "actions") == ["198.51.100.0/25", "2001:db8:1::/48"])
    #expect(
      try selected(meta, "hooks", "actions") == [
        "192.0.2.0/26", "198.51.100.0/25", "2001:db8:1::/48",
      ])
  }

  @Test("AWS: elements of a region and service, both families")
  func aws() throws {
    let ranges = """
      {"syncToken": "1764000000", "createDate": "2026-11-24-10-00-00", "prefixes": [
        {"ip_prefix": "192.0.2.0/24", "region": "eu-central-1", "service": "AMAZON",
         "network_border_group": "eu-central-1"},
        {"ip_prefix": "198.51.100.0/24", "region": "us-east-1", "service": "EC2"},
        {"ip_prefix": "203.0.113.0/24", "region": "eu-central-1", "service": "EC2"}],
       "ipv6_prefixes": [
        {"ipv6_prefix": "2001:db8::/36", "region": "eu-central-1", "service": "EC2"}]}
      """
    #expect(
      try selected(ranges, "prefixes[region=eu-central-1].ip_prefix") == [
        "192.0.2.0/24", "203.0.113.0/24",
      ])
    #expect(
      try selected(
        ranges, "prefixes[region=eu-central-1][service=EC2].ip_prefix",
        "ipv6_prefixes[region=eu-central-1].ipv6_prefix") == ["203.0.113.0/24", "2001:db8::/36"])
    #expect(
      try problem(ranges, "prefixes[region=eu-central-9].ip_prefix").hasSuffix(
        "no element of `prefixes` has region=eu-central-9"))
  }

  @Test("Google: elements that have one family or the other")
  func google() throws {
    let cloud = """
      {"syncToken": "1", "prefixes": [{"ipv4Prefix": "192.0.2.0/24"},
       {"ipv6Prefix": "2001:db8::/32"}, {"ipv4Prefix": "198.51.100.0/24"}]}
      """
    #expect(try selected(cloud, "prefixes.ipv4Prefix") == ["192.0.2.0/24", "198.51.100.0/24"])
    #expect(
      try selected(cloud, "prefixes.ipv4Prefix", "prefixes.ipv6Prefix") == [
        "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32",
      ])
  }

  @Test("Azure: what is asked of an element can stand behind what is wanted of it")
  func azure() throws {
    let tags = """
      {"changeNumber": 3, "cloud": "Public", "values": [
        {"properties": {"changeNumber": 1, "region": "", "addressPrefixes": ["192.0.2.0/24"]},
         "name": "ActionGroup", "id": "ActionGroup"},
        {"name": "AzureDevOps", "properties": {"addressPrefixes":
          ["198.51.100.0/24", "2001:db8::/48"], "platform": "Azure"}}]}
      """
    #expect(
      try selected(tags, "values[name=ActionGroup].properties.addressPrefixes") == ["192.0.2.0/24"])
    #expect(
      try selected(tags, "values[name=AzureDevOps].properties.addressPrefixes") == [
        "198.51.100.0/24", "2001:db8::/48",
      ])
  }

  @Test("Cloudflare: a member of an object")
  func cloudflare() throws {
    let ips = """
      {"result": {"ipv4_cidrs": ["192.0.2.0/24"], "ipv6_cidrs": ["2001:db8::/32"], "etag": "a"},
       "success": true, "errors": [], "messages": []}
      """
    #expect(
      try selected(ips, "result.ipv4_cidrs", "result.ipv6_cidrs") == [
        "192.0.2.0/24", "2001:db8::/32",
      ])
  }

  @Test("Oracle: arrays in elements of arrays")
  func oracle() throws {
    let ranges = """
      {"last_updated_timestamp": "2026", "regions": [
        {"region": "eu-frankfurt-1", "cidrs": [{"cidr": "192.0.2.0/24", "tags": ["OCI"]},
          {"cidr": "198.51.100.0/24", "tags": ["OSN"]}]},
        {"region": "us-phoenix-1", "cidrs": [{"cidr": "203.0.113.0/24", "tags": ["OCI"]}]}]}
      """
    #expect(
      try selected(ranges, "regions[region=eu-frankfurt-1].cidrs.cidr") == [
        "192.0.2.0/24", "198.51.100.0/24",
      ])
  }

  @Test("Fastly: a list of texts")
  func fastly() throws {
    let list = #"{"addresses": ["192.0.2.0\/24"], "ipv6_addresses": ["2001:db8::\/32"]}"#
    #expect(try selected(list, "addresses") == ["192.0.2.0/24"])
  }

  @Test("Arrays in arrays are flat, also the document itself; numbers are compared as they stand")
  func nesting() throws {
    let json = """
      [[{"a": [["192.0.2.1"], [["192.0.2.2"], []]], "n": 1.0, "b": true}],
       [{"a": "192.0.2.9", "n": 1, "b": false}]]
      """
    #expect(
      try selected(json, "a") == [
        "192.0.2.1", "192.0.2.2", "192.0.2.9",
      ])
    let inside = #"{"x": [[{"n": 1.0, "a": "192.0.2.1"}, {"n": 1, "a": "192.0.2.2"}]]}"#
    #expect(try problem(inside, "x[n=2].a").hasSuffix("no element of `x` has n=2"))
    #expect(try selected(inside, "x[n=1].a") == ["192.0.2.2"])
    #expect(
      try selected(#"{"x": {"on": true, "a": "192.0.2.3"}}"#, "x[on=true].a") == ["192.0.2.3"])
  }

  @Test(
    "What selects nothing, or no text, says where",
    arguments: [
      (#"{"a": 1}"#, "b", "there is no `b` in the document"),
      (#"{"a": {"c": 1}}"#, "a.b.c", "there is no `b` in `a`"),
      (#"{"a": []}"#, "a.b", "there is no `b` in `a`"),
      (#"{"a": []}"#, "a", "it is there, and empty"),
      (#"{"a": "192.0.2.1"}"#, "a.b", "there is no `b` in `a`"),
      (#"{"a": [192]}"#, "a", "at byte 8: `a` is a number, not the text of an address"),
      (#"{"a": null}"#, "a", "`a` is null, not the text"),
      (#"{"a": {"b": 1}}"#, "a", "`a` is an object"),
      (#"{"a": ["192.0.2.1/24"]}"#, "a", "`192.0.2.1/24` has host bits set"),
      (#"{"a": ["\u001b[2J"]}"#, "a", "`\\u{1b}[2J` is not"),
      (#"{"a": "192.0.2.1", "a": "192.0.2.2"}"#, "a", "`a` is there twice"),
      (#"{"x": [{"n": "1", "n": "2", "a": "192.0.2.2"}]}"#, "x[n=2].a", "`n` is there twice"),
      (#"{"a": "192.0.2.1"} x"#, "a", "text after the end"),
      (#"{"a": ["192.0.2.1""#, "a", "a comma or ]"),
      (#"{"a": ["192.0.2.1"]"#, "a", "a comma or }"),
      ("192.0.2.1\n", "a", "there is no `a` in the document"),
      ("", "a", "is empty"), ("<html>", "a", "is an HTML page, not JSON"),
    ])
  func nothing(json: String, path: String, expected: String) throws {
    let found = try problem(json, path)
    #expect(found.contains(expected), "\(found)")
  }

  @Test("What is nested too deeply is refused, and what is only skipped may be")
  func depth() throws {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(try problem(deep, "a").contains("nested deeper than 64"))
    #expect(try problem(#"{"a": \#(deep)}"#, "a[b=c].d").contains("nested deeper than 64"))
    #expect(try selected(#"{"b": \#(deep), "a": "192.0.2.1"}"#, "a") == ["192.0.2.1"])
  }
}
