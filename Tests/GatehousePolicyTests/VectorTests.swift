import Foundation
import Testing

@testable import GatehousePolicy

/// The vectors that came with the design.
enum Vectors {
  static func data(_ name: String) throws -> Data {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Vectors"))
    return try Data(contentsOf: url)
  }

  static func text(_ name: String) throws -> String {
    try #require(String(data: data(name), encoding: .utf8))
  }
}

struct AddressVectors: Decodable {
  struct Accepted: Decodable {
    let text: String
    let intervals: [[String]]
  }

  let accept: [Accepted]
  let reject: [String]

  static func read() throws -> AddressVectors {
    try JSONDecoder().decode(AddressVectors.self, from: Vectors.data("addresses.json"))
  }
}

struct DecisionVector: Decodable {
  struct Question: Decodable {
    let user: String
    let from: String
    let groups: [String]?
    let service: String?
    let at: String?
    let role: String?
  }

  struct Answer: Decodable {
    let decision: String
    let reason: String
    let roles: [String]
  }

  let question: Question
  let answer: Answer
}

@Suite("The vectors of the design")
struct VectorTests {
  @Test("Every accepted address text means its intervals")
  func acceptedAddresses() throws {
    let vectors = try AddressVectors.read().accept
    #expect(!vectors.isEmpty)
    for vector in vectors {
      let range = try AddressRange(Array(vector.text.utf8).span)
      let expected = try AddressSet(
        vector.intervals.map { bounds in
          let first = try #require(IPAddress(bounds[0]))
          let last = try #require(IPAddress(bounds[1]))
          return try #require(AddressRange(from: first, through: last))
        })
      #expect(AddressSet([range]) == expected, "\(vector.text)")
    }
  }

  @Test("Every rejected address text is an error that names its place")
  func rejectedAddresses() throws {
    let vectors = try AddressVectors.read().reject
    #expect(!vectors.isEmpty)
    for text in vectors {
      #expect(throws: AddressProblem.self, "\(text)") {
        try AddressRange(Array(text.utf8).span)
      }
      let loaded = load("version: 1\nblock:\n  - '\(text)'\n")
      #expect(loaded.policy == nil, "\(text)")
      let place = loaded.diagnostics.first?.location?.description
      #expect(place == "policy.yaml:3:5", "\(text): \(messages(loaded))")
    }
  }

  @Test("Every question has its answer", arguments: ["example", "scopes"])
  func decisions(name: String) throws {
    let loaded = load(try Vectors.text("\(name).yaml"))
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let lines = try Vectors.text("\(name).jsonl").split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines {
      let vector = try JSONDecoder().decode(DecisionVector.self, from: Data(line.utf8))
      let question = vector.question
      let time = try question.at.map { try #require(Instant(rfc3339: $0)) } ?? .now()
      let decision = policy.decide(
        Login(
          user: Name(question.user), groups: Set((question.groups ?? []).map { Name($0) }),
          service: Name(question.service ?? "sshd"),
          origin: question.from == "local" ? .local : Origin(remoteHost: question.from), time: time,
          role: question.role.map { Name($0) }))
      #expect(decision.verdict.rawValue == vector.answer.decision, "\(line)")
      #expect(decision.reason.rawValue == vector.answer.reason, "\(line)")
      #expect(decision.roles.map(\.description) == vector.answer.roles, "\(line)")
    }
  }
}
