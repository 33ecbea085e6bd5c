import Testing

@testable import GatehouseReport

@Suite("A table that fits a width")
struct FittedTableTests {
  private static let table: FittedTable = {
    var table = FittedTable([
      .number("times"), .cut("user"), .cut("from"), .init("rule").leftOut(1), .init("id"),
    ])
    table.rows = [
      ["7", "ann", "192.0.2.7", "policy.yaml:12", "aaaaaaaaaa"],
      ["1,234", "a.very.long.name@some.domain.example", "2001:db8::17", "", "bbbbbbbbbb"],
    ]
    return table
  }()

  private func lines(_ width: Int?) -> [String] {
    Self.table.lines(fitting: width).map { $0.rendered(coloured: false) }
  }

  @Test("has titles, aligned columns, and numbers that end at one line")
  func whole() {
    #expect(
      lines(nil) == [
        "  times  user                                  from          rule            id",
        "      7  ann                                   192.0.2.7     policy.yaml:12  aaaaaaaaaa",
        "  1,234  a.very.long.name@some.domain.example  2001:db8::17                  bbbbbbbbbb",
      ])
  }

  @Test("leaves out and cuts what has no room", arguments: [100, 80, 60, 50])
  func fits(width: Int) {
    for line in lines(width) { #expect(line.count <= width, "\(line)") }
    #expect(lines(width)[2].hasSuffix("  bbbbbbbbbb"))
    #expect(lines(width)[0].contains("rule") == (width == 100))
  }

  @Test("a number is read in groups of three")
  func numbers() {
    #expect(
      [0, 12, 999, 1000, 1_234_567, -4321].map(grouped) == [
        "0", "12", "999", "1,000", "1,234,567", "-4,321",
      ])
  }
}
