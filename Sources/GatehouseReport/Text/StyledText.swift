import GatehousePolicy

extension String {
  /// This text with everything that is unsafe to show as `\u{…}`.
  ///
  /// User names, remote hosts and the text of a broken policy come from outside. They must pass
  /// through here before they reach a terminal or a log.
  public var escapedForTerminal: String { displayText(of: self) }
}

/// What a piece of text is, for the choice of its colour.
enum TextStyle: Sendable {
  case plain
  /// A heading, or what the eye should find first.
  case strong
  /// Less important text.
  case faint
  /// Yes.
  case good
  /// No.
  case bad
  /// Neither, but worth a look.
  case doubtful

  /// The parameters of the ANSI sequence "select graphic rendition" (ECMA-48 §8.3.117).
  var graphicRendition: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "1;32"
    case .bad: "1;31"
    case .doubtful: "33"
    }
  }
}

/// A line, or a part of one, in pieces that each have a style.
///
/// All its text has passed `escapedForTerminal`, so it cannot contain an escape sequence or end the
/// line.
struct StyledText: Sendable, ExpressibleByStringInterpolation {
  private var pieces: [(text: String, style: TextStyle)]

  init(_ text: String, _ style: TextStyle = .plain) {
    pieces = text.isEmpty ? [] : [(text.escapedForTerminal, style)]
  }

  /// A verdict: one styled word, and then an explanation.
  init(_ word: String, _ style: TextStyle, then text: String) {
    self = StyledText(word, style) + StyledText("  \(text)")
  }

  init(stringLiteral text: String) {
    self.init(text)
  }

  /// Its width in columns; each character counts as one.
  var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.pieces += right.pieces
    return sum
  }

  /// Its beginning in so many columns, the last of which shows that something was cut off.
  func cut(to columns: Int) -> Self {
    var rest = columns - 1
    var text = self
    text.pieces = pieces.map { piece in
      let part = piece.text.prefix(max(0, rest))
      rest -= part.count
      return (String(part), piece.style)
    }
    return text + "…"
  }

  /// It in lines of at most so many columns, broken at spaces; a longer word stays whole.
  ///
  /// - Parameters:
  ///   - columns: How many there are.
  ///   - margin: How far each line but the first is indented.
  /// - Returns: At least one line.
  func wrapped(to columns: Int, indentedBy margin: Int) -> [StyledText] {
    var rest = pieces.flatMap { piece in piece.text.map { ($0, piece.style) } }[...]
    var lines: [StyledText] = []
    var indent = 0
    func line(_ characters: ArraySlice<(Character, TextStyle)>) -> StyledText {
      var line = StyledText(String(repeating: " ", count: indent))
      for (character, style) in characters {
        if line.pieces.last?.style != style { line.pieces.append(("", style)) }
        line.pieces[line.pieces.count - 1].text.append(character)
      }
      return line
    }
    while indent + rest.count > columns {
      let spaces = rest.indices.drop { rest[$0].0 == " " }.filter { rest[$0].0 == " " }
      guard
        let end = spaces.last(where: { indent + $0 - rest.startIndex <= columns }) ?? spaces.first
      else { break }
      let last = rest[..<end].lastIndex { $0.0 != " " } ?? end
      lines.append(line(rest[...last]))
      rest = rest[end...].drop { $0.0 == " " }
      indent = margin
    }
    return lines + [line(rest)]
  }

  /// The same text in one style.
  func styled(_ style: TextStyle) -> Self {
    var text = self
    text.pieces = pieces.map { ($0.text, style) }
    return text
  }

  func rendered(coloured: Bool) -> String {
    pieces.map { piece in
      guard coloured, let rendition = piece.style.graphicRendition else { return piece.text }
      return "\u{1B}[\(rendition)m\(piece.text)\u{1B}[0m"
    }.joined()
  }
}

/// A page of text for people: lines, and rows whose cells stand below each other.
struct TextPage {
  private let coloured: Bool
  private let columns: Int?
  private var text = ""

  /// An empty page, whose lines are broken to fit into so many columns; nil to break none.
  init(coloured: Bool, columns: Int? = nil) {
    self.coloured = coloured
    self.columns = columns
  }

  /// The page as UTF-8.
  var bytes: [UInt8] { Array(text.utf8) }

  /// Adds a line, broken if it is too long.
  ///
  /// - Parameters:
  ///   - content: The line.
  ///   - margin: How far what does not fit is indented on the next one.
  mutating func line(_ content: StyledText = "", margin: Int = 4) {
    guard let columns, content.width > columns else {
      return text += content.rendered(coloured: coloured) + "\n"
    }
    for line in content.wrapped(to: columns, indentedBy: min(margin, columns / 2)) {
      text += line.rendered(coloured: coloured) + "\n"
    }
  }

  /// Adds a heading with an empty line before it.
  mutating func heading(_ title: String) {
    line()
    line(StyledText(title, .strong))
  }

  /// Adds rows, indented by two, each column as wide as its widest cell; the last one is free.
  mutating func rows(_ rows: [[StyledText]]) {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.dropLast().enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.width)
      }
    }
    for row in rows {
      var line = StyledText("")
      var written = 0
      var start = 2
      var margin = 2
      for (column, cell) in row.enumerated() {
        margin = start
        if cell.width > 0 {
          line = line + StyledText(String(repeating: " ", count: start - written)) + cell
          written = start + cell.width
        }
        if column < widths.count { start += widths[column] + 2 }
      }
      self.line(line, margin: margin)
    }
  }

  /// Adds lines that have to be read before the answer.
  mutating func notices(_ notices: [String]) {
    for notice in notices { line(StyledText(notice, .doubtful)) }
  }

  /// Adds a row for each sentence about what the answer leaves out.
  mutating func notes(_ notes: [String]) {
    rows(notes.map { [StyledText("note", .faint), StyledText($0, .doubtful)] })
  }

  /// Adds rows of a name, in a faint style, and its value.
  mutating func fields(_ fields: [[StyledText]]) {
    rows(fields.map { [$0[0].styled(.faint), $0[1]] })
  }
}
