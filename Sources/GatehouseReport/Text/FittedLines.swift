extension String {
  /// It with lines of at most so many columns of a terminal.
  ///
  /// A line is broken at spaces. What does not fit goes on below its second cell, or indented by four. A
  /// word stays whole if it is longer than a line, and so does what stands between backticks: somebody
  /// may want to paste it. Sequences for colours take no room.
  ///
  /// - Parameter columns: How many there are; nil to break nothing.
  /// - Returns: The same words.
  public func fitted(to columns: Int?) -> String {
    guard let columns else { return self }
    return split(separator: "\n", omittingEmptySubsequences: false)
      .map { Self.fitted($0, to: columns) }.joined(separator: "\n")
  }

  private static func fitted(_ line: Substring, to columns: Int) -> String {
    guard line.count > columns, width(of: line) > columns else { return String(line) }
    let words = words(of: line)
    var lines = [""]
    var filled = 0
    var margin: Int?
    for (index, (gap, word)) in words.enumerated() {
      let size = width(of: word)
      // Two spaces stand between the cells of a row.
      if index > 0, gap > 1, margin == nil { margin = filled + gap }
      if index > 0, filled + gap + size > columns {
        let first = margin ?? words[0].gap + 4
        let indent = Swift.min(first, columns / 2)
        lines.append(String(repeating: " ", count: indent))
        filled = indent
      } else {
        lines[lines.count - 1] += String(repeating: " ", count: gap)
        filled += gap
      }
      lines[lines.count - 1] += word
      filled += size
    }
    return lines.joined(separator: "\n")
  }

  /// The words of a line, and how many spaces stand before each.
  private static func words(of line: Substring) -> [(gap: Int, word: Substring)] {
    let isQuoting = line.count { $0 == "`" }.isMultiple(of: 2)
    var words: [(gap: Int, word: Substring)] = []
    var rest = line
    while !rest.isEmpty {
      let start = rest.firstIndex { $0 != " " } ?? rest.endIndex
      var isQuoted = false
      let end =
        rest[start...].firstIndex { character in
          if character == "`", isQuoting { isQuoted.toggle() }
          return character == " " && !isQuoted
        } ?? rest.endIndex
      words.append((rest.distance(from: rest.startIndex, to: start), rest[start..<end]))
      rest = rest[end...]
    }
    return words
  }

  /// How many columns a text takes; each character counts as one.
  private static func width(of text: Substring) -> Int {
    var isSequence = false
    return text.count { character in
      if character == "\u{1B}" { isSequence = true }
      defer { if character == "m" { isSequence = false } }
      return !isSequence
    }
  }
}
