/// An address with its zone id (RFC 4007), as PAM_RHOST may have it.
public struct ZonedAddress: Hashable, Sendable {
  /// The address without its zone.
  public let address: IPAddress
  /// The zone id: the name or number of an interface; nil if there is none.
  public let zone: String?

  /// Reads an address; nil if the text is none.
  ///
  /// Only an IPv6 address has a zone.
  public init?(_ text: Span<UInt8>) {
    guard !text.isEmpty else { return nil }
    // Most often there is no zone, and it need not be looked for.
    if let literal = try? AddressLiteral(text) {
      address = literal.address
      zone = nil
      return
    }
    let end = text.firstIndex(of: UInt8(ascii: "%")) ?? text.count
    let withoutZone = text.extracting(first: end)
    guard end < text.count, withoutZone.firstIndex(of: .colon) != nil,
      let literal = try? AddressLiteral(withoutZone)
    else { return nil }
    address = literal.address
    zone = text.extracting(end + 1..<text.count).text
  }
}
