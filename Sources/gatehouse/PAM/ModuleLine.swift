import GatehouseClient
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// A line of PAM's files that names the module.
struct ModuleLine {
  /// The folder of PAM's files.
  static let folder = "/etc/pam.d"
  /// The module's file.
  static let module = "pam_gatehouse.so"

  /// The path of its file.
  let path: String
  /// The line as PAM reads it.
  let rule: PAMLine
  /// The options that the module understands.
  let options: ModuleOptions
  /// The options that it does not understand, and what is wrong with each.
  let problems: [(argument: String, phrase: StaticString)]

  /// The location of the line.
  var location: SourceLocation { SourceLocation(file: path, line: rule.line, column: 1) }
  /// The role that it asks for; nil if it asks for none.
  var role: Name? { Self.name(options.role) }
  /// The network that it asks about; nil if it asks about none.
  var network: Name? { Self.name(options.network) }
  /// The service that it asks as; nil if that is PAM's own.
  var service: Name? { Self.name(options.service) }

  /// The lines of the files whose names match a pattern of glob(7), in their order; a file that
  /// cannot be read has none.
  static func all(matching pattern: String = "*") -> [ModuleLine] {
    Files.matching("\(folder)/\(pattern)").flatMap { (try? all(in: $0)) ?? [] }
  }

  /// The lines of a file of at most 1 MiB.
  static func all(in path: String) throws(SystemError) -> [ModuleLine] {
    PAMLine.rules(in: try Files.content(of: path, atMost: 1 << 20))
      .filter { $0.module == module || $0.module.hasSuffix("/\(module)") }
      .map { ModuleLine($0, in: path) }
  }

  private init(_ rule: PAMLine, in path: String) {
    var options = ModuleOptions()
    var problems: [(argument: String, phrase: StaticString)] = []
    for argument in rule.arguments {
      do throws(OptionProblem) {
        try options.take(Array(argument.utf8).span)
      } catch {
        problems.append((argument, error.phrase))
      }
    }
    self.path = path
    self.rule = rule
    self.options = options
    self.problems = problems
  }

  private static func name<let limit: Int>(_ bytes: BoundedBytes<limit>) -> Name? {
    bytes.count > 0 ? Name(bytes: bytes.bytes.array) : nil
  }
}

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
