import FoundationEssentials
import GatehousePolicy

@testable import GatehouseReport

/// `explain --batch`: lines of JSON.
enum Batches {
  @Sendable static func run(_ bytes: [UInt8]) {
    // However the stream is cut, its lines are the same.
    let pieces = (Int(bytes.first ?? 0) % 7) + 1
    promise(
      lines(bytes, inPiecesOf: pieces) == lines(bytes, inPiecesOf: bytes.count + 1),
      "the lines of a stream do not depend on how it comes")
    guard let question = try? ExplainQuestion(bytes, in: 0..<bytes.count) else { return }
    guard let twin = try? JSONDecoder().decode(Twin.self, from: Data(bytes)) else {
      return promise(false, "a question is JSON")
    }
    promise(
      question.user == Name(twin.user) && question.from == twin.from
        && question.role == twin.role.map { Name($0) }
        && question.groups == twin.groups.map { Set($0.map { Name($0) }) }
        && question.time == twin.at.flatMap { Instant(rfc3339: $0) },
      "a question says what another reader of JSON reads")
  }

  private struct Twin: Decodable {
    var user: String
    var from: String?
    var role: String?
    var groups: [String]?
    var at: String?
  }

  /// The lines; nil for one that is too long.
  private static func lines(_ bytes: [UInt8], inPiecesOf length: Int) -> [[UInt8]?] {
    var buffer = LineBuffer(limit: 64)
    var lines: [[UInt8]?] = []
    func take(_ line: LineBuffer.Line) {
      switch line {
      case .complete(let range): lines.append(Array(buffer.bytes[range]))
      case .tooLong: lines.append(nil)
      }
    }
    var start = 0
    while start < bytes.count {
      let end = min(start + length, bytes.count)
      buffer.append(bytes[start..<end])
      while let line = buffer.next() { take(line) }
      start = end
    }
    if let line = buffer.last() { take(line) }
    return lines
  }
}
