import Testing

@testable import GatehouseReport

@Suite("A page of text")
struct TextPageTests {
  private func page(coloured: Bool = false, _ write: (inout TextPage) -> Void) -> String {
    var page = TextPage(coloured: coloured)
    write(&page)
    return String(decoding: page.bytes, as: UTF8.self)
  }

  @Test("puts cells below each other, and no spaces behind the last one")
  func columns() {
    let text = page {
      $0.rows([["a", "b", "c"], ["long", "", "x"], ["a", "longer", ""], ["only"], []])
    }
    #expect(text == "  a     b       c\n  long          x\n  a     longer\n  only\n\n")
  }

  @Test("is as wide in colour as without")
  func colour() {
    let rows: [[StyledText]] = [[StyledText("yes", .good), "b"], [StyledText("no", .bad), "b"]]
    #expect(page { $0.rows(rows) } == "  yes  b\n  no   b\n")
    #expect(
      page(coloured: true) { $0.rows(rows) }
        == "  \u{1B}[1;32myes\u{1B}[0m  b\n  \u{1B}[1;31mno\u{1B}[0m   b\n")
  }

  @Test("lets no piece of text end its line or speak to the terminal")
  func escapes() {
    #expect(page { $0.line("a\u{1B}[31m\nb\u{202E}") } == "a\\u{1b}[31m\\u{a}b\\u{202e}\n")
  }
}
