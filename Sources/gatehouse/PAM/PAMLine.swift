/// A rule of a file under /etc/pam.d (pam.d(5)).
struct PAMLine: Equatable {
  /// The number of its first line, from 1.
  let line: Int
  /// `account`, `auth`, `password` or `session`, in lower case and without the leading dash.
  let type: String
  /// The control, such as `required`, or the words in brackets.
  let control: String
  /// The module's path as written.
  let module: String
  /// The module's arguments.
  let arguments: [String]

  /// The rules of a file, as libpam reads them.
  ///
  /// `#` begins a comment, a backslash at the end continues a line, and brackets keep words
  /// together. Other lines are left out.
  static func rules(in content: [UInt8]) -> [PAMLine] {
    var rules: [PAMLine] = []
    var number = 0
    var pending: (text: [UInt8], line: Int)?
    for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let uncommented = line.prefix { $0 != UInt8(ascii: "#") }
      var text = (pending?.text ?? []) + uncommented
      let start = pending?.line ?? number
      pending = nil
      if text.last == UInt8(ascii: "\\") && uncommented.count == line.count {
        text[text.count - 1] = UInt8(ascii: " ")
        pending = (text, start)
      } else if let rule = PAMLine(words(of: text), line: start) {
        rules.append(rule)
      }
    }
    return rules
  }

  private init?(_ words: [String], line: Int) {
    guard words.count >= 3 else { return nil }
    self.line = line
    type = (words[0].hasPrefix("-") ? String(words[0].dropFirst()) : words[0]).lowercased()
    control = words[1]
    module = words[2]
    arguments = Array(words[3...])
  }

  /// The words of a rule; one in brackets may hold spaces, and `\]` is a bracket in it.
  private static func words(of text: [UInt8]) -> [String] {
    var words: [String] = []
    var rest = text[...]
    while let first = rest.first {
      if isSpace(first) {
        rest = rest.dropFirst()
        continue
      }
      var word: [UInt8] = []
      if first == UInt8(ascii: "[") {
        rest = rest.dropFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
          let isEscaped = byte == UInt8(ascii: "\\") && rest.first == UInt8(ascii: "]")
          word.append(isEscaped ? rest.removeFirst() : byte)
        }
      } else {
        let end = rest.firstIndex(where: isSpace) ?? rest.endIndex
        word = Array(rest[..<end])
        rest = rest[end...]
      }
      words.append(String(decoding: word, as: UTF8.self))
    }
    return words
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
