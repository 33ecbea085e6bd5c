import Testing

@testable import GatehousePolicy

@Suite("Changing single entries of a policy's text")
struct EntryEditTests {
  private func snapshot(_ files: [String: String]) -> PolicySnapshot {
    PolicySnapshot(
      policyFiles: files.map { .init(name: $0.key, content: .bytes(Array($0.value.utf8))) })
  }

  private func text(_ snapshot: PolicySnapshot, _ name: String = "policy.yaml") -> String {
    for file in snapshot.policyFiles where file.name == name {
      if case .bytes(let bytes) = file.content { return String(decoding: bytes, as: UTF8.self) }
    }
    return ""
  }

  private func login(_ user: Name, _ address: String) -> Login {
    Login(
      user: user, groups: [], service: "sshd", origin: Origin(remoteHost: address), time: .now())
  }

  /// One change, and the text before and after it.
  struct Change: CustomTestStringConvertible, Sendable {
    let list: EditedList
    let address: String
    let old: String
    let new: String
    var kind: EntryEdit.Step.Kind

    var testDescription: String { "\(list) \(address) \(kind)" }
  }

  static let bob = EditedList.user("bob", service: nil)

  @Test(
    "an entry is taken out of any layout, and the comments stay",
    arguments: [
      Change(
        list: .block, address: "192.0.2.1",
        old: "version: 1\nblock: [192.0.2.1, 192.0.2.2]  # two\n",
        new: "version: 1\nblock: [192.0.2.2]  # two\n", kind: .removed),
      Change(
        list: .block, address: "192.0.2.2", old: "version: 1\nblock: [192.0.2.1, 192.0.2.2]\n",
        new: "version: 1\nblock: [192.0.2.1]\n", kind: .removed),
      Change(
        list: .block, address: "192.0.2.2",
        old: "version: 1\nblock: [\n  192.0.2.1,  # one\n  192.0.2.2  # two\n]\n",
        new: "version: 1\nblock: [\n  192.0.2.1  # one\n    # two\n]\n", kind: .removed),
      Change(
        list: .block, address: "192.0.2.1",
        old: "version: 1\nblock: [\n  192.0.2.1,\n  '192.0.2.2'\n]\n",
        new: "version: 1\nblock: [\n  '192.0.2.2'\n]\n", kind: .removed),
      Change(
        list: .block, address: "192.0.2.1",
        old:
          "version: 1\nblock:\n# all\n- address: 192.0.2.1  # one\n  # why\n  active: false\n\n- 192.0.2.2",
        new: "version: 1\nblock:\n# all\n# one\n# why\n\n- 192.0.2.2", kind: .removed),
      // The last entry: where an empty list means the same as none, the key goes.
      Change(
        list: .block, address: "192.0.2.1",
        old: "version: 1\n# bad\nblock: [192.0.2.1] # only\nmode: enforce\n",
        new: "version: 1\n# bad\n# only\nmode: enforce\n", kind: .removedWithList),
      Change(
        list: bob, address: "192.0.2.1",
        old:
          "version: 1\nusers:\n  # Bob\n  bob:\n    also_from:\n      - 192.0.2.1\n  eve: {only_from: [192.0.2.9]}\n",
        new: "version: 1\nusers:\n  # Bob\n  eve: {only_from: [192.0.2.9]}\n",
        kind: .removedWithList),
      Change(
        list: bob, address: "192.0.2.1",
        old: #"{"version": 1, "users": {"bob": {"also_from": ["192.0.2.1"]}}, "mode": "off"}"#,
        new: #"{"version": 1, "mode": "off"}"#, kind: .removedWithList),
      // Where it means more, nobody gets in by it.
      Change(
        list: bob, address: "192.0.2.1",
        old: "version: 1\nusers:\n  bob:\n    only_from:\n      - 192.0.2.1 # home\n",
        new: "version: 1\nusers:\n  bob:\n    only_from:\n      - nowhere # home\n", kind: .emptied),
      Change(
        list: .network("office"), address: "192.0.2.0/24",
        old: "version: 1\nnetworks:\n  office: {addresses: [192.0.2.*], description: us}\n"
          .replacing(
            "192.0.2.*", with: "\"192.0.2.*\""),
        new: "version: 1\nnetworks:\n  office: {addresses: [nowhere], description: us}\n",
        kind: .emptied),
      // A network that is got from elsewhere needs no addresses of its own.
      Change(
        list: .network("home"), address: "192.0.2.1",
        old: "version: 1\nnetworks:\n  home: {addresses: [192.0.2.1], name: a.example.net}\n",
        new: "version: 1\nnetworks:\n  home: {name: a.example.net}\n", kind: .removedWithList),
    ])
  func removals(_ change: Change) throws {
    let edit = try snapshot(["policy.yaml": change.old]).removing(
      [TypedEntry(change.address)], from: change.list)
    #expect(text(edit.snapshot) == change.new)
    #expect(edit.steps.map(\.kind) == [change.kind])
    #expect(Policy.load(edit.snapshot).policy != nil)
  }

  @Test(
    "an entry is put into any layout, which stays",
    arguments: [
      Change(
        list: .block, address: "192.0.2.1", old: "version: 1\n# end",
        new: "version: 1\n# end\nblock: [192.0.2.1]\n", kind: .addedWithList),
      Change(
        list: .block, address: "2001:db8::/32", old: "version: 1\r\nblock:\r\n  - 192.0.2.1\r\n",
        new: "version: 1\r\nblock:\r\n  - \"2001:db8::/32\"\r\n  - 192.0.2.1\r\n", kind: .added),
      Change(
        list: .network("office"), address: "10.0.0.0/8",
        old:
          "\u{FEFF}version: 1\nnetworks:\n  office:\n    description: us\n    addresses: [192.0.2.1]\n",
        new:
          "\u{FEFF}version: 1\nnetworks:\n  office:\n    description: us\n    addresses: [10.0.0.0/8, 192.0.2.1]\n",
        kind: .added),
      Change(
        list: .network("vpn"), address: "10.0.0.0/8", old: "version: 1\n",
        new: "version: 1\nnetworks: {vpn: [10.0.0.0/8]}\n", kind: .addedWithList),
      // The list that confines is the one that counts; nowhere goes.
      Change(
        list: bob, address: "192.0.2.1",
        old: "version: 1\nusers: {bob: {also_from: [192.0.2.9], only_from: [nowhere]}}\n",
        new: "version: 1\nusers: {bob: {also_from: [192.0.2.9], only_from: [192.0.2.1]}}\n",
        kind: .added),
      Change(
        list: .user("bob", service: "sshd"), address: "192.0.2.1",
        old: "version: 1\nusers:\n  bob: {only_from: [192.0.2.9]}\n",
        new:
          "version: 1\nusers:\n  bob: {services: {sshd: {also_from: [192.0.2.1]}}, only_from: [192.0.2.9]}\n",
        kind: .addedWithList),
      Change(
        list: .network("home"), address: "192.0.2.1",
        old: "version: 1\nnetworks:\n  home:\n    name: a.example.net  # ours\n",
        new:
          "version: 1\nnetworks:\n  home:\n    addresses: [192.0.2.1]\n    name: a.example.net  # ours\n",
        kind: .added),
    ])
  func additions(_ change: Change) throws {
    let edit = try snapshot(["policy.yaml": change.old]).adding(
      [TypedEntry(change.address)], to: change.list)
    #expect(text(edit.snapshot) == change.new)
    #expect(edit.steps.map(\.kind) == [change.kind])
    #expect(Policy.load(edit.snapshot).policy != nil)
  }

  @Test("an end, a description and active: false are written in the long form; JSON stays JSON")
  func details() throws {
    var entry = try TypedEntry("192.0.2.1")
    try entry.describe("Bob's \"home\", #1: C:\\")
    try entry.end("2099-01-31T18:00:00Z")
    entry.deactivate()
    let yaml = try snapshot(["policy.yaml": "version: 1\n"]).adding([entry], to: .block)
    #expect(
      text(yaml.snapshot)
        == #"""
        version: 1
        block: [{address: 192.0.2.1, description: "Bob's \"home\", #1: C:\\", until: "2099-01-31T18:00:00Z", active: false}]

        """#)
    let json = try snapshot(["policy.yaml": #"{"version": 1}"#]).adding([entry], to: .block)
    #expect(
      text(json.snapshot)
        == #"{"block": [{"address": "192.0.2.1", "description": "Bob's \"home\", #1: C:\\", "#
        + #""until": "2099-01-31T18:00:00Z", "active": false}], "version": 1}"#)
    for edited in [yaml, json] {
      let listed = try #require(Policy.load(edited.snapshot).policy?.listedEntries.first)
      #expect(listed.comment == #"Bob's "home", #1: C:\"#)
      #expect(!listed.isActive)
      #expect(listed.until == Instant(rfc3339: "2099-01-31T18:00:00Z"))
    }
  }

  @Test(
    "what is no entry, or ends before now, is refused with what would be right",
    arguments: ["1.2.3", "192.0.2.1/24", "fe80::1%eth0", "local", "host.example", ""])
  func wrongAddress(_ text: String) {
    #expect(throws: EntryProblem.self) { try TypedEntry(text) }
  }

  @Test("an end that is over, or none, and an empty description are refused")
  func wrongDetails() throws {
    var entry = try TypedEntry("192.0.2.1")
    #expect(throws: EntryProblem.self) { try entry.end("2001-01-01") }
    #expect(throws: EntryProblem.self) { try entry.end("tomorrow") }
    #expect(throws: EntryProblem.self) { try entry.describe("") }
    #expect(throws: EntryProblem.self) { try entry.describe("a\u{1B}[2J") }
  }

  @Test(
    "an entry that is there, however it is written, is said to be there; with other details not")
  func present() throws {
    let old = snapshot([
      "policy.yaml": "version: 1\nblock: ['192.0.2.*', {address: 192.0.3.1, until: 2099-01-01}]\n"
    ])
    let edit = try old.adding([TypedEntry("192.0.2.0/24")], to: .block)
    #expect(!edit.isChange)
    #expect(edit.snapshot == old)
    #expect(edit.steps.first?.location?.fileAndLine == "policy.yaml:2")
    #expect {
      try old.adding([TypedEntry("192.0.3.1")], to: .block)
    } throws: {
      ($0 as? EntryProblem)?.message
        == "block has 192.0.3.1 already, with other details: policy.yaml:2"
    }
  }

  @Test("an entry is taken out of each file that has it, and the files in which it is not stay")
  func files() throws {
    let old = snapshot([
      "policy.yaml": "version: 1\nblock: [192.0.2.1]\n",
      "policy.d/a.yaml": "version: 1\nblock:\n  - 192.0.2.1\n  - 192.0.2.2\n",
      "policy.d/b.yaml": "version: 1\nusers: {bob: {also_from: [192.0.2.1]}}\n",
    ])
    let edit = try old.removing([TypedEntry("192.0.2.1")], from: .block)
    #expect(text(edit.snapshot) == "version: 1\n")
    #expect(text(edit.snapshot, "policy.d/a.yaml") == "version: 1\nblock:\n  - 192.0.2.2\n")
    #expect(text(edit.snapshot, "policy.d/b.yaml") == text(old, "policy.d/b.yaml"))
    #expect(edit.steps.map(\.file).sorted() == ["policy.d/a.yaml", "policy.yaml"])
    // A user stays in the file that has them.
    let allowed = try old.adding([TypedEntry("192.0.2.7")], to: Self.bob)
    #expect(allowed.steps.map(\.file) == ["policy.d/b.yaml"])
  }

  @Test("what has no entry of its own is not taken out: it is said what holds it, and what to do")
  func elsewhere() throws {
    let old = snapshot([
      "policy.yaml": """
      version: 1
      networks:
        hq: [203.0.113.0/24, 198.51.100.7]
        office: [hq]
      everyone: {from: [office]}
      users:
        bob: {services: {sshd: {also_from: [192.0.2.1]}}}
        eve: {only_from: [192.0.2.9]}
      block: [10.0.0.0/8]

      """
    ])
    func problem(_ address: String, _ list: EditedList, _ user: Name = "bob") -> EntryProblem? {
      do {
        _ = try old.removing(
          [TypedEntry(address)], from: list, of: login(user, address))
        return nil
      } catch { return error }
    }
    let wider = problem("203.0.113.5", Self.bob)
    #expect(
      wider?.message
        == "users.bob has no entry 203.0.113.5; it is admitted from everyone.from by office, hq, "
        + "which has 203.0.113.0/24 (policy.yaml:3)")
    #expect(
      wider?.remedy
        == "give that entry `except: [203.0.113.5]`: `gatehouse edit policy.yaml`")
    #expect(
      problem("198.51.100.7", Self.bob)?.remedy == "`gatehouse network remove hq 198.51.100.7`")
    #expect(
      problem("192.0.2.1", Self.bob)?.remedy == "`gatehouse disallow bob 192.0.2.1 --service sshd`")
    #expect(
      problem("198.51.100.7", .user("eve", service: nil), "eve")?.message
        == "users.eve has no entry 198.51.100.7, and eve may not log in from there: confined, "
        + "policy.yaml:8")
    #expect(
      problem("10.1.2.3", .block)?.message
        == "block has no entry 10.1.2.3; it is blocked by block by 10.0.0.0/8 (policy.yaml:9)")
    #expect(
      problem("192.0.2.77", .block)?.message
        == "block has no entry 192.0.2.77, and nothing blocks it")
    #expect(
      problem("198.51.100.7", .network("office"))?.remedy
        == "`gatehouse network remove hq 198.51.100.7`")
    #expect(problem("192.0.2.1", .network("ofice"))?.remedy == "did you mean `office`?")
    #expect(problem("192.0.2.1", .network("office"))?.remedy == nil)
  }

  @Test("what an entry names has to be there, and a network's name has to be one")
  func names() throws {
    let old = snapshot(["policy.yaml": "version: 1\nnetworks: {office: [192.0.2.1]}\n"])
    #expect {
      try old.adding([TypedEntry("ofice")], to: Self.bob)
    } throws: {
      ($0 as? EntryProblem)?.remedy == "did you mean `office`?"
    }
    #expect(throws: EntryProblem.self) {
      try old.adding([TypedEntry("192.0.2.1")], to: .network("10.0.0.0"))
    }
    #expect(throws: EntryProblem.self) {
      try old.adding([TypedEntry("192.0.2.1")], to: .network("anywhere"))
    }
    #expect(throws: EntryProblem.self) {
      try snapshot(["policy.yaml": "version: 1\nblok: []\n"]).adding(
        [TypedEntry("192.0.2.1")], to: .block)
    }
  }

  @Test("a policy that was written by changes alone is the one that is written by hand")
  func sameAsByHand() throws {
    var home = try TypedEntry("198.51.100.7")
    try home.end("2099-12-31")
    try home.describe("home")
    var made = snapshot(["policy.yaml": "version: 1\n"])
    made = try made.adding(
      [TypedEntry("203.0.113.0/24"), TypedEntry("2001:db8:1::/48")], to: .network("office")
    ).snapshot
    made = try made.adding([TypedEntry("10.15.1.*")], to: .network("vpn")).snapshot
    made = try made.adding([home, TypedEntry("office")], to: Self.bob).snapshot
    made = try made.adding([TypedEntry("vpn")], to: .user("eve", service: "sshd")).snapshot
    made = try made.adding([TypedEntry("192.0.2.66"), TypedEntry("192.0.2.67")], to: .block)
      .snapshot
    made = try made.removing([TypedEntry("192.0.2.67")], from: .block).snapshot
    let byHand = snapshot([
      "policy.yaml": """
      version: 1
      networks:
        vpn: ["10.15.1.*"]
        office:
          - 203.0.113.0/24
          - "2001:db8:1::/48"
      block:
        - 192.0.2.66
      users:
        eve:
          services:
            sshd: {also_from: [vpn]}
        bob:
          also_from:
            - {address: 198.51.100.7, until: 2099-12-31, description: home}
            - office

      """
    ])
    func said(_ snapshot: PolicySnapshot) throws -> FileContent {
      try #require(
        FileContent(file: "policy.yaml", bytes: Array(text(snapshot).utf8)))
    }
    #expect(try said(made) == said(byHand))
    let (old, new) = (
      try #require(Policy.load(byHand).policy), try #require(Policy.load(made).policy)
    )
    let comparison = PolicyComparison(old: old, new: new, from: .now())
    for subject in [Subject.user("bob", groups: []), .user("eve", groups: []), .everyoneElse] {
      #expect(comparison.difference(for: subject).parts.isEmpty)
    }
  }
}
