import GatehousePolicy

extension Name: JSONWritable {
  /// Writes the name as a string.
  func write(to writer: inout JSONWriter) { writer.string(bytes) }
}

extension Instant: JSONWritable {
  /// Writes the time as RFC 3339 has it, in UTC.
  func write(to writer: inout JSONWriter) { writer.string(description.utf8) }
}

extension Diagnostic: JSONWritable {
  /// Writes an object of `severity`, `name`, `file`, `line`, `column`, `message` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("severity", severity.rawValue)
      $0.member("name", name)
      $0.member("file", location?.file)
      $0.member("line", location?.line)
      $0.member("column", location?.column)
      $0.member("message", message)
      $0.member("remedy", remedy)
    }
  }
}
