internal import GatehousePlatform

/// A policy file as a tree with positions, and what was wrong with it as YAML.
struct Document: Sendable {
  let source: SourceText
  /// Nil where there is nothing in the file, or nothing that can be read.
  let root: Node?
  /// Whether the whole file could be read.
  ///
  /// Where not, what is missing from the tree means nothing.
  let isComplete: Bool
  let diagnostics: [Diagnostic]
  /// Where that begins which may not be as it was meant, after a mistake in the YAML.
  let distrustedFrom: SourceLocation?

  /// How many unquoted addresses are mended in a file before its reading is given up.
  ///
  /// Each takes another reading, so long files get fewer.
  private static func mostRepairs(_ length: Int) -> Int {
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
    // An address such as `*.*.*.*` or `2001:db8::` without quotes ends libyaml's reading. So that
    // the rest of the file is judged too, it is replaced by as many letters and read again.
    var repaired: [SourceText.Word] = []
    while true {
      let reading = TreeBuilder(file: file, repaired: repaired).read(source.bytes)
      if let failure = reading.failure, repaired.count < Self.mostRepairs(bytes.count),
        let word = failure.places.lazy
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
  /// A thread has a part of the heap of its own, which the tree leaves empty: elsewhere the rules
  /// would come to lie in the gaps between it and an older policy's, and keep all their pages.
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
