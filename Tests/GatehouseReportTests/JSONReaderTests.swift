import Testing

@testable import GatehouseJSON

@Suite("JSON that is read")
struct JSONReaderTests {
  /// Reads an object of strings and lists of strings into text such as `a=1 b=[2,3]`.
  private func read(_ bytes: [UInt8]) throws(JSONError) -> String {
    var members: [String] = []
    var reader = JSONReader(bytes, in: bytes.indices)
    try reader.object { (reader, key) throws(JSONError) in
      if key.hasPrefix("list") {
        var elements: [String] = []
        try reader.array(expecting: "a list") { (reader) throws(JSONError) in
          elements.append(try reader.string(expecting: "a string"))
        }
        members.append("\(key)=[\(elements.joined(separator: ","))]")
      } else {
        members.append("\(key)=\(try reader.string(expecting: "a string"))")
      }
    }
    try reader.finish()
    return members.joined(separator: " ")
  }

  private func read(_ text: String) throws(JSONError) -> String { try read(Array(text.utf8)) }

  @Test(
    "takes every form that RFC 8259 has for an object of strings and lists",
    arguments: [
      (#"{}"#, ""),
      (#" { } "#, ""),
      (#"{"a":"1"}"#, "a=1"),
      ("\t{ \"a\" : \"1\" ,\r\n \"b\":\"2\"}\r", "a=1 b=2"),
      (#"{"list":[]}"#, "list=[]"),
      (#"{"list":[ "1" , "2" ]}"#, "list=[1,2]"),
      (#"{"a":"\"\\\/\b\f\n\r\t"}"#, "a=\"\\/\u{8}\u{C}\n\r\t"),
      (#"{"a":"\u0041\u00e9\u00E9"}"#, "a=Aéé"),
      (#"{"\u0061":"x\u0000y"}"#, "a=x\0y"),
      (#"{"a":"\ud83d\ude00"}"#, "a=😀"),
      (#"{"a":"é😀\#u{7F}"}"#, "a=é😀\u{7F}"),
      (#"{"a":""}"#, "a="),
    ])
  func accepts(text: String, meaning: String) throws {
    #expect(try read(text) == meaning)
  }

  @Test(
    "refuses everything else, and says where",
    arguments: [
      ("", 1, "an object in {…} is expected here"),
      ("   ", 4, "an object in {…} is expected here"),
      ("null", 1, "an object in {…} is expected here"),
      (#"["a"]"#, 1, "an object in {…} is expected here"),
      ("\u{FEFF}{}", 1, "an object in {…} is expected here"),
      ("{", 2, "a key in quotes is expected here"),
      ("{a:1}", 2, "a key in quotes is expected here"),
      ("{'a':'1'}", 2, "a key in quotes is expected here"),
      (#"{"a"}"#, 5, "a colon after the key is expected here"),
      (#"{"a":}"#, 6, "a string is expected here"),
      (#"{"a":1}"#, 6, "a string is expected here"),
      (#"{"a":null}"#, 6, "a string is expected here"),
      (#"{"a":["1"]}"#, 6, "a string is expected here"),
      (#"{"a":{"b":"1"}}"#, 6, "a string is expected here"),
      (#"{"a":"1","#, 10, "a key in quotes is expected here"),
      (#"{"a":"1",}"#, 10, "a key in quotes is expected here"),
      (#"{"a":"1" "b":"2"}"#, 10, "a comma or } is expected here"),
      (#"{"a":"1"]"#, 9, "a comma or } is expected here"),
      (#"{"a":"1"} x"#, 11, "text after the end of the object"),
      (#"{"a":"1"}{}"#, 10, "text after the end of the object"),
      (#"{"list":"1"}"#, 9, "a list is expected here"),
      (#"{"list":[1]}"#, 10, "a string is expected here"),
      (#"{"list":["1",]}"#, 14, "a string is expected here"),
      (#"{"list":["1"}"#, 13, "a comma or ] is expected here"),
      (#"{"list":[["#, 10, "a string is expected here"),
      (#"{"a":"1"#, 8, "a string without its closing quote"),
      (#"{"a":"1\"#, 9, "a string without its closing quote"),
      (#"{"a":"1\""#, 10, "a string without its closing quote"),
      (#"{"a":"\x"}"#, 7, "an escape that JSON does not have"),
      (#"{"a":"\u00g0"}"#, 11, #"\u without four hexadecimal digits"#),
      (#"{"a":"\u00"#, 11, #"\u without four hexadecimal digits"#),
      (#"{"a":"\ud83d"}"#, 7, "half of a surrogate pair"),
      (#"{"a":"\ud83dx"}"#, 7, "half of a surrogate pair"),
      (#"{"a":"\ud83d\n"}"#, 7, "half of a surrogate pair"),
      (#"{"a":"\ud83d\ud83d"}"#, 7, "half of a surrogate pair"),
      (#"{"a":"\ude00"}"#, 7, "half of a surrogate pair"),
      ("{\"a\":\"1\n\"}", 8, "a control character in a string, which JSON wants escaped"),
      ("{\"a\":\"\\n\u{1}\"}", 9, "a control character in a string, which JSON wants escaped"),
    ])
  func refuses(text: String, column: Int, problem: String) {
    #expect(throws: JSONError(column: column, problem: problem)) { try read(text) }
  }

  @Test(
    "refuses what is not UTF-8: stray and overlong bytes, surrogates, cut characters",
    arguments: [
      [0xFF], [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
    ]
      as [[UInt8]], [false, true])
  func refusesInvalid(bytes: [UInt8], withEscape: Bool) {
    let escape = withEscape ? Array(#"\n"#.utf8) : []
    let text = Array(#"{"a":""#.utf8) + escape + bytes + Array(#""}"#.utf8)
    #expect(throws: JSONError.self) { try read(text) }
  }

  @Test(
    "passes over a value of any kind, and reads on behind it",
    arguments: [
      "1", "-2.5e3", "null", "true", #""a\"}]""#, "[]", "{}", #"[1,[2,{"a":[]}],"]"]"#,
      #"{"a":{"b":null},"c":[false]}"#, " \n [ ] ",
    ])
  func skips(value: String) throws {
    let bytes = Array(#"{"first":\#(value),"second":true,"third":null}"#.utf8)
    var reader = JSONReader(bytes, in: bytes.indices)
    var (keys, second, third) = ([] as [String], false, false)
    try reader.object { (reader, key) throws(JSONError) in
      keys.append(key)
      switch key {
      case "second": second = try reader.boolean()
      case "third": third = reader.null()
      default: try reader.skip()
      }
    }
    try reader.finish()
    #expect(keys == ["first", "second", "third"])
    #expect(second && third)
  }

  @Test(
    "a value that is none or has no end is refused",
    arguments: ["", " ", "}", ",", "[", "{[}", "[}", "{\"a\":[}]"])
  func skipsNothing(value: String) {
    #expect(throws: JSONError.self) { try skip(value) }
  }

  private func skip(_ value: String) throws(JSONError) {
    let bytes = Array(value.utf8)
    var reader = JSONReader(bytes, in: bytes.indices)
    try reader.skip()
  }

  @Test("reads only the range it is given")
  func range() throws {
    let bytes = Array(#"xx{"a":"1"}yy"#.utf8)
    var reader = JSONReader(bytes, in: 2..<11)
    try reader.object { (reader, _) throws(JSONError) in _ = try reader.string(expecting: "") }
    try reader.finish()
    var cut = JSONReader(bytes, in: 2..<10)
    #expect(throws: JSONError(column: 9, problem: "a comma or } is expected here")) {
      try cut.object { (reader, _) throws(JSONError) in _ = try reader.string(expecting: "") }
    }
  }

  @Test("comes to an end on every input, whatever is changed or cut in a good one")
  func total() {
    let good = Array(#"{"a":"x\u00e9\ud83d\ude00\n","list":["1","é"]} "#.utf8)
    var generator = SystemRandomNumberGenerator()
    for length in 0...good.count { _ = try? read(Array(good[..<length])) }
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] =
          Bool.random() ? .random(in: 0...255) : Array(#"{}[]":,\u"#.utf8).randomElement() ?? 0
      }
      _ = try? read(bytes)
    }
  }
}
