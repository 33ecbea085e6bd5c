import GatehousePolicy

/// The policy language as a JSON Schema, on one line.
public struct SchemaReport: Report {
  /// The schema of this version's policies.
  public init() {}

  /// Always yes.
  public var status: ReportStatus { .yes }

  /// The schema, which is JSON in every format.
  public func text(coloured: Bool) -> [UInt8] { json() }

  /// The schema.
  public func json() -> [UInt8] {
    var writer = JSONWriter()
    PolicySchema.document.write(to: &writer)
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
