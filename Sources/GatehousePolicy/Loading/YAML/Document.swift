internal import GatehousePlatform

/// A policy file as a tree with positions, and what was wrong with it as YAML.
struct Document: Sendable {
  let source: SourceText
  /// Nil if the file is empty, or nothing of it can be read.
  let root: Node?
  /// Whether the whole file could be read.
  ///
  /// If not, keys that are missing from the tree may be in the part that was not read.
  let isComplete: Bool
  let diagnostics: [Diagnostic]
  /// The location from which the tree is not trusted, after a mistake in the YAML.
  let distrustedFrom: SourceLocation?

  /// How many unquoted addresses are replaced in a file before the parser gives up.
  ///
  /// Each needs another pass over the file, so longer files get fewer.
  private static func maximumRepairs(_ length: Int) -> Int {
    max(4, min(100, 20_000_000 / max(1, length)))
  }

  init(file: String, bytes: [UInt8]) {
    var source = SourceText(bytes: withoutByteOrderMark(bytes))
    if let problem = EncodingProblem(in: source.bytes) {
      self.source = source
      root = nil
      isComplete = false
      distrustedFrom = nil
      diagnostics = [
        Diagnostic(
          error: .badEncoding,
          location: SourceLocation(file: file, line: problem.line, column: problem.column),
          message: problem.message, remedy: problem.remedy)
      ]
      return
    }
    // libyaml stops at an address such as `*.*.*.*` or `2001:db8::` without quotes. To check the rest
    // of the file too, the address is replaced by as many letters, and the file is parsed again.
    var repaired: [SourceText.Word] = []
    while true {
      let reading = TreeBuilder(file: file, repaired: repaired).read(source.bytes)
      if let failure = reading.failure, repaired.count < Self.maximumRepairs(bytes.count),
        let word = failure.positions.lazy
          .compactMap({ source.word(line: $0.line, column: $0.column) })
          .first(where: \.looksLikeAddress)
      {
        repaired.append(word)
        for index in word.byteRange { source.bytes[index] = UInt8(ascii: "x") }
        continue
      }
      self.source = SourceText(bytes: withoutByteOrderMark(bytes))
      root = reading.root
      isComplete = reading.isComplete
      distrustedFrom = reading.distrustedFrom
      diagnostics =
        reading.diagnostics
        + repaired.map { Self.unquotedAddress($0.text, file, $0.line, $0.column) }
        + (reading.failure.map { [$0.diagnostic(file: file, source: source)] } ?? [])
      return
    }
  }

  /// Parses a file; a long one on a thread of its own.
  ///
  /// The thread has its own part of the heap, which is empty once the tree is freed. Otherwise the
  /// rules would lie in the gaps between this tree and an older one, and keep all those pages in use.
  init(parsing bytes: [UInt8], of file: String) {
    self = concurrently(if: bytes.count > 1 << 18, { Document(file: file, bytes: bytes) }, {}).0
  }

  static func unquotedAddress(_ text: String, _ file: String, _ line: Int, _ column: Int)
    -> Diagnostic
  {
    Diagnostic(
      error: .unquotedAddress,
      location: SourceLocation(file: file, line: line, column: column),
      message: "YAML does not read `\(displayText(of: text))` as a text",
      remedy: "put it in quotes: \"\(displayText(of: text))\"")
  }
}
