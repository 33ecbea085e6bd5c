/// A pattern of OpenSSH (PATTERNS in ssh_config(5)): `*` is any text, `?` is any byte.
public struct SSHPattern: Hashable, Sendable {
  /// The pattern as it is written.
  public let bytes: [UInt8]

  /// A pattern of these bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// Whether it matches every text.
  public var isEverything: Bool { !bytes.isEmpty && bytes.allSatisfy { $0 == star } }

  /// Whether it has a `*` or a `?`.
  public var hasWildcard: Bool { bytes.contains { $0 == star || $0 == questionMark } }

  /// Whether it matches the whole of a text.
  ///
  /// Takes at most as many steps as the product of both lengths: what a star has taken is given back
  /// only to the last star.
  public func matches(_ text: some Collection<UInt8>) -> Bool {
    let text = Array(text)
    var at = 0
    var place = 0
    var lastStar: (place: Int, at: Int)?
    while at < text.count {
      if place < bytes.count, bytes[place] == star {
        lastStar = (place, at)
        place += 1
      } else if place < bytes.count, bytes[place] == questionMark || bytes[place] == text[at] {
        place += 1
        at += 1
      } else if let last = lastStar {
        lastStar = (last.place, last.at + 1)
        place = last.place + 1
        at = last.at + 1
      } else {
        return false
      }
    }
    return bytes[place...].allSatisfy { $0 == star }
  }
}

private let star = UInt8(ascii: "*")
private let questionMark = UInt8(ascii: "?")
