/// Puts one value into the text of a policy file, and leaves everything else in it as it is.
///
/// The parser only gives the positions at which lists and maps begin, so a new item comes first: on a
/// line of its own below the key, or after the opening bracket.
struct TextInsertion {
  private let file: String
  private var source: SourceText
  private let root: Node

  /// Nil if the file is not a map.
  init?(file: String, bytes: [UInt8]) {
    let document = Document(file: file, bytes: bytes)
    guard let root = document.root, root.isMapping, document.isComplete else { return nil }
    self.file = file
    source = document.source
    self.root = root
  }

  /// Adds an item to the list at a path of keys, and makes the list and the maps above it where they
  /// are missing; nil if the text does not allow it.
  ///
  /// - Parameters:
  ///   - item: The item as it was meant, without quotes.
  ///   - path: The keys that lead to the list, from the root.
  /// - Returns: The new text.
  func adding(_ item: String, at path: [String]) -> [UInt8]? {
    var node = root
    var holder: Node?
    var rest = path[...]
    while let key = rest.first, let pair = node.pair(Name(key)) {
      holder = pair.key
      node = pair.value
      rest = rest.dropFirst()
    }
    // In flow style, which is one line in any context.
    let quotes = isFlow(root)
    guard var value = Self.written(item, isQuoted: quotes) else { return nil }
    if rest.isEmpty {
      guard case .sequence(let items) = node.kind, let first = items.first else { return nil }
      return isFlow(node)
        ? inserted("\(value), ", at: offset(node.location).map { $0 + 1 })
        : onLine(below: holder, before: first, dashed: true, column: node.location.column, value)
    }
    guard case .mapping(let pairs) = node.kind else { return nil }
    value = "[\(value)]"
    for key in rest.dropFirst().reversed() {
      guard let key = Self.written(key, isQuoted: quotes) else { return nil }
      value = "{\(key): \(value)}"
    }
    guard let key = rest.first.flatMap({ Self.written($0, isQuoted: quotes) }) else { return nil }
    let entry = "\(key): \(value)"
    if isFlow(node) {
      let comma = pairs.isEmpty ? "" : ", "
      return inserted("\(entry)\(comma)", at: offset(node.location).map { $0 + 1 })
    }
    guard let first = pairs.first?.key else { return nil }
    guard let holder else { return atEnd(entry) }
    return onLine(below: holder, before: first, column: first.location.column, entry)
  }

  /// On a line of its own below a key whose value begins on a later line.
  private func onLine(
    below key: Node?, before first: Node, dashed: Bool = false, column: Int, _ text: String
  ) -> [UInt8]? {
    guard let key, key.location.line < first.location.line,
      let place = source.offset(line: key.location.line + 1, column: 1)
    else { return nil }
    let indent = String(repeating: " ", count: column - 1)
    return inserted("\(indent)\(dashed ? "- " : "")\(text)\n", at: place)
  }

  private func atEnd(_ entry: String) -> [UInt8]? {
    let isWhole = source.bytes.last == UInt8(ascii: "\n")
    return source.bytes + Array("\(isWhole ? "" : "\n")\(entry)\n".utf8)
  }

  private func inserted(_ text: String, at offset: Int?) -> [UInt8]? {
    guard let offset else { return nil }
    return Array(source.bytes[..<offset]) + Array(text.utf8) + Array(source.bytes[offset...])
  }

  private func offset(_ place: SourceLocation) -> Int? {
    source.offset(line: place.line, column: place.column)
  }

  private func isFlow(_ node: Node) -> Bool {
    source.has(UInt8(ascii: "["), line: node.location.line, column: node.location.column)
      || source.has(UInt8(ascii: "{"), line: node.location.line, column: node.location.column)
  }

  /// A text as YAML and JSON both read it; nil if it would need an escape.
  private static func written(_ text: String, isQuoted: Bool) -> String? {
    let isPlain = text.utf8.allSatisfy { byte in
      byte.hexadecimalDigit != nil
        || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        || [UInt8(ascii: "_"), .dot, UInt8(ascii: "-")].contains(byte)
    }
    if isPlain && !isQuoted && text.utf8.first != UInt8(ascii: "-") { return text }
    let needsEscape = text.unicodeScalars.contains { scalar in
      scalar.isUnsafeToShow || scalar == "\"" || scalar == "\\"
    }
    return needsEscape ? nil : "\"\(text)\""
  }
}
