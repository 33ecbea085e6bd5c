import GatehouseJSON
import Testing

@testable import GatehouseReport

@Suite("JSON that is written")
struct JSONWriterTests {
  private func written(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test("keeps the order of members and puts commas between, not around")
  func order() {
    let text = written {
      $0.object {
        $0.member("b", "x")
        $0.member("a", ["1", "2"])
        $0.member("empty", [String]())
        $0.member("inner") { $0.object { _ in } }
        $0.member("number", -7)
        $0.member("yes", true)
        $0.member("nothing", String?.none)
      }
    }
    #expect(
      text
        == #"{"b":"x","a":["1","2"],"empty":[],"inner":{},"number":-7,"yes":true,"nothing":null}"#)
  }

  @Test("begins anew after a newline and after removeAll")
  func lines() {
    var writer = JSONWriter()
    for _ in 0..<2 {
      writer.object { $0.member("a", 1) }
      writer.newline()
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "{\"a\":1}\n{\"a\":1}\n")
    writer.removeAll()
    writer.array { $0.string("x".utf8) }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"["x"]"#)
  }

  @Test(
    "escapes what JSON and a terminal need escaped",
    arguments: [
      ("plain", #""plain""#),
      ("quote \" backslash \\", #""quote \" backslash \\""#),
      ("\n\r\t", #""\n\r\t""#),
      ("\u{0}\u{1B}[31m\u{7F}", #""\u0000\u001b[31m\u007f""#),
      ("\u{9B}31m", #""\u009b31m""#),
      ("a\u{202E}b\u{2028}c", #""a\u202eb\u2028c""#),
      ("ğü 日本 😀", #""ğü 日本 😀""#),
      ("\u{E0001}", #""\udb40\udc01""#),
      ("", #""""#),
    ])
  func escapes(text: String, json: String) {
    #expect(written { $0.string(text.utf8) } == json)
  }

  @Test("writes bytes that are not UTF-8 as the replacement character")
  func invalid() {
    #expect(written { $0.string([0x61, 0xFF, 0x62, 0xC3]) } == "\"a\u{FFFD}b\u{FFFD}\"")
  }

  @Test("what was written is read back the same")
  func roundTrip() throws {
    let text = "\"\\/\u{0}\u{1F}\n\u{7F}\u{9B}é\u{202E}😀\u{E0001}"
    let bytes = Array(written { $0.string(text.utf8) }.utf8)
    var reader = JSONReader(bytes, in: bytes.indices)
    let read = try reader.string(expecting: "a string")
    try reader.finish()
    #expect(Array(read.utf8) == Array(text.utf8))
  }
}
