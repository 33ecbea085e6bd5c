import GatehouseReport
import Testing

@Suite("Lines out of a stream")
struct LineBufferTests {
  /// The lines of a text that comes in blocks of that size; `…` for one that is too long.
  private func lines(of text: String, blocks size: Int, limit: Int) -> [String] {
    var buffer = LineBuffer(limit: limit)
    var lines: [String] = []
    func take(_ line: LineBuffer.Line) {
      switch line {
      case .complete(let range): lines.append(String(decoding: buffer.bytes[range], as: UTF8.self))
      case .tooLong: lines.append("…")
      }
    }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      buffer.append(rest.prefix(size))
      rest = rest.dropFirst(size)
      while let line = buffer.next() { take(line) }
    }
    if let line = buffer.last() { take(line) }
    return lines
  }

  @Test(
    "come whole and in order, however the blocks are cut",
    arguments: [
      ("", []),
      ("a\n", ["a"]),
      ("a", ["a"]),
      ("\n", [""]),
      ("a\n\nb\n", ["a", "", "b"]),
      ("ab\ncd\nef", ["ab", "cd", "ef"]),
      ("12345\n", ["12345"]),
      ("123456\nx\n", ["…", "x"]),
      ("123456", ["…"]),
      ("x\n123456789012345\ny", ["x", "…", "y"]),
      ("123456\n123456\n\n", ["…", "…", ""]),
    ], [1, 2, 3, 5, 7, 100])
  func cut(given: (text: String, lines: [String]), blocks: Int) {
    #expect(lines(of: given.text, blocks: blocks, limit: 5) == given.lines)
  }
}
