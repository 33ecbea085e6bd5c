import GatehousePolicy

/// A table of the page, bounded in rows and in bytes.
struct PageTable {
  /// A column.
  struct Column {
    /// How its cells are set.
    enum Kind { case text, number, time, code, sentence }

    let title: String
    let kind: Kind
    /// Whether a narrow screen does not have it.
    let isWide: Bool

    init(_ title: String, _ kind: Kind = .text, isWide: Bool = false) {
      self.title = title
      self.kind = kind
      self.isWide = isWide
    }

    static func number(_ title: String) -> Column { Column(title, .number) }

    fileprivate var style: HTMLWriter.Attribute? {
      let kind =
        switch kind {
        case .text: ""
        case .number: "n"
        case .time: "t"
        case .code: "c"
        case .sentence: "long"
        }
      let style = [kind, isWide ? "w" : ""].filter { !$0.isEmpty }.joined(separator: " ")
      return style.isEmpty ? nil : .style(style)
    }
  }

  /// What stands in a cell.
  enum Cell {
    case text(String, isNew: Bool = false, limit: Int = PageTable.longest)
    case number(Int)
    /// A time, without the year; the top of the page has it.
    case time(Instant)
    /// What the closure writes; the text is what it is sorted by.
    case other(String, (inout HTMLWriter) -> Void)
  }

  /// The most characters of a text, the most rows of a table and the most bytes of its rows.
  static let longest = 120
  private static let mostRows = 1000
  private static let mostBytes = 200_000

  let title: String
  let columns: [Column]
  /// Whether there is a field that filters the rows.
  var canBeSearched = false
  /// Whether it scrolls in a part of the page if it is long.
  var isTall = false

  init(_ title: String, _ columns: [Column]) {
    self.title = title
    self.columns = columns
  }

  /// The beginning of a text, made safe to show; what is left out is shown by `…`.
  static func cut(_ text: String, to limit: Int = longest) -> String {
    let shown = displayText(of: text)
    return shown.unicodeScalars.count > limit
      ? String(String.UnicodeScalarView(shown.unicodeScalars.prefix(limit - 1))) + "…" : shown
  }

  /// Writes the table with a row for each value, and how many are left out.
  func write<Value>(_ values: [Value], to page: inout HTMLWriter, _ cells: (Value) -> [Cell]) {
    if canBeSearched, values.count > 1 { writeSearch(to: &page) }
    var shown = 0
    let isLong = isTall && values.count > 15
    page.element(
      "div",
      [
        .style(isLong ? "scroll tall" : "scroll"), .init("tabindex", "0"), .init("role", "region"),
        .init("aria-label", title),
      ]
    ) { page in
      page.element("table", [.style("sorts")]) { page in
        page.element("thead") { page in
          page.element("tr") { page in
            for column in columns {
              page.element(
                "th", [.init("scope", "col")] + [column.style].compactMap(\.self),
                text: column.title)
            }
          }
        }
        page.element("tbody") { page in
          let start = page.bytes.count
          for value in values.prefix(Self.mostRows)
          where page.bytes.count - start < Self.mostBytes {
            shown += 1
            page.element("tr") { page in
              for (column, cell) in zip(columns, cells(value)) {
                write(cell, in: column, to: &page)
              }
            }
          }
        }
      }
    }
    if shown < values.count {
      page.element(
        "p", [.style("soft")],
        text: "\(grouped(values.count - shown)) more are not on this page; "
          + "gatehouse log has them.")
    }
  }

  private func write(_ cell: Cell, in column: Column, to page: inout HTMLWriter) {
    var attributes = [column.style].compactMap(\.self)
    switch cell {
    case .other(let key, _): attributes.append(.init("data-s", Self.cut(key)))
    case .time(let time): attributes.append(.init("data-s", time.localMinute))
    case .text, .number: break
    }
    page.element("td", attributes) { page in
      switch cell {
      case .number(let number): page.text(number == 0 ? "" : grouped(number))
      case .time(let time): page.text(time.localShort)
      case .other(_, let write): write(&page)
      case .text(let text, let isNew, let limit):
        // A name in another script must not turn its neighbours round.
        page.element("bdi", text: Self.cut(text, to: limit))
        if isNew { page.element("span", [.style("new")], text: "new") }
      }
    }
  }

  private func writeSearch(to page: inout HTMLWriter) {
    page.element("div", [.style("find"), .init("hidden", "")]) { page in
      page.element("label") { page in
        page.text("Find ")
        page.open("input", [.init("type", "search"), .init("aria-label", "Find in: \(title)")])
      }
      page.element("output", [.style("soft")]) { _ in }
    }
  }
}
