import Foundation
import TestKit
import Testing

@Suite("gatehouse explain --batch")
struct CommandBatchTests {
  /// What a line of the vectors says of an answer.
  private struct Answer: Decodable, Equatable {
    let decision: String
    let reason: String
    let roles: [String]
  }

  private struct Vector: Decodable {
    let answer: Answer
  }

  @Test("gives the answers of the vectors, in order", arguments: ["example", "scopes"])
  func vectors(name: String) throws {
    let lines = try readText("\(Vectors.folder)/\(name).jsonl").split(separator: "\n")
    // {"question": Q, "answer": A}: Q stands there as it is asked.
    let questions = lines.map { line in
      line.dropFirst(#"{"question": "#.count).prefix(
        upTo: line.range(of: #", "answer": "#)?.lowerBound ?? line.endIndex)
    }
    let outcome = try gatehouse(
      ["explain", "--batch", "--policy", "\(Vectors.folder)/\(name).yaml"],
      input: questions.joined(separator: "\n"))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let answers = outcome.output.split(separator: "\n")
    #expect(!answers.isEmpty && answers.count == lines.count)
    let decoder = JSONDecoder()
    for (line, answer) in zip(lines, answers) {
      let expected = try decoder.decode(Vector.self, from: Data(line.utf8)).answer
      #expect(try decoder.decode(Answer.self, from: Data(answer.utf8)) == expected, "\(line)")
    }
  }

  private func batch(_ input: String) throws -> ProcessResult {
    let folder = try TemporaryDirectory()
    let policy = try folder.write("version: 1\nblock: [192.0.2.9]\n", to: "policy.yaml")
    return try gatehouse(["explain", "--batch", "--policy", policy], input: input)
  }

  private let good = #"{"user":"eve","from":"192.0.2.1","groups":[]}"#
  private let allowed =
    #"{"decision":"allow","reason":"unrestricted","roles":[],"rule":null,"would_deny":false}"#

  @Test("what is no question gets an error in its place, and the rest is answered")
  func mixed() throws {
    let outcome = try batch(
      """
      \(good)

      {"user":"eve","from":"192.0.2.1","form":"x"}
      {"user":"eve","from":"192.0.2.1","user":"eve"}
      {"user":"eve"}
      {"user":"eve","from":7}
      {"user":"eve","from":"192.0.2.1","at":"noon"}
      ["eve"]
      \(good)
      """)
    #expect(outcome.status == 2)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 9)
    #expect(lines.first ?? "" == allowed)
    #expect(lines.last ?? "" == allowed)
    let errors = lines.dropFirst().dropLast()
    #expect(errors.allSatisfy { $0.hasPrefix(#"{"error":"line "#) })
    #expect(lines[1] == #"{"error":"line 2, column 1: an object in {…} is expected here"}"#)
    #expect(outcome.errors == "gatehouse: error: 7 of 9 lines were not valid questions\n")
  }

  @Test("no input is no questions, and that is fine")
  func empty() throws {
    let outcome = try batch("")
    #expect(outcome.status == 0)
    #expect(outcome.output == "" && outcome.errors == "")
  }

  @Test("a line of any length is a line", arguments: [100_000, 3_000_000])
  func long(length: Int) throws {
    let long = #"{"user":"\#(String(repeating: "x", count: length))","from":"local","groups":[]}"#
    let outcome = try batch("\(good)\n\(long)\n\(good)\n")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first ?? "" == allowed && lines.last ?? "" == allowed)
    let isTooLong = length > 1 << 20
    #expect(lines[1].hasPrefix(isTooLong ? #"{"error":"line 2: longer than"# : #"{"decision":"#))
    #expect(outcome.status == (isTooLong ? 2 : 0))
  }

  @Test("each answer comes before the next question is waited for")
  func conversation() throws {
    let folder = try TemporaryDirectory()
    let policy = try folder.write("version: 1\n", to: "policy.yaml")
    // A question is written only when the answer before it has come.
    let script = """
      coproc asked { "$0" explain --batch --policy "$1"; }
      for _ in 1 2 3; do
        echo "$2" >&"${asked[1]}"
        read -r -t 20 answer <&"${asked[0]}" || exit 9
        echo "$answer"
      done
      """
    let outcome = try run("bash", ["-c", script, try builtProgram("gatehouse"), policy, good])
    #expect(outcome.status == 0)
    #expect(outcome.output == String(repeating: allowed + "\n", count: 3))
  }
}
