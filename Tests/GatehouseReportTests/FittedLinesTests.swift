import GatehouseReport
import Testing

@Suite("Text fitted to a terminal")
struct FittedLinesTests {
  @Test(
    "A line that is too long goes on below, a word and what is to be pasted stay whole",
    arguments: [
      ("a short line\n", "a short line\n"),
      ("one two three four five six", "one two three four\n    five six"),
      ("  one two three four five", "  one two three four\n      five"),
      ("user  one two three four five", "user  one two three\n      four five"),
      ("see `gatehouse check /etc/x` now", "see\n    `gatehouse check /etc/x`\n    now"),
      ("odd ` quote one two three four", "odd ` quote one two\n    three four"),
      ("a /a/path/that/is/longer/than/it b", "a\n    /a/path/that/is/longer/than/it\n    b"),
      ("\u{1B}[1;31mnot ok\u{1B}[0m one two thre", "\u{1B}[1;31mnot ok\u{1B}[0m one two thre"),
      (
        "\u{1B}[1;31mnot ok\u{1B}[0m one two three.",
        "\u{1B}[1;31mnot ok\u{1B}[0m one two\n    three."
      ),
    ])
  func fitted(text: String, expected: String) {
    #expect(text.fitted(to: 20) == expected)
    #expect(text.fitted(to: nil) == text)
  }

  @Test("However narrow it is, the words are the same")
  func narrow() {
    let text = "    what  the words of this line are, `and these` too\n\n  x\n"
    for columns in 1...80 {
      let fitted = text.fitted(to: columns)
      #expect(fitted.split { $0.isWhitespace } == text.split { $0.isWhitespace })
      for line in fitted.split(separator: "\n") where line.count > columns {
        #expect(line.contains("`") || !line.drop { $0 == " " }.contains(" "), "\(line)")
      }
    }
  }
}
