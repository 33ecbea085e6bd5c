internal import GatehousePolicy

/// A list of addresses that somebody else has written: one address, prefix or range in each line; `#`
/// and `;` begin a comment.
///
/// It is read as strictly as a list of one's own. A prefix whose host bits are set is a mistake of whoever
/// wrote it, and nobody here knows whether the address or the whole network was meant: the wider reading
/// lets in whom nobody named. So it is an error, and what was got before serves on.
enum ForeignList {
  /// How much of a line a message quotes, in characters.
  private static let longestQuote = 60

  /// The addresses of a list.
  ///
  /// - Throws: The first line that is none.
  static func addresses(in bytes: [UInt8]) throws(FetchProblem) -> AddressSet {
    try checkKind(of: bytes, expecting: "a list of addresses")
    if bytes.starts(with: "{".utf8) { throw FetchProblem("is JSON; write `format: json`") }
    var builder = AddressSetBuilder(capacity: bytes.count / "1.1.1.1\n".utf8.count + 1)
    let span = bytes.span
    var start = bytes.byteOrderMarkLength
    var line = 0
    while start < span.count {
      line += 1
      var end = start
      while end < span.count, span[end] != UInt8(ascii: "\n") { end += 1 }
      let word = span.entry(ofLine: start..<end, orCommentedBy: UInt8(ascii: ";"))
      if !word.isEmpty {
        do throws(AddressProblem) {
          builder.insert(try AddressRange(reading: span.extracting(word)))
        } catch {
          throw FetchProblem("line \(line), `\(quoted(bytes[word]))`, \(error.message)")
        }
      }
      start = end + 1
    }
    return builder.finish()
  }

  /// The bytes of white space, and of a byte order mark.
  private static let spacesAndMark: [UInt8] = [0x20, 0x09, 0x0D, 0x0A, 0xEF, 0xBB, 0xBF]

  /// Says what a file is that is neither a list nor JSON, as far as its first bytes tell.
  static func checkKind(of bytes: [UInt8], expecting what: String) throws(FetchProblem) {
    let text = bytes.drop { spacesAndMark.contains($0) }
    guard !text.isEmpty else { throw FetchProblem("is empty") }
    if text.first == UInt8(ascii: "<") {
      let start = String(decoding: text.prefix(200), as: UTF8.self).lowercased()
      let isPage = start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
      throw FetchProblem("is \(isPage ? "an HTML page" : "HTML or XML"), not \(what)")
    }
    if text.starts(with: [0x1F, 0x8B]) {
      throw FetchProblem("is compressed with gzip; only a plain file is read")
    }
  }

  /// The start of foreign bytes, for a message.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    let start = String(decoding: bytes.prefix(4 * longestQuote), as: UTF8.self)
    let text = String(start.prefix(longestQuote))
    return displayText(of: text) + (text.utf8.count < bytes.count ? "…" : "")
  }
}
