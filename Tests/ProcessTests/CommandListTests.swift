import TestKit
import Testing

@Suite("gatehouse test and gatehouse list")
struct CommandListTests {
  private static let policy = """
    version: 1
    networks:
      office: {addresses: [203.0.113.0/24], except: [203.0.113.192/26]}
      vpn: [198.51.100.0/24]
    everyone: {from: [office]}
    groups: {helpdesk: {services: {sshd: {only_from: [vpn]}}}}
    users:
      bob:
        also_from:
          - {address: 198.51.100.7, description: home, until: 2099-12-31}
          - {address: 198.51.100.8, until: 2020-12-31}
          - {address: vpn, active: false}
    tests:
      - {user: bob, from: 198.51.100.7, expect: allow}
      - {user: eve, from: 203.0.113.200, expect: deny}

    """

  private let folder: TemporaryDirectory
  private let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try folder.write(Self.policy, to: "policy.yaml")
  }

  @Test("each test of a policy has a line, from a file and from standard input")
  func tests() throws {
    let outcome = try gatehouse(["test", path])
    #expect(outcome.status == 0)
    let lines = [
      "ok      policy.yaml:14  bob from 198.51.100.7 by sshd: allow",
      "ok      policy.yaml:15  eve from 203.0.113.200 by sshd: deny",
    ]
    #expect(outcome.output == (lines + ["ok  \(path): 2 tests", ""]).joined(separator: "\n"))
    #expect(
      try gatehouse(["test", "-"], input: Self.policy).output
        == (lines + ["ok  standard input: 2 tests", ""]).joined(separator: "\n"))
  }

  @Test("a test that fails says what it got, and the exit status is 1; without tests it is 0")
  func failing() throws {
    let changed = Self.policy.replacing("expect: deny", with: "expect: allow")
    let outcome = try gatehouse(["test", "-"], input: changed)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("failed  policy.yaml:15  eve from 203.0.113.200 by sshd\n"))
    #expect(outcome.output.contains("expected allow, got deny (not_listed) by policy.yaml:5\n"))
    #expect(outcome.output.hasSuffix("failed  standard input: 1 of 2 tests\n"))
    let json = try gatehouse(["test", "-", "--json"], input: changed).output
    #expect(json.contains(#""outcome":"no","error":null,"path":"standard input","failed":1,"#))
    let none = try gatehouse(["test", "-"], input: "version: 1\nblock: [192.0.2.1]\n")
    #expect(none.status == 0)
    #expect(none.output == "no tests  standard input has none\n")
  }

  @Test("a policy with an error has no tests to run")
  func broken() throws {
    let outcome = try gatehouse(["test", "-"], input: "version: 1\nblok: [192.0.2.1]\n")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("the policy on standard input has 1 error"))
    #expect(outcome.errors.contains("`gatehouse check -` lists them all"))
  }

  private func entries(_ arguments: [String]) throws -> [String] {
    let outcome = try gatehouse(["list", "--policy", path] + arguments)
    return outcome.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: " ").prefix(2).joined(separator: " ")
    }
  }

  @Test(
    "the entries that count are a line each, with what is taken away, and with --all the others")
  func everything() throws {
    let counting = [
      "everyone.from office", "groups.helpdesk.services.sshd.only_from vpn",
      "users.bob.also_from 198.51.100.7", "networks.office 203.0.113.0/24",
      "networks.vpn 198.51.100.0/24",
    ]
    #expect(try entries([]) == counting)
    let all = try gatehouse(["list", "--policy", path, "--all"]).output
    #expect(all.contains("203.0.113.0/24 except 203.0.113.192/26"))
    #expect(all.contains("inactive"))
    #expect(try entries(["--all"]).count == 7)
    #expect(try entries(["--at", "2020-01-01T00:00:00Z"]).count == 6)
  }

  @Test("they are shown by user, group, service and network; none is exit status 1")
  func filters() throws {
    #expect(try entries(["--user", "bob"]) == ["users.bob.also_from 198.51.100.7"])
    let helpdesk = ["groups.helpdesk.services.sshd.only_from vpn"]
    #expect(try entries(["--group", "helpdesk"]) == helpdesk)
    #expect(try entries(["--service", "sshd"]) == helpdesk)
    #expect(
      try entries(["--network", "vpn"]) == helpdesk + ["networks.vpn 198.51.100.0/24"])
    #expect(try gatehouse(["list", "--policy", path, "--user", "eve"]).status == 1)
  }

  @Test("JSON has everything of an entry")
  func json() throws {
    let output = try gatehouse(["list", "--policy", path, "--group", "helpdesk", "--json"]).output
    #expect(
      output.contains(
        #""path":"groups.helpdesk.services.sshd.only_from","scope":"group","name":"helpdesk","#
          + #""service":"sshd","key":"only_from","entry":"vpn","except":[],"description":null,"#
          + #""active":true,"since":null,"until":null,"counts":true,"rule":"policy.yaml:6""#))
  }
}
