import TestKit
import Testing

@Suite("What is built of what")
struct HouseTests {
  /// The repository; this file's own path leads there.
  private static let root =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  private func sources(of target: String) throws -> [String] {
    let list = try run("/usr/bin/find", ["\(Self.root)/Sources/\(target)", "-name", "*.swift"])
    let paths = list.output.split(separator: "\n").map(String.init)
    try #require(!paths.isEmpty)
    return paths
  }

  /// The pieces of text in the literals of a source: between the quotation marks and the
  /// interpolations, long enough to be somebody's own words.
  private func literals(in source: String) -> [String] {
    source.split(separator: "\n").flatMap { line -> [String] in
      let line = line.drop { $0 == " " }
      guard !line.hasPrefix("//") else { return [] }
      // Every second part lies between two quotation marks, where the line has no escaped one.
      guard !line.contains("\\\"") else { return [] }
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      let quoted = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      return quoted.flatMap { literal in
        literal.split(separator: "\\(").enumerated().map { index, piece in
          // What follows an interpolation begins behind its last parenthesis.
          index == 0 && !literal.hasPrefix("\\(")
            ? String(piece) : String(piece.split(separator: ")").last ?? "")
        }
      }
    }
    .filter { $0.utf8.count >= 20 && $0.contains(" ") && !$0.contains("\\") }
  }

  @Test("gatehoused has no text of a report in it, and the command has")
  func reportTexts() throws {
    let texts = try Set(sources(of: "GatehouseReport").flatMap { literals(in: try readText($0)) })
    #expect(texts.count > 100)
    let daemon = try readFile(builtProgram("gatehoused"))
    let command = try readFile(builtProgram("gatehouse"))
    #expect(strings(of: daemon).filter(texts.contains) == [])
    let found = texts.filter(strings(of: command).contains)
    #expect(found.count * 10 > texts.count * 9, "\(found.count) of \(texts.count)")
  }

  @Test(
    "gatehoused has no runtime of Swift's tasks, which a clock of the library would bring in, and no regular expressions, which its searches in texts bring"
  )
  func tasks() throws {
    let texts = strings(of: try readFile(builtProgram("gatehoused")))
    #expect(!texts.isEmpty)
    #expect(texts.filter { $0.contains("ContinuousClock") || $0.contains("swift_task_") } == [])
    #expect(texts.filter { $0.contains("17_StringProcessing") } == [])
  }

  /// The runs of text in a program's file, as strings(1) finds them.
  private func strings(of program: [UInt8]) -> Set<String> {
    Set(
      program.split { $0 < 0x20 || $0 == 0x7F }.filter { $0.count >= 20 }
        .compactMap { String(validating: $0, as: UTF8.self) })
  }

  @Test(
    "the module's targets have no code for others",
    arguments: ["GatehouseWire", "GatehouseSystem", "GatehouseClient", "PAMGatehouse"])
  func moduleSide(target: String) throws {
    for path in try sources(of: target) {
      let source = try readText(path)
      #expect(!source.contains("#if"), "\(path)")
      for line in source.split(separator: "\n") where line.contains("import ") {
        guard let name = line.split(separator: " ").last, name.hasPrefix("Gatehouse") else {
          continue
        }
        #expect(
          ["GatehouseWire", "GatehouseSystem", "GatehouseClient"].contains(name), "\(path): \(line)"
        )
      }
    }
  }
}
