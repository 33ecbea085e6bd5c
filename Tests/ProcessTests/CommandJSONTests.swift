import TestKit
import Testing

@testable import GatehouseReport

@Suite("What every subcommand does with --json, or with --quiet")
struct CommandJSONTests {
  private static func having(_ option: String) throws -> [KnownSubcommand] {
    try KnownSubcommand.all.get().filter { $0.options.contains(option) }
  }

  @Test("it has a definition in the schema of the reports, and no other subcommand has one")
  func definitions() throws {
    let known = try Self.having("json").map(\.name)
    #expect(known.count > 30)
    // A group's own name is that of its default subcommand; what a stream is of needs no --json.
    let defined = Set((ReportSchema.shapes + ReportSchema.lines).flatMap(\.commands))
    #expect(Set(known).subtracting(defined) == [])
    let names =
      (ReportSchema.shapes + ReportSchema.lines).map(\.name) + ReportSchema.parts.map(\.name)
    #expect(Set(names).count == names.count)
    if SchemaJudge.python != nil {
      #expect(try SchemaJudge.problems(of: [], by: ReportJudge.schema.get()) == [])
    }
    let others = defined.subtracting(known)
    #expect(
      others == [
        "sessions", "shadow", "feeds", "history", "pam undo", "explain --batch", "explain --factor",
        "where --factor",
      ])
  }

  @Test("misuse is a document on standard output, too")
  func misuse() throws {
    for subcommand in try Self.having("json") {
      let result = try gatehouse(subcommand.words + ["--json", "--no-such-option"])
      #expect(result.status == 2, "\(subcommand.name)")
      #expect(
        result.output.hasPrefix(#"{"version":1,"outcome":"misuse","error":{"message":""#),
        "\(subcommand.name): \(result)")
      #expect(result.errors.hasPrefix("gatehouse: error: "), "\(subcommand.name)")
    }
    let unknown = try gatehouse(["chekc", "--json"])
    #expect(unknown.output.contains(#""remedy":"did you mean `gatehouse check`?""#))
    #expect(try gatehouse(["chekc", "--", "--json"]).output == "")
  }

  @Test("what cannot be reached is a document on standard output, too")
  func unreachable() throws {
    for arguments in [
      ["check", "/nowhere"], ["test", "/nowhere"], ["list", "--policy", "/nowhere"],
      ["where", "bob", "--policy", "/nowhere"], ["who", "192.0.2.1", "--policy", "/nowhere"],
      ["explain", "bob", "192.0.2.1", "--policy", "/nowhere"], ["diff", "/nowhere", "/nowhere"],
      ["replay", "--policy", "/nowhere"], ["apply", "/nowhere"], ["shadow", "start", "/nowhere"],
      ["explain", "bob", "192.0.2.1", "--socket", "/nowhere"], ["status", "--socket", "/nowhere"],
      ["reload", "--socket", "/nowhere"], ["refresh", "--socket", "/nowhere"],
      ["grants", "--socket", "/nowhere"], ["revoke", "--all", "--socket", "/nowhere"],
      ["approve", "abcdefghjk", "--socket", "/nowhere"], ["shadow", "--socket", "/nowhere"],
      ["sessions", "--socket", "/nowhere"],
    ] {
      let result = try gatehouse(arguments + ["--json"])
      #expect(result.status == 3, "\(arguments): \(result)")
      #expect(
        result.output.hasPrefix(#"{"version":1,"outcome":"failed","error":{"message":""#),
        "\(arguments): \(result)")
      #expect(result.errors.hasPrefix("gatehouse: error: "), "\(arguments)")
    }
  }

  @Test("each that changes nothing and answers yes or no can be quiet, as gatehouse(1) says")
  func quietSubcommands() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let page = try readText("\(folder)/packaging/man/gatehouse.1")
    let item = try #require(page.split(separator: ".It Fl q , Fl Fl quiet\n").last)
    let named = try #require(item.split(separator: "\nWith\n").first).split(separator: "\n")
      .filter { $0.hasPrefix(".Cm ") }
      .flatMap { $0.dropFirst(".Cm ".count).dropLast(" .".count).split(separator: " , ") }
    let quiet = try Self.having("quiet").map(\.name)
    // Of a group, those that only show.
    let groups = [
      "sessions show": "sessions", "shadow show": "shadow", "history list": "history",
      "feeds list": "feeds",
    ]
    let expected = Set(quiet.map { groups[$0] ?? $0 }).subtracting(["history show", "feeds show"])
    #expect(Set(named.map { String($0) }) == expected)
    #expect(quiet.contains("history show"))
  }

  @Test("a quiet one prints nothing, with the same errors and exit status")
  func quiet() throws {
    let good = "Tests/GatehousePolicyTests/Vectors/example.yaml"
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let folder = try TemporaryDirectory()
    let empty = try folder.write("version: 1\n", to: "empty.yaml")
    let wrong = try folder.write("version: 1\nevryone: {}\n", to: "wrong.yaml")
    var statuses: Set<Int32> = []
    for arguments in [
      ["test", "\(root)/\(good)"], ["check", wrong], ["check", "/nowhere"], ["diff", empty, empty],
      ["diff", empty, "\(root)/\(good)"], ["where", "root", "--policy", empty],
      ["who", "192.0.2.1", "--policy", "\(root)/\(good)"], ["list", "--policy", empty],
      ["explain", "root", "192.0.2.1", "--policy", empty], ["status", "--socket", "/nowhere"],
    ] {
      let aloud = try gatehouse(arguments)
      for option in ["-q", "--quiet"] {
        let quiet = try gatehouse(arguments + [option])
        #expect(quiet.output == "", "\(arguments)")
        #expect(quiet.errors == aloud.errors, "\(arguments)")
        #expect(quiet.status == aloud.status, "\(arguments)")
      }
      statuses.insert(aloud.status)
    }
    #expect(statuses == [0, 1, 3])
    for arguments in [
      ["check", "--json"], ["status", "--json"], ["explain", "--batch"], ["log", "--follow"],
    ] {
      let misuse = try gatehouse(arguments + ["--quiet"])
      #expect(misuse.status == 2, "\(arguments)")
      #expect(misuse.errors.contains("--quiet"), "\(arguments): \(misuse)")
    }
  }
}
