/// The line that most long lists are made of: an IPv4 address or prefix with nothing beside it.
///
/// It only recognises. Whatever is written in another way, or wrong, is left to `AddressRange(_:)`,
/// which reads the same lines alike and knows what is wrong with the others.
struct PlainIPv4Line {
  let first: UInt32
  let last: UInt32
  /// Where the line ends: at its line feed, or at the end of the text.
  let end: Int

  /// Nil where the line that begins there is anything else.
  init?(_ text: Span<UInt8>, at start: Int) {
    var place = start
    var bits: UInt32 = 0
    for octet in 0..<4 {
      if octet > 0 {
        guard place < text.count, text[place] == .dot else { return nil }
        place += 1
      }
      guard let number = Self.number(text, &place) else { return nil }
      bits = bits << 8 | number
    }
    var hostMask: UInt32 = 0
    if place < text.count, text[place] == UInt8(ascii: "/") {
      place += 1
      guard let length = Self.number(text, &place), length <= 32 else { return nil }
      hostMask = .max >> length
    }
    guard bits & hostMask == 0,
      place == text.count || text[place] == UInt8(ascii: "\n")
    else { return nil }
    first = bits
    last = bits | hostMask
    end = place
  }

  /// A decimal number from 0 to 255, which ends before a leading zero's next digit.
  private static func number(_ text: Span<UInt8>, _ place: inout Int) -> UInt32? {
    var value: UInt32 = 0
    let start = place
    while place < text.count {
      let digit = UInt32(text[place] &- UInt8(ascii: "0"))
      guard digit <= 9 else { break }
      value = value * 10 + digit
      place += 1
      guard value <= 255 else { return nil }
      if value == 0 { break }
    }
    return place > start ? value : nil
  }
}
