/// Rows of cells that stand below each other, fitted into the columns of a terminal.
enum FittedRows {
  /// The rows with all that is known, or else with as much as fits; if nothing does, with cells cut.
  ///
  /// - Parameters:
  ///   - columns: How many there are; nil for a file, which has as many as are wanted.
  ///   - cutting: The columns of the table that may be cut, the first of them first; never to less than
  ///     eight.
  ///   - least: Widths that columns of the table have had before, and keep.
  ///   - fits: What is shown: first all, and then less and less.
  ///   - content: The rows with so much.
  /// - Returns: The rows.
  static func fit<Fit>(
    into columns: Int?, cutting: [Int], least: [Int] = [], _ fits: [Fit],
    _ content: (Fit) -> [[StyledText]]
  ) -> [[StyledText]] {
    var rows: [[StyledText]] = []
    for fit in fits {
      rows = content(fit)
      guard let columns, width(of: rows, least) > columns else { return rows }
    }
    guard let columns else { return rows }
    for column in cutting {
      let excess = width(of: rows, least) - columns
      guard excess > 0 else { return rows }
      let widest = rows.map { $0[column].width }.max() ?? 0
      let room = max(8, widest - excess)
      for index in rows.indices where rows[index][column].width > room {
        rows[index][column] = rows[index][column].cut(to: room)
      }
    }
    return rows
  }

  /// The widths of columns, none of them less than before.
  static func widths(of rows: [[StyledText]], _ least: [Int] = []) -> [Int] {
    var widths = least
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.width)
      }
    }
    return widths
  }

  /// The rows as lines: two columns of the terminal between cells, and none for what is empty in all.
  static func lines(_ rows: [[StyledText]], _ widths: [Int]) -> [StyledText] {
    rows.map { row in
      var line = StyledText("")
      var written = 0
      var start = 0
      for (column, cell) in row.enumerated() where widths[column] > 0 {
        if cell.width > 0 {
          line = line + StyledText(String(repeating: " ", count: max(0, start - written))) + cell
          written = start + cell.width
        }
        start += widths[column] + 2
      }
      return line
    }
  }

  private static func width(of rows: [[StyledText]], _ least: [Int]) -> Int {
    widths(of: rows, least).filter { $0 > 0 }.reduce(-2) { $0 + $1 + 2 }
  }
}
