import GatehouseControl
import GatehouseWire
import Testing

@Suite("Accesses that cannot go wrong")
struct BytesTests {
  private let bytes = Array("abcdef".utf8)

  @Test("a byte outside is none", arguments: [-1, 6, Int.min, Int.max])
  func outside(position: Int) {
    let byte = bytes.span.byte(at: position)
    #expect(byte == nil)
  }

  @Test(
    "a part that reaches outside is cut",
    arguments: [
      (0, 6, "abcdef"), (2, 2, "cd"), (4, 9, "ef"), (6, 1, ""), (9, 9, ""), (-3, 2, "ab"),
      (1, -1, ""), (0, Int.max, "abcdef"), (Int.max, Int.max, ""), (Int.min, Int.min, ""),
    ])
  func parts(offset: Int, count: Int, expected: String) {
    let part = bytes.span.bytes(from: offset, count: count).array
    #expect(part == Array(expected.utf8))
  }

  @Test("a field of another frame is cut")
  func foreignField() throws {
    let message = Samples.question
    let login = try Question(decoding: message.span).login
    let foreign = bytes.span.array(of: login.sshAuthInfo ?? login.user)
    #expect(foreign.isEmpty)
  }

  @Test("bounded bytes keep what fits")
  func bounded() {
    var text = BoundedBytes<4>()
    text.append("abc")
    text.append(bytes.span)
    let kept = text.bytes.array
    #expect(kept == Array("abca".utf8))
    let tooMany = BoundedBytes<5>(bytes.span) == nil
    #expect(tooMany)
    let whole = BoundedBytes<6>(bytes.span)?.bytes.array
    #expect(whole == bytes)
  }

  @Test("numbers in decimal", arguments: [0, 7, 10, 99, 100, 2000, UInt32.max])
  func decimal(number: UInt32) {
    var text = BoundedBytes<10>()
    text.append(decimal: number)
    let digits = text.bytes.array
    #expect(digits == Array(String(number).utf8))
  }

  @Test("what comes from outside cannot break out of a log line")
  func escaping() {
    var text = BoundedBytes<64>()
    text.append(escaping: Array("a\n\"\\\u{1B}é~".utf8).span)
    let escaped = text.bytes.array
    #expect(escaped == Array(#"a\x0a\x22\x5c\x1b\xc3\xa9~"#.utf8))
  }
}
