import GatehouseFit
import GatehousePolicy
import Testing

@Suite("Whether a policy fits the machine")
struct PolicyFitTests {
  private var world = FitWorld()

  @Test("Names of the machine's own files and of the directory, spelt as it spells them, fit")
  func fitting() throws {
    world.directory.change {
      $0.users = ["alice": "alice"]
      $0.groups = ["staff": "staff"]
    }
    #expect(
      try world.found(
        """
        users: {alice: {only_from: [192.0.2.1]}, deploy: {only_from: [192.0.2.1]}}
        groups: {staff: {only_from: [192.0.2.1]}, wheel: {requires_user_list: true}}
        services: {dovecot: {from: [anywhere]}}
        """) == [])
  }

  private static let askedOccasions: [PolicyFit.Occasion] = [
    .check, .change(allowingUnknown: ["Deploy", "deploy@example.org", "Staff"]), .reload,
  ]

  @Test(
    "A name that the directory spells otherwise is an error, and says what to write",
    arguments: Self.askedOccasions)
  func otherSpelling(occasion: PolicyFit.Occasion) throws {
    world.directory.change {
      $0.users = ["Deploy": #"AD\deploy"#, "deploy@example.org": "deploy"]
      $0.groups = ["Staff": "staff"]
    }
    let policy = """
      users:
        Deploy: {only_from: [192.0.2.1]}
        deploy@example.org: {also_from: [192.0.2.1]}
      groups: {Staff: {also_from: [192.0.2.1]}}
      """
    #expect(
      try world.found(policy, at: occasion)
        == ["error other_spelling 4", "error other_spelling 5", "error other_spelling 6"])
    #expect(
      try world.diagnostics(policy, at: occasion).map(\.remedy) == [
        #"write `AD\deploy`, without double quotes"#, "write `deploy`", "write `staff`",
      ])
  }

  @Test("What the daemon starts with is not refused for a spelling")
  func spellingAtStart() throws {
    world.directory.change { $0.users = ["Deploy": "deploy"] }
    #expect(
      try world.found("users: {Deploy: {only_from: [192.0.2.1]}}", at: .start)
        == ["warning other_spelling 3"])
  }

  @Test(
    "A name with other programs' signs that nobody has is an error where somebody is there to read it",
    arguments: [
      "svc-*", "bob?", "!bob", "bob,carol", "@admins", "%sudo", "+bob", "-bob",
    ])
  func foreignNames(name: String) throws {
    let policy = "users: {'\(name)': {also_from: [192.0.2.1]}}"
    #expect(try world.found(policy, at: .check) == ["error foreign_name 3"])
    #expect(
      try world.found(policy, at: .change(allowingUnknown: [Name(name)]))
        == ["error foreign_name 3"])
    #expect(try world.found(policy, at: .reload) == ["warning foreign_name 3"])
    #expect(try world.found(policy, at: .start) == ["warning foreign_name 3"])
    world.directory.change { $0.isAway = true }
    #expect(try world.found(policy, at: .check) == ["warning foreign_name 3"])
    world.directory.change {
      $0.isAway = false
      $0.users = [Name(name): Name(name)]
    }
    #expect(try world.found(policy, at: .check) == [])
  }

  @Test("A user at a host, of whom the machine has the user, says to leave the host out")
  func userAtHost() throws {
    let found = try world.diagnostics("users: {deploy@example.org: {only_from: [192.0.2.1]}}")
    #expect(found.map(\.name) == ["unknown_user"])
    #expect(found[0].remedy?.hasPrefix("write `deploy`") == true)
  }

  @Test(
    "A confining rule of a name that nobody has is an error for whoever puts it in place, unless they say that it is right",
    arguments: [
      "users: {nemo: {only_from: [192.0.2.1]}}",
      "groups: {nemo: {only_from: [192.0.2.1]}}",
      "groups: {nemo: {requires_user_list: true}}",
      "roles: {r: {members: {users: [nemo]}, only_from: [192.0.2.1]}}",
      "roles: {r: {members: {groups: [nemo]}, requires_user_list: true}}",
    ])
  func confinedNobody(policy: String) throws {
    let kind = policy.contains("groups: ") ? "group" : "user"
    #expect(
      try world.found(policy, at: .change(allowingUnknown: [])) == ["error unknown_\(kind) 3"])
    for occasion: PolicyFit.Occasion in [
      .check, .reload, .start, .change(allowingUnknown: ["nemo"]),
    ] {
      #expect(try world.found(policy, at: occasion) == ["warning unknown_\(kind) 3"])
    }
  }

  @Test(
    "A rule that only adds is a warning for a name that nobody has, with the nearest that is there")
  func unknownNames() throws {
    let found = try world.diagnostics(
      "users: {deplyo: {also_from: [192.0.2.1]}}", at: .change(allowingUnknown: []))
    #expect(found.map(\.severity) == [.warning])
    #expect(found.map(\.remedy) == ["did you mean `deploy`?"])
  }

  @Test("Users of a service whose accounts are not the machine's may be unknown")
  func virtualAccounts() throws {
    #expect(
      try world.found(
        """
        users: {nemo: {only_from: [192.0.2.1]}}
        services: {dovecot: {accounts: virtual}}
        """, at: .change(allowingUnknown: [])) == ["warning unknown_user 3"])
  }

  @Test("A directory that is away makes a warning of what it was to say")
  func away() throws {
    world.directory.change { $0.isAway = true }
    let policy = """
      users: {nemo: {only_from: [192.0.2.1]}}
      groups: {nemo: {only_from: [192.0.2.1]}}
      """
    #expect(
      try world.found(policy, at: .change(allowingUnknown: []))
        == ["warning user_not_read 3", "warning group_not_read 4"])
  }

  @Test("A directory that hangs costs no more than the time, and is said once for all names")
  func stuck() throws {
    world.directory.change { $0.isStuck = true }
    defer { world.directory.change { $0.isStuck = false } }
    let found = try world.diagnostics(
      "users: {a: {only_from: [192.0.2.1]}, b: {only_from: [192.0.2.1]}}",
      within: .milliseconds(100))
    #expect(found.map(\.name) == ["user_not_read"])
    #expect(found[0].message.contains("`a` and 1 more"))
  }

  @Test("A name in double quotes in which a backslash made a tab is told how to be written")
  func backslash() throws {
    let found = try world.diagnostics(#"groups: {"AD\team": {only_from: [192.0.2.1]}}"#)
    #expect(found.map(\.name) == ["unknown_group"])
    #expect(
      found.map(\.remedy) == [
        #"between double quotes a backslash makes another character: write 'AD\team'"#
      ])
  }

  @Test("A service without a file of PAM is warned of, with the nearest that has one")
  func unknownService() throws {
    for name in ["ssh", "SSHD", "shd"] {
      let found = try world.diagnostics("services: {\(name): {from: [192.0.2.1]}}")
      #expect(found.map(\.name) == ["unknown_service"])
      #expect(found.map(\.remedy) == ["did you mean `sshd`?"])
    }
  }

  @Test(
    "An address of the machine in a list, and a break-glass user of the directory alone, are warned of"
  )
  mutating func machine() throws {
    world.machine.addresses = [try #require(IPAddress("192.0.2.7"))]
    world.machine.localUsers = ["deploy"]
    world.directory.change { $0.users = ["root": "root"] }
    #expect(
      try world.found("everyone: {from: [192.0.2.0/24]}")
        == ["warning no_break_glass 2", "warning own_address 3"])
  }
}
