import Testing

@testable import GatehousePolicy

@Suite("The message")
struct MessageTests {
  @Test("Placeholders are filled in, and what comes from outside is escaped")
  func expansion() throws {
    let template = try MessageTemplate("{user}@{host} {service}: {address} ({id})\nbye")
    #expect(
      template.expand(
        address: "192.0.2.1", user: "a\u{1B}[31m\n{id}", service: "sshd", host: "h", id: "x1")
        == "a\\u{1b}[31m\\u{a}{id}@h sshd: 192.0.2.1 (x1)\nbye")
  }

  @Test(
    "Anything else in braces is an error", arguments: ["{adress}", "{", "{}", "{{user}}", "a {id"])
  func unknown(text: String) {
    #expect(throws: MessageTemplate.UnknownPlaceholder.self) { try MessageTemplate(text) }
  }

  @Test("A policy without a message has one that quotes address and id")
  func standard() throws {
    let policy = try #require(load("version: 1").policy)
    let text = policy.message.expand(
      address: "192.0.2.1", user: "u", service: "s", host: "h", id: "abc")
    #expect(text.contains("192.0.2.1") && text.contains("abc"))
  }

  @Test("Names are shown without what a terminal would obey")
  func names() {
    #expect(Name(bytes: [0x61, 0x1B, 0xFF]).description == "a\\x1b\\xff")
    #expect(Name("é\u{202E}").description == "é\\u{202e}")
    #expect(Name("e\u{301}") != Name("\u{E9}"))
  }

  @Test(
    "The nearest name is the likely one",
    arguments: [
      ("ofice", "office"), ("OFFICE", "office"), ("offcie", "office"), ("vpm", "vpn"), ("xyz", nil),
      ("", nil), ("o", nil),
    ])
  func nearest(word: String, expected: String?) {
    #expect(nearestName(to: word, among: ["vpn", "office", "home-office"]) == expected)
  }
}
