/// A file with one address in each line.
///
/// `#` begins a comment; empty lines are ignored.
struct ListFile {
  let addresses: AddressSet
  /// Whether a line of it is a loopback address, so that it holds the machine itself.
  let holdsMachine: Bool
  let diagnostics: [Diagnostic]

  /// How many errors are reported: a file that is not a list would have one in every line.
  private static let maximumDiagnostics = 1000

  /// How many lines are read between two calls of `progress`.
  static let progressInterval = 1 << 20

  /// Reads a list.
  ///
  /// It works on bytes, and makes texts only for lines that are wrong.
  ///
  /// - Parameters:
  ///   - name: What it is called in messages.
  ///   - bytes: What is in it.
  ///   - head: Where the lines before the addresses end, if it is what was got for a network.
  ///   - isConfidential: Whether messages must not quote it.
  ///   - progress: Called now and then with the number of lines that were read.
  init(
    name: String, bytes: [UInt8], after head: FeedContent.End? = nil,
    isConfidential: Bool = false,
    progress: (Int) -> Void = { _ in }
  ) {
    let span = bytes.span
    // No IPv4 line is shorter than this. Counting the lines would cost more than it saves.
    var builder = AddressSetBuilder(capacity: bytes.count / "1.1.1.1\n".utf8.count + 1)
    var diagnostics: [Diagnostic] = []
    var suppressed = 0
    var holdsMachine = false
    var line = head?.lineCount ?? 0
    var start = head?.length ?? bytes.byteOrderMarkLength
    while start < span.count {
      line += 1
      if line % Self.progressInterval == 0 { progress(line) }
      if let plain = PlainIPv4Line(span, at: start) {
        builder.insert(plain)
        if plain.first >> 24 == 127, plain.last >> 24 == 127 { holdsMachine = true }
        start = plain.end + 1
        continue
      }
      let end = span.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? span.count
      let word = span.entry(ofLine: start..<end)
      if !word.isEmpty {
        do throws(AddressProblem) {
          let range = try AddressRange(span.extracting(word))
          builder.insert(range)
          if range.isLoopback { holdsMachine = true }
        } catch {
          if diagnostics.count < Self.maximumDiagnostics {
            diagnostics.append(
              Diagnostic(
                error: .badAddress,
                location: SourceLocation(
                  file: name, line: line, column: Self.column(of: word.lowerBound, start, bytes)),
                message: isConfidential
                  ? "the line is not an IP address"
                  : "`\(displayText(of: Array(bytes[word])))` \(error.message)",
                remedy: isConfidential
                  ? "it is not shown here, because not every user may read the file" : error.remedy)
            )
          } else {
            suppressed += 1
          }
        }
      }
      start = end + 1
    }
    if suppressed > 0 {
      diagnostics.append(
        Diagnostic(
          error: .badAddress,
          location: SourceLocation(file: name, line: line, column: 1),
          message: "\(suppressed) more lines are not IP addresses",
          remedy: "is this the right file?"))
    }
    addresses = builder.finish()
    self.holdsMachine = holdsMachine
    self.diagnostics = diagnostics
  }

  /// In characters, from 1.
  private static func column(of index: Int, _ lineStart: Int, _ bytes: [UInt8]) -> Int {
    bytes[lineStart..<index].count { $0 & 0xC0 != 0x80 } + 1
  }
}
