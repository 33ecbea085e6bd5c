// The library's own searches for a text in a text come with its regular expressions, which would make
// the daemon a megabyte larger.

extension Collection<UInt8> {
  /// Whether these bytes are in it, one after the other.
  public func holds(_ bytes: some Collection<UInt8>) -> Bool { place(of: bytes) != nil }

  /// Where these bytes are first; nil if they are not in it.
  fileprivate func place(of bytes: some Collection<UInt8>) -> Index? {
    indices.first { self[$0...].starts(with: bytes) }
  }
}

extension String {
  /// The text with something else in each place of a part.
  public func with(_ other: String, for part: String) -> String {
    var text = ""
    var rest = utf8[...]
    while let place = rest.place(of: part.utf8) {
      text += String(Substring(rest[..<place])) + other
      rest = rest[place...].dropFirst(part.utf8.count)
    }
    return text + String(Substring(rest))
  }
}
