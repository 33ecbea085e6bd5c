/// Puts one value into the text of a policy file, and leaves everything else in it as it is.
///
/// The parser only gives the positions at which lists and maps begin, so a new item comes first: on a
/// line of its own below the key, or after the opening bracket.
struct TextInsertion {
  private let source: SourceText
  private let root: Node

  /// Nil if the file is not a map.
  init?(file: String, bytes: [UInt8]) {
    let document = Document(file: file, bytes: bytes)
    guard let root = document.root, root.isMapping, document.isComplete else { return nil }
    source = document.source
    self.root = root
  }

  /// Adds an item to the list at a path of keys, and makes the list and the maps above it where they
  /// are missing; nil if the text does not allow it.
  ///
  /// - Parameters:
  ///   - item: The item.
  ///   - path: The keys that lead to the list, from the root.
  /// - Returns: The new text.
  func adding(_ item: TypedEntry, at path: [String]) -> [UInt8]? {
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
    guard var value = item.written(isQuoted: quotes) else { return nil }
    if rest.isEmpty {
      guard case .sequence(let items) = node.kind, let first = items.first else { return nil }
      return isFlow(node)
        ? inBrackets(of: node, before: first, value)
        : onLine(below: holder, before: first, dashed: true, column: node.location.column, value)
    }
    guard case .mapping(let pairs) = node.kind else { return nil }
    value = "[\(value)]"
    for key in rest.dropFirst().reversed() {
      guard let key = written(key, isQuoted: quotes) else { return nil }
      value = "{\(key): \(value)}"
    }
    guard let key = rest.first.flatMap({ written($0, isQuoted: quotes) }) else { return nil }
    let entry = "\(key): \(value)"
    if isFlow(node) {
      return inBrackets(of: node, before: pairs.first?.key, entry)
    }
    guard let first = pairs.first?.key else { return nil }
    guard let holder else { return atEnd(entry) }
    return onLine(below: holder, before: first, column: first.location.column, entry)
  }

  /// After an opening bracket, or on a line of its own if the first item is.
  private func inBrackets(of node: Node, before first: Node?, _ text: String) -> [UInt8]? {
    if let first, first.location.line > node.location.line {
      return onLine(below: node, before: first, column: first.location.column, "\(text),")
    }
    let comma = first == nil ? "" : ", "
    return inserted("\(text)\(comma)", at: offset(node.location).map { $0 + 1 })
  }

  /// On a line of its own below a key whose value begins on a later line.
  private func onLine(
    below key: Node?, before first: Node, dashed: Bool = false, column: Int, _ text: String
  ) -> [UInt8]? {
    guard let key, key.location.line < first.location.line,
      let place = source.offset(line: key.location.line + 1, column: 1)
    else { return nil }
    let indent = String(repeating: " ", count: column - 1)
    let isWindows = place >= 2 && source.bytes[place - 2] == 0x0D
    let end = isWindows ? "\r\n" : "\n"
    return inserted("\(indent)\(dashed ? "- " : "")\(text)\(end)", at: place)
  }

  private func atEnd(_ entry: String) -> [UInt8]? {
    let isWhole = source.bytes.last == UInt8(ascii: "\n")
    let end = source.bytes.suffix(2).elementsEqual([0x0D, 0x0A]) ? "\r\n" : "\n"
    return source.bytes + Array("\(isWhole ? "" : end)\(entry)\(end)".utf8)
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
}

/// A text as YAML and JSON both read it, in quotes if it needs them; nil if it has a character that
/// cannot be shown.
func written(_ text: String, isQuoted: Bool) -> String? {
  let isPlain = text.utf8.allSatisfy { byte in
    byte.hexadecimalDigit != nil
      || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
      || [UInt8(ascii: "_"), .dot, UInt8(ascii: "-"), UInt8(ascii: "/")].contains(byte)
  }
  if isPlain && !isQuoted && text.utf8.first != UInt8(ascii: "-") && !text.isEmpty { return text }
  guard !text.unicodeScalars.contains(where: \.isUnsafeToShow) else { return nil }
  var quoted = ""
  for scalar in text.unicodeScalars {
    if scalar == "\"" || scalar == "\\" { quoted += "\\" }
    quoted.unicodeScalars.append(scalar)
  }
  return "\"\(quoted)\""
}
