internal import GatehousePAM

/// A way in which systemd starts a sshd.
struct SSHStart {
  /// The unit.
  var name: String
  /// The program: a path, or a name along PATH.
  var program: String
  /// The arguments that change its settings, each flag apart from its value.
  var arguments: [String]
}

/// The units of a machine that start a sshd.
struct SSHUnits {
  let machine: any DoorMachine

  /// The folders of units, those first that count before the others.
  private static let folders = [
    "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
  ]

  /// What the units start, by the names of the units.
  var starts: [SSHStart] {
    let names = Set(Self.folders.flatMap { machine.names(in: $0) })
    return names.filter { $0.hasSuffix(".service") }.sorted().flatMap { name in
      guard let text = text(of: name).map({ $0 + dropIns(of: name) }), text.namesSSHD else {
        return [SSHStart]()
      }
      return UnitText(text, machine).commands.compactMap { command in
        // Signs before the path say how systemd runs it.
        guard let program = command.first.map({ String($0.drop { "-@:+!|".contains($0) }) }),
          program.hasSuffix("/sshd")
        else { return nil }
        return SSHStart(
          name: name, program: program, arguments: Self.settingArguments(of: command.dropFirst()))
      }
    }
  }

  /// The unit's own text; nil if it is masked, or cannot be read.
  private func text(of name: String) -> String? {
    for folder in Self.folders {
      switch machine.file(at: "\(folder)/\(name)") {
      case .absent: continue
      // A link to /dev/null is no regular file.
      case .unreadable: return nil
      case .text(let text): return text
      }
    }
    return nil
  }

  /// The texts of its drop-ins in the order of their names; of one name, that of the first folder.
  private func dropIns(of name: String) -> String {
    var kinds = ["\(name).d"]
    for (index, letter) in zip(name.indices, name) where letter == "-" {
      kinds.insert("\(name[...index]).service.d", at: 1)
    }
    var paths: [String: String] = [:]
    for kind in kinds + ["service.d"] {
      for folder in Self.folders.map({ "\($0)/\(kind)" }) {
        for file in machine.names(in: folder) where file.hasSuffix(".conf") {
          if paths[file] == nil { paths[file] = "\(folder)/\(file)" }
        }
      }
    }
    return paths.sorted { $0.key < $1.key }.reduce(into: "") { all, path in
      if case .text(let text) = machine.file(at: path.value) { all += "\n" + text }
    }
  }

  /// Those of the arguments that change settings, each flag apart from its value.
  private static func settingArguments(of words: ArraySlice<String>) -> [String] {
    var arguments: [String] = []
    var rest = words
    while let word = rest.popFirst() {
      for flag in ["-f", "-o"] where word.hasPrefix(flag) {
        let value = word == flag ? rest.popFirst() : String(word.dropFirst(2))
        arguments += value.map { [flag, $0] } ?? []
      }
    }
    return arguments
  }
}

extension String {
  /// Whether it may start a sshd: systemd takes the program from a variable only if the text names it,
  /// too.
  fileprivate var namesSSHD: Bool {
    var rest = utf8[...]
    while let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
      if rest[slash...].starts(with: "/sshd".utf8) { return true }
      rest = rest[slash...].dropFirst()
    }
    return false
  }
}

/// The lines of a unit and its drop-ins, as systemd takes them one after the other.
private struct UnitText {
  /// The words of each ExecStart=, with the values of variables.
  private(set) var commands: [[String]] = []
  private let machine: any DoorMachine
  private var written: [String: String] = [:]
  private var files: [String] = []

  init(_ text: String, _ machine: any DoorMachine) {
    self.machine = machine
    var lines: [String] = []
    for line in text.with(" ", for: "\\\n").split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = String(parts[1].drop(while: \.isWhitespace))
      switch parts[0].filter({ !$0.isWhitespace }) {
      case "ExecStart": lines = value.isEmpty ? [] : lines + [value]
      case "Environment": setVariables(value)
      case "EnvironmentFile": files = value.isEmpty ? [] : files + [value]
      default: break
      }
    }
    let variables = variables
    commands = lines.map { line in
      Self.words(of: line).flatMap { word in
        // A variable that is a whole word may be several.
        if word.hasPrefix("$"), !word.hasPrefix("${") {
          return Self.words(of: variables[String(word.dropFirst())] ?? "")
        }
        return [variables.reduce(word) { $0.with($1.value, for: "${\($1.key)}") }]
      }
    }
  }

  private mutating func setVariables(_ value: String) {
    if value.isEmpty { written = [:] }
    for word in Self.words(of: value) {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { written[parts[0]] = parts[1] }
    }
  }

  /// What Environment= says, and over that what the files of EnvironmentFile= say.
  private var variables: [String: String] {
    var variables = written
    for file in files {
      guard case .text(let text) = machine.file(at: String(file.drop { $0 == "-" })) else {
        continue
      }
      for line in text.split(whereSeparator: \.isNewline) where !"#;".contains(line.first ?? "#") {
        let parts = line.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { continue }
        var value = parts[1]
        // Quotes around all of a value are not a part of it.
        if let quote = value.first, "\"'".contains(quote), value.count > 1, value.last == quote {
          value = value.dropFirst().dropLast()
        }
        variables[parts[0].filter { !$0.isWhitespace }] = String(value)
      }
    }
    return variables
  }

  /// The words of a line; quotes keep spaces together.
  private static func words(of line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for letter in line {
      if letter == quote {
        quote = nil
      } else if quote == nil, letter == "\"" || letter == "'" {
        quote = letter
        word = word ?? ""
      } else if quote == nil, letter.isWhitespace {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(letter)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
