import FoundationEssentials
import GatehouseJSON
import GatehousePolicy
import GatehouseReport

@testable import GatehouseControl

/// What the daemon sends back: values as JSON, which the command shows on root's terminal.
enum Replies {
  /// The first byte says which reply it is.
  @Sendable static func run(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let kinds = RequestKind.allCases
    let request: any Request.Type = kinds[Int(first) % kinds.count].request
    check(request, Array(bytes.dropFirst()))
  }

  private static func check<Asked: Request>(_: Asked.Type, _ json: [UInt8]) {
    guard let value = try? JSONDecoder().decode(Asked.Reply.self, from: Data(json)) else { return }
    guard let written = try? ValueEncoder.encode(value),
      let again = try? JSONDecoder().decode(Asked.Reply.self, from: Data(written)),
      let rewritten = try? ValueEncoder.encode(again)
    else { return promise(false, "the reply to \(Asked.kind) that is written again is one") }
    // The order within a set is nobody's.
    promise(
      written.sorted() == rewritten.sorted(),
      "the reply to \(Asked.kind) that is written again says the same")
    guard let report = value as? any Report else { return }
    _ = report.render(as: .colouredText)
    let text = report.render(as: .text).text
    promise(
      text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow },
      "no control character of the reply to \(Asked.kind) reaches a terminal")
    let document = report.render(as: .json)
    var reader = JSONReader(document, in: 0..<document.count)
    promise(
      (try? reader.skip()) != nil && (try? reader.finish()) != nil,
      "the report of the reply to \(Asked.kind) is JSON")
  }
}
