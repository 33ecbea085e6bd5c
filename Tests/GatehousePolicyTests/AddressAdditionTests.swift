import GatehouseReport
import Testing

@testable import GatehousePolicy

@Suite("Adding an address to a policy's text")
struct AddressAdditionTests {
  private func login(_ user: Name, _ address: String, groups: Set<Name> = []) -> Login {
    Login(
      user: user, groups: groups, service: "sshd", origin: Origin(remoteHost: address),
      time: .now())
  }

  private func snapshot(_ files: [(String, String)]) -> PolicySnapshot {
    PolicySnapshot(
      policyFiles: files.map { .init(name: $0.0, content: .bytes(Array($0.1.utf8))) })
  }

  private func text(_ snapshot: PolicySnapshot, _ name: String = "policy.yaml") -> String {
    for file in snapshot.policyFiles where file.name == name {
      if case .bytes(let bytes) = file.content { return String(decoding: bytes, as: UTF8.self) }
    }
    return ""
  }

  @Test(
    "the address of alice comes into the text, and nothing else changes",
    arguments: [
      // No users yet.
      (
        "version: 1\neveryone: {from: [192.0.2.0/24]}  # office",
        "version: 1\neveryone: {from: [192.0.2.0/24]}  # office\n"
          + "users: {alice: {also_from: [198.51.100.7]}}\n"
      ),
      // Users, but not alice; the comment above bob stays bob's.
      (
        "version: 1\neveryone: {from: [192.0.2.0/24]}\nusers:  # people\n  # Bob\n  bob: "
          + "{only_from: [192.0.2.1]}\n",
        "version: 1\neveryone: {from: [192.0.2.0/24]}\nusers:  # people\n  alice: "
          + "{also_from: [198.51.100.7]}\n  # Bob\n  bob: {only_from: [192.0.2.1]}\n"
      ),
      // Alice with a list in brackets.
      (
        "version: 1\neveryone: {from: [192.0.2.0/24]}\nusers: {alice: {also_from: [ 192.0.2.1]}}",
        "version: 1\neveryone: {from: [192.0.2.0/24]}\n"
          + "users: {alice: {also_from: [198.51.100.7,  192.0.2.1]}}"
      ),
      // Alice with a list in lines, with and without an indent.
      (
        "version: 1\nusers:\n  alice:\n    only_from:\n      - 192.0.2.1  # home\n",
        "version: 1\nusers:\n  alice:\n    only_from:\n      - 198.51.100.7\n      - 192.0.2.1  # home\n"
      ),
      (
        "version: 1\nusers:\n  alice:\n    only_from:\n    # home\n    - 192.0.2.1\n",
        "version: 1\nusers:\n  alice:\n    only_from:\n    - 198.51.100.7\n    # home\n    - 192.0.2.1\n"
      ),
      // JSON stays JSON.
      (
        #"{"version": 1, "everyone": {"from": ["192.0.2.0/24"]}}"#,
        #"{"users": {"alice": {"also_from": ["198.51.100.7"]}}, "version": 1, "#
          + #""everyone": {"from": ["192.0.2.0/24"]}}"#
      ),
      // Where only a group's list stands in the way, that list.
      (
        "version: 1\ngroups:\n  wheel: {only_from: [192.0.2.1]}\n",
        "version: 1\ngroups:\n  wheel: {only_from: [198.51.100.7, 192.0.2.1]}\n"
      ),
    ])
  func texts(_ old: String, _ new: String) throws {
    let login = login("alice", "198.51.100.7", groups: ["wheel"])
    let addition = try #require(snapshot([("policy.yaml", old)]).adding(originOf: login))
    #expect(text(addition.snapshot) == new)
    #expect(addition.amendments.text.contains("198.51.100.7"))
  }

  @Test("an address of IPv6, and a name that is no plain word, are put in quotes")
  func quotes() throws {
    let old = snapshot([("policy.yaml", "version: 1\neveryone: {from: [192.0.2.0/24]}\n")])
    let addition = try #require(old.adding(originOf: login("a b", "2001:db8::7")))
    #expect(text(addition.snapshot).contains(#"users: {"a b": {also_from: ["2001:db8::7"]}}"#))
  }

  @Test("it goes into the file that has the users")
  func files() throws {
    let main = "version: 1\neveryone: {from: [192.0.2.0/24]}\n"
    let people = "version: 1\nusers:\n  bob: {only_from: [192.0.2.1]}\n"
    let old = snapshot([("policy.yaml", main), ("policy.d/people.yaml", people)])
    let addition = try #require(old.adding(originOf: login("alice", "198.51.100.7")))
    #expect(text(addition.snapshot) == main)
    #expect(
      text(addition.snapshot, "policy.d/people.yaml")
        == "version: 1\nusers:\n  alice: {also_from: [198.51.100.7]}\n  bob: {only_from: [192.0.2.1]}\n"
    )
  }

  @Test(
    "what an address cannot mend, or does not have to, is left alone",
    arguments: [
      "version: 1\nblock: [198.51.100.0/24]\n", "version: 1\n", "version: 1\nevery: [\n",
      "version: 1\nroles: {r: {members: {users: [bob]}}}\neveryone: {requires_role: true}\n",
    ])
  func nothing(_ text: String) {
    #expect(
      snapshot([("policy.yaml", text)]).adding(originOf: login("alice", "198.51.100.7")) == nil)
  }
}
