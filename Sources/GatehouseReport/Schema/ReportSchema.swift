import GatehousePolicy

/// The JSON Schema (draft 2020-12) of what the subcommands print with `--json`.
///
/// Each report has a definition with all of its members, and so has each object within.
enum ReportSchema {
  /// What a member holds.
  indirect enum Content: Sendable {
    case text, number, boolean, time
    /// An object with a number for each of some names.
    case numbers
    /// One of these words.
    case word([String])
    /// An array of these.
    case list(Content)
    /// This, or null.
    case optional(Content)
    /// What a definition says: of a report, or one of `parts`.
    case definition(String)
    /// A report within another: what its definition says, without the version.
    case report(String)

    fileprivate var schema: JSONValue {
      switch self {
      case .text: .type("string")
      case .number: .type("integer")
      case .boolean: .type("boolean")
      case .time:
        .object([
          .init(name: "type", value: "string"), .init(name: "format", value: "date-time"),
        ])
      case .numbers:
        .object([
          .init(name: "type", value: "object"),
          .init(name: "additionalProperties", value: Self.number.schema),
        ])
      case .word(let words):
        .object([.init(name: "enum", value: .list(words.map { .text($0) }))])
      case .list(let element):
        .object([
          .init(name: "type", value: "array"), .init(name: "items", value: element.schema),
        ])
      case .optional(let content): .anyOf([content.schema, .type("null")])
      case .report(let name): Self.definition("nested_\(name)").schema
      case .definition(let name):
        .object([.init(name: "$ref", value: .text("#/$defs/\(name)"))])
      }
    }
  }

  /// The members of an object, with what they hold.
  typealias Members = [(name: String, content: Content)]

  /// What subcommands print: a document, or each line of a stream.
  struct Shape: Sendable {
    /// The name of its definition.
    let name: String
    /// The subcommands that print it.
    let commands: [String]
    /// What may have come of it; empty for a line of a stream, which has no head.
    let outcomes: [String]
    /// The members beside the head.
    let members: Members
    /// The members that it has only with some outcomes.
    var sometimes: Members = []
  }

  /// The reports that stand within others, too.
  static let nested: Set = ["change", "pam", "reload"]

  /// The whole schema.
  static var document: JSONValue {
    .object([
      .init(name: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
      .init(name: "title", value: "What gatehouse prints with --json"),
      .init(
        name: "anyOf",
        value: .list((shapes + lines).map { Content.definition($0.name).schema })),
      .init(
        name: "$defs",
        value: .object(
          (shapes + lines).map { definition($0) }
            + shapes.filter { nested.contains($0.name) }.map { definition($0, isNested: true) }
            + [.init(name: "mode", value: Content.word(Mode.allCases.map(\.rawValue)).schema)]
            + parts.map { .init(name: $0.name, value: object($0.members, sometimes: $0.sometimes)) }
        )),
    ])
  }

  private static func definition(_ shape: Shape, isNested: Bool = false) -> JSONValue.Member {
    let commands = shape.commands.map { "gatehouse \($0)" }.joined(separator: ", ")
    let head: [(String, Content)] = [
      ("outcome", .word(shape.outcomes)),
      ("error", shape.name == failure ? .definition("error") : .optional(.definition("error"))),
    ]
    let version = JSONValue.object([
      .init(name: "const", value: .number(JSONWriter.reportVersion))
    ])
    let isDocument = !shape.outcomes.isEmpty
    return .init(
      name: isNested ? "nested_\(shape.name)" : shape.name,
      value: object(
        shape.members, sometimes: shape.sometimes,
        after: isDocument
          ? (isNested ? [] : [("version", version)]) + head.map { ($0.0, $0.1.schema) } : [],
        description: commands.isEmpty ? "In place of any other document." : commands))
  }

  private static func object(
    _ members: Members, sometimes: Members = [], after head: [(String, JSONValue)] = [],
    description: String? = nil
  ) -> JSONValue {
    let always = head + members.map { ($0.name, $0.content.schema) }
    let properties = always + sometimes.map { ($0.name, $0.content.schema) }
    return .object(
      (description.map { [.init(name: "description", value: .text($0))] } ?? []) + [
        .init(name: "type", value: "object"),
        .init(
          name: "properties",
          value: .object(properties.map { JSONValue.Member(name: $0.0, value: $0.1) })),
        .init(name: "required", value: .list(always.map { .text($0.0) })),
        .init(name: "additionalProperties", value: false),
      ])
  }
}

extension JSONValue {
  fileprivate static func type(_ name: String) -> Self {
    .object([.init(name: "type", value: .text(name))])
  }

  fileprivate static func anyOf(_ schemas: [Self]) -> Self {
    .object([.init(name: "anyOf", value: .list(schemas))])
  }
}
