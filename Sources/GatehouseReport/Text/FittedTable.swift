/// A table for people that fits a width.
struct FittedTable {
  /// How a column is set, and what may become of it if there is no room.
  struct Column {
    /// Whether its cells end at one line, as numbers do.
    var isNumber = false
    /// The order in which it is left out, from 1; nil if it always stays.
    var leftOut: Int?
    /// Whether its cells may be cut.
    var isCut = false
    /// What stands above it.
    var title: String

    /// A column that stays as it is.
    init(_ title: String) { self.title = title }

    /// A column of numbers.
    static func number(_ title: String) -> Column {
      var column = Column(title)
      column.isNumber = true
      return column
    }

    /// A column whose cells may be cut.
    static func cut(_ title: String) -> Column {
      var column = Column(title)
      column.isCut = true
      return column
    }

    /// The same, left out in this order if there is no room.
    func leftOut(_ order: Int) -> Column {
      var column = self
      column.leftOut = order
      return column
    }
  }

  /// The columns.
  let columns: [Column]
  /// A cell for each column.
  var rows: [[StyledText]] = []

  /// A table without rows.
  init(_ columns: [Column]) { self.columns = columns }

  /// The lines of the table, the titles first, indented by two, in at most so many columns of the
  /// terminal if that can be.
  func lines(fitting width: Int?) -> [StyledText] {
    let all = [columns.map { StyledText($0.title, .faint) }] + rows
    // What no row has is no column.
    let empty = Set(columns.indices.filter { column in rows.allSatisfy { $0[column].width == 0 } })
    let order = columns.indices.filter { columns[$0].leftOut != nil }
      .sorted { columns[$0].leftOut ?? 0 < columns[$1].leftOut ?? 0 }
    let full = FittedRows.widths(of: all)
    // The widest gives way first.
    let cutting = columns.indices.filter { columns[$0].isCut }
      .sorted { (full[$1], $0) < (full[$0], $1) }
    var fitted = FittedRows.fit(
      into: width.map { $0 - 2 }, cutting: cutting, Array(0...order.count)
    ) { left in
      let hidden = empty.union(order.prefix(left))
      return all.map { row in row.indices.map { hidden.contains($0) ? "" : row[$0] } }
    }
    let widths = FittedRows.widths(of: fitted)
    for row in fitted.indices {
      for column in columns.indices where columns[column].isNumber && fitted[row][column].width > 0
      {
        let space = widths[column] - fitted[row][column].width
        fitted[row][column] =
          StyledText(String(repeating: " ", count: space)) + fitted[row][column]
      }
    }
    return FittedRows.lines(fitted, widths).map { StyledText("  ") + $0 }
  }
}

extension TextPage {
  /// Adds the lines of a table.
  mutating func table(_ table: FittedTable, fitting width: Int?) {
    for line in table.lines(fitting: width) { self.line(line) }
  }

  /// Adds a sentence, indented by two, in lines of at most so many columns.
  mutating func sentence(_ text: String, _ style: TextStyle = .plain, fitting width: Int?) {
    for line in wrapped(text.escapedForTerminal, to: width.map { $0 - 2 }) {
      self.line(StyledText("  \(line)", style))
    }
  }
}

/// A text in lines of at most so many columns, broken at spaces; a longer word stays whole.
func wrapped(_ text: String, to width: Int?) -> [String] {
  guard let width else { return [text] }
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, last.count + 1 + word.count <= width {
      lines[lines.count - 1] += " \(word)"
    } else {
      lines.append(String(word))
    }
  }
  return lines
}

/// A number with a comma between thousands: `1,204,000`.
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return number < 0 ? "-\(text)" : text
}
