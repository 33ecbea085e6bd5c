import TestKit
import Testing

@testable import GatehousePolicy
@testable import GatehouseReport

@Suite("The JSON Schema of the policy")
struct SchemaTests {
  @Test("The policies for the corpus have every key that there is")
  func completeness() {
    let known = Set(Self.properties(of: PolicySchema.document))
    let used = Set(SchemaCorpus.policies.flatMap(SchemaCorpus.keys))
    #expect(known.subtracting(used) == [])
  }

  @Test("Each key is described")
  func descriptions() {
    for property in Self.propertySchemas(of: PolicySchema.document) {
      #expect(property.value["description"] != nil, "\(property.name)")
    }
  }

  @Test(
    "It says of every policy what the loader says, as far as a schema can",
    .enabled(
      if: SchemaJudge.python != nil, "needs Python with jsonschema (Debian: python3-jsonschema)"))
  func agreement() throws {
    let corpus = SchemaCorpus.all
    #expect(corpus.count > 2000)
    let verdicts = try Self.verdicts(on: corpus)
    var disagreements: [String] = []
    var counts = (accepted: 0, refused: 0)
    for (value, isValid) in zip(corpus, verdicts) {
      switch SchemaCorpus.expectation(of: value) {
      case .valid where isValid: counts.accepted += 1
      case .invalid where !isValid: counts.refused += 1
      case .eitherWay: break
      case .valid, .invalid:
        let said = SchemaCorpus.load(value).diagnostics.map(\.description)
        disagreements.append("schema: \(isValid), loader: \(said): \(value.text)")
      }
    }
    #expect(disagreements.isEmpty, "\(disagreements.prefix(10).joined(separator: "\n"))")
    #expect(counts.accepted > 100 && counts.refused > 1000, "\(counts)")
  }

  @Test(
    "Policies as people write them are valid",
    .enabled(
      if: SchemaJudge.python != nil, "needs Python with jsonschema (Debian: python3-jsonschema)"),
    arguments: [
      "packaging/examples/policy.yaml", "Tests/GatehousePolicyTests/Vectors/example.yaml",
      "Tests/GatehousePolicyTests/Vectors/scopes.yaml",
    ])
  func examples(path: String) throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let document = Document(file: path, bytes: Array(try readText("\(root)/\(path)").utf8))
    let value = try #require(document.root.flatMap { JSONValue($0) })
    #expect(try Self.verdicts(on: [value]) == [true])
  }

  /// Whether each value is valid.
  private static func verdicts(on values: [JSONValue]) throws -> [Bool] {
    try SchemaJudge.problems(of: values.map(\.text), by: PolicySchema.document.text)
      .map(\.isEmpty)
  }

  /// The names of all properties of a schema, at any depth.
  private static func properties(of schema: JSONValue) -> [String] {
    propertySchemas(of: schema).map(\.name)
  }

  private static func propertySchemas(of schema: JSONValue) -> [JSONValue.Member] {
    switch schema {
    case .object(let members):
      members.flatMap { member -> [JSONValue.Member] in
        guard member.name == "properties", case .object(let properties) = member.value else {
          return propertySchemas(of: member.value)
        }
        return properties + properties.flatMap { propertySchemas(of: $0.value) }
      }
    case .list(let items): items.flatMap { propertySchemas(of: $0) }
    case .text, .number, .boolean: []
    }
  }
}

extension JSONValue {
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// As JSON, on one line.
  var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// What an editor takes a YAML node for (YAML 1.2, core schema); nil where it cannot be read.
  init?(_ node: Node) {
    switch node.kind {
    case .invalid: return nil
    case .sequence(let items): self = .list(items.compactMap { JSONValue($0) })
    case .mapping(let pairs):
      self = .object(
        pairs.compactMap { pair in
          guard case .scalar(let key) = pair.key.kind, let value = JSONValue(pair.value) else {
            return nil
          }
          return Member(name: key.text, value: value)
        })
    case .scalar(let scalar):
      if scalar.isPlain, let number = Int(scalar.text) {
        self = .number(number)
      } else if scalar.isPlain, let boolean = Bool(scalar.text) {
        self = .boolean(boolean)
      } else {
        self = .text(scalar.text)
      }
    }
  }
}
