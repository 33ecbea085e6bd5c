internal import GatehouseWire

extension BoundedBytes {
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
