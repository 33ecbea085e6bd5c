/// Where a mail may go: a user of this machine, or `local@domain`.
public struct MailAddress: Hashable, Sendable {
  /// As it stands in the header of a mail.
  public let text: String

  /// The most bytes (RFC 5321 §4.5.3.1.3).
  static let longest = 254

  /// Reads an address; nil for anything else.
  ///
  /// Only letters, digits and `._+=-` are taken before the `@`, and no `-`, `+` or `.` at the beginning:
  /// what means something to a shell, to sendmail or to a header cannot stand there.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= Self.longest,
      let first = parts[0].first, Self.isPlain(first) || first == UInt8(ascii: "_"),
      parts[0].allSatisfy({ Self.isPlain($0) || "._+=-".utf8.contains($0) })
    else { return nil }
    if parts.count == 2 {
      let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      let areNames = labels.allSatisfy { label in
        guard let first = label.first, let last = label.last else { return false }
        return label.allSatisfy { Self.isPlain($0) || $0 == UInt8(ascii: "-") }
          && Self.isPlain(first) && Self.isPlain(last)
      }
      guard areNames else { return nil }
    }
    self.text = text
  }

  /// The address for somebody who may not read it: `a…e@example.org`.
  ///
  /// Of what is before the `@` it has the first and the last character; of one or two the first alone.
  public var masked: String {
    let end = text.firstIndex(of: "@") ?? text.endIndex
    let name = text[..<end]
    let last = name.count > 2 ? name.suffix(1) : ""
    return "\(name.prefix(1))…\(last)\(text[end...])"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

extension MailAddress: Codable {
  /// Reads an address as text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let address = MailAddress(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a mail address")
    }
    self = address
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
