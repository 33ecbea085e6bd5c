import GatehouseControl
import TestKit
import Testing

@Suite("The page of the protocol")
struct ProtocolPageTests {
  /// Beside the sources; this file's own path leads there.
  private static let path =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    + "/Sources/GatehouseControl/PROTOCOL.md"

  @Test("says of each request what its description says")
  func requests() throws {
    let page = try readText(Self.path)
    let begin = "<!-- requests -->\n"
    let end = "<!-- end of requests -->\n"
    let parts = page.split(separator: begin, maxSplits: 1)
    let chapter = try #require(parts.last?.split(separator: end, maxSplits: 1).first)
    #expect(
      chapter == ProtocolPage.requests,
      "put this between the marks of PROTOCOL.md:\n\(ProtocolPage.requests)")
  }
}

/// The chapter on requests of the protocol's page, as the requests' description gives it.
private enum ProtocolPage {
  /// The chapter, in Markdown.
  static var requests: String {
    RequestKind.allCases.map { section($0.request) }.joined(separator: "\n")
  }

  private static func section<Described: Request>(_ request: Described.Type) -> String {
    var lines = ["### \(Described.kind.rawValue) \(Described.kind): \(Described.meaning)", ""]
    if Described.carriesPolicy { lines += ["A policy comes beside it.", ""] }
    if Described.carriesRecord { lines += ["A login record comes beside it.", ""] }
    if Described.fields.isEmpty {
      lines += ["It has no field.", ""]
    } else {
      lines += ["| tag | field | value |", "|---|---|---|"]
      lines += Described.fields.map { field in
        let name = field.isRequired ? "**\(field.tag)**" : "\(field.tag)"
        return "| \(field.tag.rawValue) | \(name) | \(field.format): \(field.meaning) |"
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }
}
