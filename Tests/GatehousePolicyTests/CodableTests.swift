import Foundation
import Testing

@testable import GatehousePolicy

/// What crosses from the daemon to the command comes back as the value that it was.
@Suite("Values as JSON")
struct CodableTests {
  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func value<Value: Decodable>(_ json: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(json.utf8))
  }

  private func expectRoundTrip<Value: Codable & Equatable>(
    _ value: Value, _ text: String? = nil, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let written = try json(value)
    if let text { #expect(written == text, sourceLocation: sourceLocation) }
    #expect(try self.value(written) as Value == value, sourceLocation: sourceLocation)
  }

  @Test("a time is text, and loses nothing")
  func times() throws {
    try expectRoundTrip(
      Instant(microsecondsSinceEpoch: 1_795_262_400_000_001), "\"2026-11-21T12:00:00.000001Z\"")
    try expectRoundTrip(Instant.distantPast, "\"@-9223372036854775808\"")
    try expectRoundTrip(Instant.distantFuture, "\"@9223372036854775807\"")
    for text in ["\"2026-11-21\"", "\"@\"", "\"@9223372036854775808\"", "1795262400"] {
      #expect(throws: DecodingError.self) { try value(text) as Instant }
    }
  }

  @Test("a name is text, or its bytes if they are not UTF-8")
  func names() throws {
    try expectRoundTrip(Name("bob"), "\"bob\"")
    try expectRoundTrip(Name("e\u{301}"))
    try expectRoundTrip(Name("\u{e9}"))
    try expectRoundTrip(Name("a\u{1b}\u{0}\u{202e}"))
    try expectRoundTrip(Name(bytes: [0x62, 0xFF]), "[98,255]")
    #expect(throws: DecodingError.self) { try value("[256]") as Name }
  }

  @Test("an address is its text")
  func addresses() throws {
    try expectRoundTrip(try #require(IPAddress("198.51.100.7")), "\"198.51.100.7\"")
    try expectRoundTrip(try #require(IPAddress("2001:db8::1")), "\"2001:db8::1\"")
    #expect(throws: DecodingError.self) { try value("\"198.51.100.0/24\"") as IPAddress }
  }

  @Test("the kind of an origin is a field of its own")
  func origins() throws {
    let address = try #require(IPAddress("198.51.100.7"))
    try expectRoundTrip(
      Origin.address(address), #"{"address":"198.51.100.7","kind":"address"}"#)
    try expectRoundTrip(Origin.local, #"{"kind":"local"}"#)
    try expectRoundTrip(Origin.machine, #"{"kind":"self"}"#)
    try expectRoundTrip(Origin.unknown(.noAddress), #"{"kind":"unknown","why":"no_address"}"#)
    try expectRoundTrip(
      Origin.unknown(.notAnAddress), #"{"kind":"unknown","why":"origin_unknown"}"#)
    try expectRoundTrip(
      Origin.unknown(.session), #"{"kind":"unknown","why":"session_unclear"}"#)
    for text in [
      #"{"kind":"address"}"#, #"{"kind":"address","address":"local"}"#, #"{"kind":"Local"}"#,
      #"{"address":"198.51.100.7"}"#, #""local""#,
    ] {
      #expect(throws: DecodingError.self) { try value(text) as Origin }
    }
  }

  @Test("a scope is its kind and its name")
  func scopes() throws {
    let scopes: [Scope] = [
      .user("bob"), .group("wheel"), .role("admin"), .service("sshd"), .everyone, .breakGlass,
      .policy, .network("office"), .secondFactor(),
      .secondFactor(FactorSubject(.group, "wheel")), .authorize,
    ]
    #expect(Set(scopes.map(\.kind)) == Set(Scope.Kind.allCases))
    for scope in scopes { try expectRoundTrip(scope) }
    try expectRoundTrip(Scope.user("everyone"), #"{"kind":"user","name":"everyone"}"#)
    #expect(throws: DecodingError.self) { try value(#"{"kind":"user"}"#) as Scope }
  }

  @Test("a place keeps its file, line and column")
  func places() throws {
    try expectRoundTrip(
      SourceLocation(file: "policy.d/a:1.yaml", line: 3, column: 5),
      #"{"column":5,"file":"policy.d/a:1.yaml","line":3}"#)
  }

  @Test("an explanation comes back whole")
  func explanations() throws {
    let loaded = load(
      """
      version: 1
      networks: {office: [{address: 192.0.2.0/24, description: desks}]}
      everyone: {from: [office], requires_role: true}
      roles: {admin: {members: {groups: [wheel]}, only_from: [192.0.2.0/25]}}
      users: {bob: {also_from: [{address: 198.51.100.7, until: 2026-01-31}]}}
      services: {cron: {check: false}}
      block: [192.0.2.66]
      break_glass: {users: [rescue], from: [192.0.2.9]}
      """)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    for user in ["bob", "rescue", "al"] as [Name] {
      for groups in [nil, [], ["wheel"]] as [Set<Name>?] {
        for from in ["192.0.2.9", "192.0.2.66", "192.0.2.200", "198.51.100.7", "UNKNOWN"] {
          for (service, role) in [("sshd", nil), ("sshd", "admin"), ("sshd", "x"), ("cron", nil)]
            as [(Name, Name?)]
          {
            let login = Login(
              user: user, groups: groups, service: service, origin: Origin(remoteHost: from),
              time: Instant(microsecondsSinceEpoch: 1_795_262_400_000_000), role: role)
            try expectRoundTrip(policy.explain(login))
          }
        }
      }
    }
  }

  @Test("what is made of these comes back whole")
  func compounds() throws {
    let address = try #require(IPAddress("2001:db8::1"))
    let now = Instant(microsecondsSinceEpoch: 1_795_262_400_000_001)
    let place = SourceLocation(file: "policy.yaml", line: 3, column: 5)
    for groups in [nil, [], ["wheel", "staff"]] as [Set<Name>?] {
      try expectRoundTrip(
        Login(
          user: "bob", groups: groups, service: "sshd", origin: .address(address), time: now,
          role: "admin"))
    }
    try expectRoundTrip(
      Decision(
        verdict: .allow, reason: .notListed, roles: ["a", "b"], rule: place, wouldDeny: true,
        grant: "K7"))
    try expectRoundTrip(Decision(verdict: .ignore, reason: .notChecked))
    try expectRoundTrip(
      Grant(
        id: "K7", user: "bob", place: try #require(GrantPlace(.address(address))), service: "sshd",
        role: "admin", since: now, until: now, author: "root", why: "\u{1b}[0m"))
    try expectRoundTrip(
      Diagnostic(warning: .hiddenRule, location: place, message: "m", remedy: "r"))
    try expectRoundTrip(GrantLimits())
    try expectRoundTrip([Mode.off, .monitor, .enforce], #"["off","monitor","enforce"]"#)
    try expectRoundTrip([ListKey.from, .alsoFrom, .onlyFrom, .block, .addresses])
    try expectRoundTrip(Reason.allCases)
    try expectRoundTrip(WarningName.allCases)
  }
}
