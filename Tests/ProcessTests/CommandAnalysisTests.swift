import TestKit
import Testing

@Suite("gatehouse where and who, asking a policy")
struct CommandAnalysisTests {
  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    roles: {admin: {members: {users: [ann]}, from: [192.0.2.8/29]}}
    groups: {staff: {also_from: [198.51.100.0/24]}, root: {also_from: [203.0.113.0/28]}}
    users:
      ann: {also_from: [{address: 203.0.113.99, until: 2026-12-31}]}
      jim: {only_from: [nowhere]}
    services: {ftp: {check: false}, imap: {from: [nowhere]}}

    """

  private let folder: TemporaryDirectory
  private let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try folder.write(Self.policy, to: "policy.yaml")
  }

  private func ask(_ arguments: String) throws -> ProcessResult {
    try gatehouse(arguments.split(separator: " ").map(String.init) + ["--policy", path])
  }

  @Test(
    "where: the exit status says whether there is any address, the JSON which",
    arguments: [
      ("eve", 0, #"["192.0.2.0/24"]"#),
      ("eve --group staff", 0, #"["192.0.2.0/24","198.51.100.0/24"]"#),
      ("root", 0, #"["192.0.2.0/24","203.0.113.0/28"]"#),
      ("ann --at 2026-12-31T23:59:59Z", 0, #"["192.0.2.0/24","203.0.113.99"]"#),
      ("ann --at 2027-01-01T00:00:00Z", 0, #"["192.0.2.0/24"]"#),
      ("ann --role admin", 0, #"["192.0.2.8/29"]"#),
      ("eve --role admin", 1, "[]"),
      ("jim", 1, "[]"),
      ("eve --service imap", 1, "[]"),
      ("eve --service ftp", 0, #"["0.0.0.0/0","::/0"]"#),
    ])
  func places(arguments: String, status: Int32, prefixes: String) throws {
    let outcome = try ask("where \(arguments) --json")
    #expect(outcome.status == status)
    #expect(outcome.output.contains("\"prefixes\":\(prefixes),\"allowed\":["), "\(outcome)")
    #expect(outcome.output.split(separator: "\n").count == 1)
    #expect(outcome.errors == "")
  }

  @Test("where without --json prints text")
  func text() throws {
    let outcome = try ask("where root")
    #expect(outcome.output.hasPrefix("root may log in from the addresses below\n"))
  }

  @Test("where says first that the machine has no such user, in both forms")
  func unknownUser() throws {
    let notice =
      "There is no user gh-nobody-x on this machine. The answer is for a user in no group."
    #expect(
      try ask("where gh-nobody-x").output.hasPrefix(
        "\(notice)\ngh-nobody-x may log in from the addresses below\n"))
    #expect(
      try ask("where gh-nobody-x --json").output.hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"notices":["\#(notice)"],"#))
  }

  @Test(
    "who: the exit status says whether there is anybody; users of NSS and of the policy are asked about",
    arguments: [
      ("192.0.2.1", 0, "everyone else"),
      ("203.0.113.1", 0, "  root\n"),
      ("203.0.113.99 --at 2026-12-31T00:00:00Z", 0, "  ann (not found)\n"),
      ("203.0.113.99 --at 2027-01-01T00:00:00Z", 1, "NOBODY  "),
      ("192.0.2.1 --service imap", 1, "NOBODY  "),
      ("::ffff:192.0.2.1", 0, "may log in from 192.0.2.1\n"),
    ])
  func people(arguments: String, status: Int32, text: String) throws {
    let outcome = try ask("who --from \(arguments)")
    #expect(outcome.status == status)
    #expect(outcome.output.contains(text), "\(outcome)")
    #expect(!outcome.output.contains("jim"))
    #expect(outcome.errors == "")
  }

  @Test(
    "misuse exits 2 and says how it is used",
    arguments: [
      "where", "where eve --at noon", "where eve --group", "who", "who --from host.example",
      "who --from Local",
    ])
  func misuse(arguments: String) throws {
    let outcome = try ask(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("gatehouse: hint: `gatehouse wh"), "\(outcome)")
  }

  @Test(
    "a policy that is not there, or has an error, exits 3",
    arguments: ["where eve", "who --from 192.0.2.1"])
  func unreachable(arguments: String) throws {
    let words = arguments.split(separator: " ").map(String.init)
    let missing = try gatehouse(words + ["--policy", folder.file("missing")])
    #expect(missing.status == 3)
    #expect(missing.errors.contains("No such file or directory"))
    let broken = try folder.write("version: 1\nevryone: {}\n", to: "broken.yaml")
    let outcome = try gatehouse(words + ["--policy", broken])
    #expect(outcome.status == 3)
    #expect(outcome.errors.hasPrefix("broken.yaml:2:1: error: "))
  }
}
