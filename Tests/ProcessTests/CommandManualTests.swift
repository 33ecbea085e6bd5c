import TestKit
import Testing

@testable import GatehouseReport

@Suite("The manual pages of the command")
struct CommandManualTests {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/packaging/man"

  @Test("each whole policy in gatehouse-policy(5) loads, and its tests pass")
  func policies() throws {
    let page = try readText("\(Self.folder)/gatehouse-policy.5")
    let blocks = page.split(separator: ".Bd -literal -offset indent\n").dropFirst()
    let policies = blocks.compactMap { $0.split(separator: ".Ed").first }
      .filter { $0.hasPrefix("version:") }
    #expect(policies.count == 2)
    let folder = try TemporaryDirectory()
    for policy in policies {
      let path = try folder.write(String(policy), to: "policy.yaml")
      let outcome = try gatehouse(["check", "--policy", path])
      #expect(outcome.status == 0, "\(outcome.output)")
    }
  }

  @Test("gatehouse(1) has everything that status may say to need attention")
  func attention() throws {
    let terms = try readText("\(Self.folder)/gatehouse.1").split(separator: "\n")
      .filter { $0.hasPrefix(".It Sy ") }.map { $0.dropFirst(".It Sy ".count) }
    for name in Attention.Name.allCases {
      #expect(terms.contains { $0 == name.rawValue }, "\(name.rawValue)")
    }
  }

  @Test("gatehouse(1) has every outcome of the reports")
  func outcomes() throws {
    let page = try readText("\(Self.folder)/gatehouse.1")
    let section = try #require(
      page.split(separator: ".Sh JSON\n").last?.split(separator: ".Sh ").first)
    let words = Set(section.split { !$0.isLetter && $0 != "_" })
    for outcome in Set(ReportSchema.shapes.flatMap(\.outcomes)) {
      #expect(words.contains { $0 == outcome }, "\(outcome)")
    }
  }

  /// The groups of subcommands in the command's help, in order.
  private static func groups(
    ofHelp help: String
  ) -> [(name: Substring, subcommands: [Substring])] {
    let options = help.firstRange(of: "\nOPTIONS:\n").map { help[$0.upperBound...] } ?? ""
    var groups: [(name: Substring, subcommands: [Substring])] = []
    for line in options.split(separator: "\n") {
      if let name = line.wholeMatch(of: /([A-Z ]+):/)?.output.1 {
        groups.append((name, []))
      } else if let name = line.prefixMatch(of: /\ \ ([a-z]+)/)?.output.1, !groups.isEmpty {
        groups[groups.count - 1].subcommands.append(name)
      }
    }
    return groups
  }

  @Test("gatehouse(1) has the groups of the help, with the same subcommands")
  func groups() throws {
    let page = try readText("\(Self.folder)/gatehouse.1")
    let groups = Self.groups(ofHelp: try gatehouse(["--help"]).output)
    #expect(groups.count >= 5)
    let items = page.matches(of: /\.It Sy (.+)\n\.Cm (.+)\n/).map(\.output)
    #expect(items.map { $0.1.uppercased() } == groups.map { String($0.name) })
    #expect(items.map { $0.2.split(separator: " , ") } == groups.map(\.subcommands))
  }

  @Test("gatehouse(1) has every subcommand in each of its parts, and every option of their help")
  func subcommands() throws {
    let page = try readText("\(Self.folder)/gatehouse.1")
    let help = try gatehouse(["--help"]).output
    let groups = Self.groups(ofHelp: help)
    let subcommands = groups.flatMap(\.subcommands)
    #expect(subcommands.count >= 4)
    func words(of section: String) throws -> Set<Substring> {
      let text = try #require(page.split(separator: ".Sh \(section)\n").last)
      let end = text.firstRange(of: ".Sh ")?.lowerBound ?? text.endIndex
      return Set(text[..<end].split { $0 == " " || $0 == "\n" })
    }
    let (synopsis, status) = (try words(of: "SYNOPSIS"), try words(of: "EXIT STATUS"))
    for subcommand in subcommands {
      #expect(page.contains(".Ss gatehouse \(subcommand)\n"), "\(subcommand)")
      #expect(synopsis.contains(subcommand), "\(subcommand)")
      #expect(status.contains(subcommand), "\(subcommand)")
      let help = try gatehouse([String(subcommand), "--help"]).output
      for option in help.matches(of: /\n  (?:-[a-z], )?--([a-z-]+)/).map(\.output.1) {
        #expect(page.contains("Fl Fl \(option)"), "\(subcommand) --\(option)")
      }
    }
  }
}
