// Reading and writing text as bytes.

extension UInt8 {
  static let colon = UInt8(ascii: ":")
  static let dot = UInt8(ascii: ".")

  /// The value of an ASCII decimal digit.
  var decimalDigit: Int? {
    self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? Int(self - UInt8(ascii: "0")) : nil
  }

  /// The value of an ASCII hexadecimal digit of either case.
  var hexadecimalDigit: Int? {
    if let digit = decimalDigit { return digit }
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f")
      ? Int(lower - UInt8(ascii: "a")) + 10 : nil
  }
}

extension Span<UInt8> {
  /// The first index at or after `start` that holds `byte`.
  func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }

  /// Whether `::` stands at an index.
  func hasDoubleColon(at index: Int) -> Bool {
    index + 1 < count && self[index] == .colon && self[index + 1] == .colon
  }

  /// The bytes as text, those that are not UTF-8 replaced.
  var text: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in indices { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Where a line of a list has its address: without its comment and the space around what is left.
  ///
  /// - Parameters:
  ///   - line: The line, without its end.
  ///   - other: What begins a comment beside `#`.
  /// - Returns: An empty range if there is none.
  package func entry(
    ofLine line: Range<Int>, orCommentedBy other: UInt8 = UInt8(ascii: "#")
  ) -> Range<Int> {
    func isSpace(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: " ") || byte == 0x09 || byte == 0x0D
    }
    var start = line.lowerBound
    while start < line.upperBound && isSpace(self[start]) { start += 1 }
    var end = start
    while end < line.upperBound && self[end] != UInt8(ascii: "#") && self[end] != other { end += 1 }
    while end > start && isSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }
}

extension [UInt8] {
  /// How many bytes a byte order mark takes at their start (RFC 3629 section 6); 0 if there is none.
  package var byteOrderMarkLength: Int { starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// Adds the bytes of a span.
  public mutating func append(_ more: Span<UInt8>) {
    // SAFETY: the buffer is valid for the length of the call.
    unsafe more.withUnsafeBufferPointer { buffer in unsafe append(contentsOf: buffer) }
  }

  /// Adds a number in decimal digits.
  public mutating func append(decimal number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(digits: number.magnitude)
  }

  private mutating func append(digits number: UInt) {
    if number > 9 { append(digits: number / 10) }
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }
}
