import Foundation
import TestKit
import Testing

/// The subcommands as the command's parser has them.
struct KnownSubcommand {
  /// What may stand behind the words of a subcommand.
  struct Argument {
    /// `positional`, `option` or `flag`.
    let kind: String
    /// Its names, with their dashes; none of a positional one.
    let names: Set<String>
    let isOptional: Bool
    let isRepeating: Bool
  }

  /// Its words, without `gatehouse`.
  let words: [String]
  let arguments: [Argument]

  var name: String { words.joined(separator: " ") }

  /// Its options, in the long form, without `--`.
  var options: Set<String> {
    Set(arguments.flatMap(\.names).filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) })
  }

  /// All that are shown in a help, and so documented.
  static let all = Result { try ofCommand() }

  /// Words that name several subcommands, such as `network`.
  static let groups = Result {
    Set(try all.get().filter { $0.words.count > 1 }.map { $0.words[0] })
  }

  private static func ofCommand() throws -> [Self] {
    struct Tool: Decodable { let command: Command }
    struct Command: Decodable {
      let commandName: String
      let shouldDisplay: Bool
      let subcommands: [Command]?
      let arguments: [Dumped]?
      let defaultSubcommand: String?
    }
    struct Dumped: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let names: [Name]?
      let isOptional: Bool
      let isRepeating: Bool
      var argument: Argument {
        Argument(
          kind: kind,
          names: Set((names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }),
          isOptional: isOptional, isRepeating: isRepeating)
      }
    }
    let text = try gatehouse(["--experimental-dump-help"]).output
    func flat(_ command: Command, below words: [String]) -> [Self] {
      let shown = (command.subcommands ?? []).filter {
        $0.shouldDisplay && $0.commandName != "help"
      }
      // The default of a group comes first.
      let inner =
        shown.filter { $0.commandName == command.defaultSubcommand }
        + shown.filter { $0.commandName != command.defaultSubcommand }
      let own = Self(words: words, arguments: (command.arguments ?? []).map(\.argument))
      return inner.isEmpty
        ? [own] : inner.flatMap { flat($0, below: words + [$0.commandName]) }
    }
    let tool = try JSONDecoder().decode(Tool.self, from: Data(text.utf8))
    return flat(tool.command, below: [])
  }

  /// What the parser would say against these words behind the subcommand's own; nil if it takes them.
  private func objection(to words: some Sequence<String>) -> String? {
    var rest = Array(words)
    var positions = 0
    while let word = rest.first {
      rest.removeFirst()
      guard word.hasPrefix("-"), word != "-" else {
        positions += 1
        continue
      }
      let (option, value) = (word.prefix { $0 != "=" }, word.contains("="))
      guard let argument = arguments.first(where: { $0.names.contains(String(option)) }) else {
        return "no option \(option)"
      }
      if argument.kind == "flag" {
        if value { return "\(option) takes no value" }
      } else if !value {
        if rest.isEmpty { return "\(option) needs a value" }
        rest.removeFirst()
      }
    }
    let positional = arguments.filter { $0.kind == "positional" }
    if positions > positional.count, !positional.contains(where: \.isRepeating) {
      return "\(positions) arguments, and it takes \(positional.count)"
    }
    let needed = positional.count { !$0.isOptional }
    return positions < needed ? "\(positions) arguments, and it needs \(needed)" : nil
  }

  /// What is wrong with a command as somebody would paste it; nil if nothing.
  ///
  /// Before `gatehouse` may stand `sudo` and settings of the environment. A subcommand alone is its
  /// name.
  ///
  /// - Parameter command: The command, without quotes.
  /// - Returns: What the parser would object to.
  /// - Throws: If the command does not describe itself.
  static func objection(to command: some StringProtocol) throws -> String? {
    var words = command.split(separator: " ").map { String($0) }
    words.removeFirst(words.firstIndex(of: "gatehouse").map { $0 + 1 } ?? 0)
    guard !words.isEmpty, words != ["--help"], words != ["help"] else { return nil }
    let known = try all.get()
    if words.count == 1, try groups.get().contains(words[0]) { return nil }
    // A group without more is its default.
    let subcommand =
      known.first { words.starts(with: $0.words) } ?? known.first { $0.words[0] == words[0] }
    guard let subcommand else { return "no such subcommand" }
    let behind = words.dropFirst(words.starts(with: subcommand.words) ? subcommand.words.count : 1)
    return behind.isEmpty || behind == ["--help"] ? nil : subcommand.objection(to: behind)
  }
}

/// Commands in what people read, and what is wrong with them.
enum CommandsInText {
  /// The objections to the commands of a text.
  ///
  /// - Parameters:
  ///   - text: What somebody reads.
  ///   - all: Whether a command outside of backticks, which may be wrapped, is wrong.
  /// - Returns: The objections; none if the parser takes each command.
  /// - Throws: If the command does not describe itself.
  static func objections(to text: String, all: Bool) throws -> [String] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    var found: [String] = []
    for (index, part) in parts.enumerated() {
      if index.isMultiple(of: 2) {
        if all, let bare = part.firstMatch(of: #/\bgatehouse (?<word>[a-z]+|--help)\b/#),
          try isSubcommand(bare.word)
        {
          found.append("`\(bare.output.0)` stands without backticks in: \(text)")
        }
      } else if part.contains(#/^([A-Z]+=\S+ |sudo )*gatehouse /#),
        let objection = try KnownSubcommand.objection(to: part)
      {
        found.append("`\(part)`: \(objection)")
      }
    }
    return found
  }

  private static func isSubcommand(_ word: Substring) throws -> Bool {
    try KnownSubcommand.all.get().contains { $0.words[0] == word } || word == "--help"
  }
}
