import Foundation
import TestKit
import Testing

/// The texts of a Swift source, with `X` for what is put into them.
struct SourceTexts {
  /// A text, and the line on which it begins.
  struct Text {
    let line: Int
    var text: String
    /// Whether it is part of what is given as a remedy.
    let isRemedy: Bool
  }

  private(set) var texts: [Text] = []
  private let source: [UInt8]
  private var position = 0
  private var line = 1
  private var depth = 0
  /// How deep in brackets a remedy began; nil outside of one.
  private var remedy: Int?

  init(_ source: String) {
    self.source = Array(source.utf8)
    // Whether a `+` joins what comes to the text before.
    var isJoined = false
    while let byte {
      switch byte {
      case UInt8(ascii: "/") where starts("//"):
        while let byte = self.byte, byte != UInt8(ascii: "\n") { advance() }
        continue
      case UInt8(ascii: "#") where starts("#\""), UInt8(ascii: "\""):
        let begun = line
        let text = literal()
        if isJoined, !texts.isEmpty {
          texts[texts.count - 1].text += text
        } else {
          texts.append(Text(line: begun, text: text, isRemedy: remedy != nil))
        }
        isJoined = false
        continue
      case UInt8(ascii: "r") where starts("remedy:") || starts("remedy ="):
        remedy = remedy ?? depth
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth < remedy ?? depth { remedy = nil }
      case UInt8(ascii: ",") where depth == remedy: remedy = nil
      default: break
      }
      if byte == UInt8(ascii: "+") {
        isJoined = true
      } else if byte > UInt8(ascii: " ") {
        isJoined = false
      }
      advance()
    }
  }

  private var byte: UInt8? { position < source.count ? source[position] : nil }

  private func starts(_ word: StaticString) -> Bool {
    source[position...].starts(with: "\(word)".utf8)
  }

  private mutating func advance(by count: Int = 1) {
    for _ in 0..<count where position < source.count {
      if source[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  /// The literal that begins here.
  private mutating func literal() -> String {
    let isRaw = starts("#")
    if isRaw { advance() }
    let quotes = starts("\"\"\"") ? 3 : 1
    advance(by: quotes)
    var text: [UInt8] = []
    while let byte, !(quotes == 3 ? starts("\"\"\"") : starts("\"")) {
      if byte != UInt8(ascii: "\\") || isRaw {
        text.append(byte)
        advance()
      } else if starts("\\(") {
        advance()
        interpolation()
        text.append(UInt8(ascii: "X"))
      } else {
        // At the end of a line it joins the next.
        if !starts("\\\n") { text.append(starts("\\n") ? 10 : source[position + 1]) }
        advance(by: 2)
      }
    }
    advance(by: quotes + (isRaw ? 1 : 0))
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func interpolation() {
    var depth = 0
    repeat {
      if starts("\"") {
        _ = literal()
        continue
      }
      if starts("(") { depth += 1 }
      if starts(")") { depth -= 1 }
      advance()
    } while depth > 0 && byte != nil
  }
}

@Suite("Commands that the command and the daemon tell people to run")
struct CommandsInTextTests {
  @Test("each is one that the parser takes, and a remedy has it between backticks")
  func sources() throws {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let files = try #require(FileManager.default.enumerator(atPath: "\(root)/Sources"))
    var (commands, remedies) = (0, 0)
    for case let file as String in files where file.hasSuffix(".swift") {
      for text in try SourceTexts(readText("\(root)/Sources/\(file)")).texts {
        guard text.text.contains("gatehouse ") else { continue }
        commands += 1
        if text.isRemedy { remedies += 1 }
        let objections = try CommandsInText.objections(to: text.text, all: text.isRemedy)
        #expect(objections == [], "Sources/\(file):\(text.line)")
      }
    }
    #expect(commands > 150 && remedies > 60, "\(commands) \(remedies)")
  }

  @Test(
    "what the parser does not take is found",
    arguments: [
      ("run `gatehouse chekc`", "no such subcommand"),
      ("`gatehouse reload --force`", "no option --force"),
      ("`gatehouse explain --from`", "--from needs a value"),
      ("`gatehouse status --json=yes`", "--json takes no value"),
      ("`gatehouse allow bob`", "needs 2"), ("`gatehouse grants bob`", "it takes 0"),
      ("`EDITOR=nano gatehouse edit --editor`", "no option --editor"),
      ("then gatehouse reload", "without backticks"),
      ("see gatehouse --help", "without backticks"),
    ])
  func wrong(text: String, objection: String) throws {
    let found = try CommandsInText.objections(to: text, all: true)
    #expect(found.count == 1 && found[0].contains(objection), "\(found)")
  }

  @Test(
    "and what it takes is not",
    arguments: [
      "`gatehouse reload --allow-lockout=USER,...`; `gatehouse pam enable --strict`",
      "`EDITOR=/path gatehouse edit`, `sudo gatehouse status`, `gatehouse network`",
      "`gatehouse explain bob --from 192.0.2.1 --service sshd`", "the gatehouse of `sshd`",
      "`gatehouse allow bob 192.0.2.1 --until 2027-01-01`", "`gatehouse check -`",
      "`gatehouse diff --help`", "`gatehouse sessions`", "`gatehouse shadow --json`",
      "`gatehouse doors sshd login`",
    ])
  func right(text: String) throws {
    #expect(try CommandsInText.objections(to: text, all: true) == [])
  }

  @Test("the texts of a source are found, with what is put into them, and which are remedies")
  func texts() {
    let source = """
      let a = "one \\(f("two", g(1))) three" + "four" // "no"
      fail("five", remedy: isSix ? "six" : seven("7"), "eight")
      let remedy = "nine"
      """
    let texts = SourceTexts(source).texts
    #expect(texts.map(\.text) == ["one X threefour", "five", "six", "7", "eight", "nine"])
    #expect(texts.map(\.isRemedy) == [false, false, true, true, false, true])
    #expect(texts.map(\.line) == [1, 2, 2, 2, 2, 3])
  }
}
