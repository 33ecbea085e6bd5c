internal import GatehouseWire

extension Span<UInt8> {
  /// What follows the first space; nothing if there is none.
  var afterWord: Span<UInt8> {
    @_lifetime(copy self)
    get { bytes(from: firstWord.count &+ 1, count: count) }
  }

  /// Whether a word is one of those between the commas.
  @inline(__always)
  func hasItem(_ word: StaticString) -> Bool { hasItem(word.bytes) }

  @inline(never)
  private func hasItem(_ word: Span<UInt8>) -> Bool {
    var start = 0
    while start < count {
      var end = start
      while let byte = byte(at: end), byte != 0x2C { end &+= 1 }
      if bytes(from: start, count: end &- start).hasSameBytes(as: word) { return true }
      start = end &+ 1
    }
    return false
  }

  /// Whether the text is a loopback address, written as the system writes one.
  ///
  /// They are `::1` and those in 127.0.0.0/8, also IPv4-mapped. Any other spelling is left to the daemon.
  var isLoopback: Bool {
    let isMapped = bytes(from: 0, count: 7).hasSameBytes(as: "::ffff:")
    return hasSameBytes(as: "::1")
      || (isMapped ? bytes(from: 7, count: count) : self).isIPv4Loopback()
  }

  /// Whether the text is four decimal numbers of at most 255, the first of them 127.
  @inline(never)
  private func isIPv4Loopback() -> Bool {
    guard bytes(from: 0, count: 4).hasSameBytes(as: "127.") else { return false }
    var dots = 0
    var digits = 0
    var number = 0
    var position = 0
    while let byte = byte(at: position) {
      position &+= 1
      if byte == 0x2E {
        guard digits > 0 else { return false }
        dots &+= 1
        digits = 0
        number = 0
        continue
      }
      guard 0x30...0x39 ~= byte, digits < 3, digits == 0 || number > 0 else { return false }
      digits &+= 1
      number = number &* 10 &+ Int(byte &- 0x30)
      guard number <= 255 else { return false }
    }
    return dots == 3 && digits > 0
  }
}

extension BoundedBytes {
  /// Adds what a user has entered as a code: without spaces and `-`, and in upper case.
  ///
  /// What no code has in it becomes a question mark, so that it stays wrong.
  mutating func appendCode(_ text: Span<UInt8>) {
    var position = 0
    while let byte = text.byte(at: position) {
      switch byte {
      case 0x20, 0x2D: break
      case 0x61...0x7A: append(byte &- 0x20)
      case 0x21...0x7E: append(byte)
      default: append(0x3F)
      }
      position &+= 1
    }
  }

  /// Adds a text for the user's terminal.
  ///
  /// Control characters but tab and newline become question marks, those of UTF-8's second page
  /// (U+0080 to U+009F) too. The daemon keeps them out already; this is the last door.
  mutating func appendPrintable(_ text: Span<UInt8>) {
    var position = 0
    while let byte = text.byte(at: position) {
      let isControl =
        switch byte {
        case 0x09, 0x0A: false
        case 0...0x1F, 0x7F: true
        case 0x80...0x9F: text.byte(at: position &- 1) == 0xC2
        default: false
        }
      append(isControl ? 0x3F : byte)
      position &+= 1
    }
  }
}
