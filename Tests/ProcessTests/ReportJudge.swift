import TestKit
import Testing

@testable import GatehouseReport

/// Holds what the command prints with `--json` against the schema that it prints itself.
enum ReportJudge {
  /// The schema, on one line.
  static let schema = Result {
    try run(try builtProgram("gatehouse"), ["schema", "--reports"]).output
      .split(separator: "\n").joined()
  }

  /// Records an issue for each command in a remedy, for people or in JSON, that the command would not
  /// take, or that does not stand between backticks.
  static func judgeRemedies(of result: ProcessResult, of arguments: [String]) throws {
    let hints = result.errors.split(separator: "\n")
      .filter { $0.hasPrefix("gatehouse: hint: ") }.map { $0.dropFirst("gatehouse: hint: ".count) }
    let members = result.output.matches(of: #/"remedy":"(?<text>([^"\\]|\\.)*)"/#).map(\.text)
    for remedy in hints + members where remedy.contains("gatehouse ") {
      for objection in try CommandsInText.objections(to: String(remedy), all: true) {
        Issue.record("\(arguments): \(objection)")
      }
    }
  }

  /// Records an issue if a run with `--json` has not printed what the schema says of that subcommand, or
  /// its head does not fit its exit status.
  ///
  /// Everything else but the members is also held where there is no Python with jsonschema.
  static func judge(_ result: ProcessResult, of arguments: [String]) throws {
    guard arguments.prefix(while: { $0 != "--" }).contains("--json"), result.status >= 0,
      !arguments.contains("--help")
    else { return }
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { String($0) }
    let command = Self.command(of: arguments)
    let all = ReportSchema.shapes + ReportSchema.lines
    let shapes = all.filter { $0.commands.contains(command) || $0.name == ReportSchema.failure }
    let isStream = shapes.contains { $0.outcomes.isEmpty }
    let what = Comment(rawValue: "\(arguments): \(result)")
    if !isStream || result.status >= 2 {
      #expect(lines.count == 1, what)
      let head = #/\{"version":1,"outcome":"([a-z_]+)","error":(null|\{)/#
      guard let head = lines.last?.prefixMatch(of: head)?.output else {
        Issue.record(what)
        return
      }
      #expect((head.1 == "misuse") == (result.status == 2), what)
      if result.status == 0 { #expect(head.2 == "null", what) }
      if result.status >= 2 { #expect(head.2 != "null", what) }
    }
    guard SchemaJudge.python != nil, !lines.isEmpty else { return }
    let problems = try SchemaJudge.problems(
      of: lines, by: schema.get(), definitions: shapes.map(\.name))
    for problem in problems where !problem.isEmpty {
      Issue.record("\(arguments): \(problem)")
    }
  }

  /// The words of the subcommand, with the option that gives it another report.
  private static func command(of arguments: [String]) -> String {
    let words = arguments.prefix { !$0.hasPrefix("-") }
    let known = Set((ReportSchema.shapes + ReportSchema.lines).flatMap(\.commands))
    let ofFactor = "\(words.first ?? "") --factor"
    if arguments.contains("--factor"), known.contains(ofFactor) { return ofFactor }
    let two = words.prefix(2).joined(separator: " ")
    return known.contains(two) ? two : words.first ?? ""
  }
}
