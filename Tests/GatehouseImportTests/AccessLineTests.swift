import Glibc
import TestKit
import Testing

@testable import GatehouseImport

/// The reading of lines, compared with the C library that pam_access uses.
struct AccessLineTests {
  @Test("a number is what strtol makes of it", arguments: numbers)
  func number(_ text: String) {
    var copy = Array(text.utf8CString)
    // SAFETY: the buffer is a C string, and the end that strtol gives lies in it.
    let expected: Int? = unsafe copy.withUnsafeMutableBufferPointer { buffer -> Int? in
      guard let start = buffer.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>? = unsafe start
      let value = unsafe strtol(start, &end, 0)
      guard let end = unsafe end, unsafe end != start, unsafe end.pointee == 0 else { return nil }
      return value
    }
    let range = -1...256
    #expect(
      cInteger(Array(text.utf8)[...]).map { min(max($0, range.lowerBound), range.upperBound) }
        == expected.map { min(max($0, range.lowerBound), range.upperBound) })
  }

  private static let numbers =
    [
      "", "0", "00", "8", "08", "010", "0x", "0x10", "0X1f", "0xg", "x10", "+8", "-8", "-0", "+-8",
      "+",
      " 8", "\t8", "8 ", "8a", "24", "32", "128", "129", "99999999999999999999",
      "-99999999999999999999",
      "0x100000000000000018", "4294967304", "0b11", "1e1", "１",
    ]

  @Test("words are what strtok_r makes of them")
  func tokens() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0...12, using: &random))
        .map { _ in random.pick(["a", "b", ":", ",", " ", "\t"]) }.joined()
      let separators = random.pick([":", ", \t", "", "a"])
      var rest = Array(text.utf8)[...]
      var words: [String] = []
      while let word = nextToken(&rest, separators: Array(separators.utf8)) {
        words.append(String(decoding: word, as: UTF8.self))
      }
      #expect(words == cTokens(text, separators), "\(text) at \(separators)")
    }
  }

  private func cTokens(_ text: String, _ separators: String) -> [String] {
    var copy = Array(text.utf8CString)
    // SAFETY: the buffer is a C string that outlives the calls; each word is copied at once.
    return unsafe copy.withUnsafeMutableBufferPointer { buffer in
      var words: [String] = []
      var state: UnsafeMutablePointer<CChar>?
      var next = unsafe strtok_r(buffer.baseAddress, separators, &state)
      while let word = unsafe next {
        words.append(unsafe String(cString: word))
        unsafe next = unsafe strtok_r(nil, separators, &state)
      }
      return words
    }
  }

  @Test("a long line is cut as fgets cuts it, and its rest is a line of its own")
  func longLines() {
    let comment = "#" + String(repeating: "x", count: 8190)
    let file = Array("\n\(comment)-:ALL:ALL\n+:ALL:ALL\n".utf8)
    let lines = chunks(of: file)
    #expect(lines.map(\.line) == [1, 2, 2, 3])
    #expect(lines[1].bytes.count == 8191)
    #expect(String(decoding: lines[2].bytes, as: UTF8.self) == "-:ALL:ALL\n")
    let readings = lines.map { AccessLine($0, fieldSeparators: [UInt8(ascii: ":")]) }
    #expect(readings[0] == .blank)
    guard case .skipped = readings[1], case .entry(let entry) = readings[2] else {
      Issue.record("\(readings)")
      return
    }
    #expect(!entry.allows)
    // With its newline it is one byte too long, without it none.
    let fitting = Array("#\(String(repeating: "x", count: 8189))\n".utf8)
    #expect(chunks(of: fitting).count == 1)
  }

  @Test("a NUL byte ends a line early, and at its beginning spoils it")
  func nul() {
    let read = { (text: String) in
      chunks(of: Array(text.utf8)).map { AccessLine($0, fieldSeparators: [UInt8(ascii: ":")]) }
    }
    #expect(read("\0-:ALL:ALL\n") == [.undefined])
    #expect(read("-:ALL:ALL\0\n") == [.skipped("it contains a NUL byte")])
  }
}
