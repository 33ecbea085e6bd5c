import ArgumentParser
import GatehouseReport

/// `gatehouse schema`: prints the policy's JSON Schema.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of the policy, for editors.",
    discussion: """
      The schema (draft 2020-12) lets an editor complete the keys of a policy, explain them, and \
      underline mistakes. With yaml-language-server, name the file in the policy's first line: \
      # yaml-language-server: $schema=policy.schema.json
      """)

  func run() throws {
    try Terminal.print(SchemaReport().render(as: .json))
  }
}
