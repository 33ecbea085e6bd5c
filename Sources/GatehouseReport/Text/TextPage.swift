/// A page of text for people: lines, and rows whose cells stand below each other.
struct TextPage {
  private let coloured: Bool
  private var text = ""

  init(coloured: Bool) {
    self.coloured = coloured
  }

  /// The page as UTF-8.
  var bytes: [UInt8] { Array(text.utf8) }

  mutating func line(_ content: StyledText = "") {
    text += content.rendered(coloured: coloured) + "\n"
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
      for (column, cell) in row.enumerated() {
        if cell.width > 0 {
          line = line + StyledText(String(repeating: " ", count: start - written)) + cell
          written = start + cell.width
        }
        if column < widths.count { start += widths[column] + 2 }
      }
      self.line(line)
    }
  }

  /// Adds rows of a name, which is there for completeness, and its value.
  mutating func fields(_ fields: [[StyledText]]) {
    rows(fields.map { [$0[0].styled(.faint), $0[1]] })
  }
}
