import GatehousePolicy

/// The JSON Schemas (draft 2020-12), each on one line.
public enum SchemaDocument: Sendable {
  /// Of policies.
  case policy
  /// Of what the subcommands print with `--json`.
  case reports

  /// The schema, ended by a newline.
  public func json() -> [UInt8] {
    var writer = JSONWriter()
    switch self {
    case .policy: PolicySchema.document.write(to: &writer)
    case .reports: ReportSchema.document.write(to: &writer)
    }
    writer.newline()
    return writer.bytes
  }
}

extension JSONValue: JSONWritable {
  func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let text): text.write(to: &writer)
    case .number(let number): number.write(to: &writer)
    case .boolean(let boolean): boolean.write(to: &writer)
    case .list(let items): items.write(to: &writer)
    case .object(let members):
      writer.object { object in
        for member in members {
          object.member(named: member.name) { member.value.write(to: &$0) }
        }
      }
    }
  }
}
