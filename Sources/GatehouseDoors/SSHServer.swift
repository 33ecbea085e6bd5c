public import GatehousePAM

/// A server of OpenSSH, and what it says of itself (`sshd -T`).
public struct SSHServer: Hashable, Sendable {
  /// The unit that starts it, or `sshd`.
  public var name: String
  /// The arguments that change its settings (`-f`, `-o`).
  public var arguments: [String]
  /// Its settings by their names in small letters, or why it does not say them.
  public var settings: Result<[String: String], SSHProblem>
  /// What its Match blocks change of what matters here.
  public var matches: [SSHMatch]
  /// Where some settings stand, by their names in small letters: the first place counts.
  public var locations: [String: PAMLocation]

  /// Whether it asks PAM; nil if it does not say.
  public var usesPAM: Bool? { setting("usepam").map { $0 == "yes" } }
  /// The services as which it asks PAM, that of most logins first.
  ///
  /// Before OpenSSH 9.8 the service is the name of the program.
  public var services: [String] {
    var services = [setting("pamservicename") ?? "sshd"]
    for match in matches where match.keyword == "pamservicename" {
      if !services.contains(match.value) { services.append(match.value) }
    }
    return services
  }

  /// A setting's value in small letters; nil if it has none, or does not say.
  public func setting(_ name: String) -> String? { (try? settings.get())?[name] }
}

/// Why sshd does not say its settings.
public struct SSHProblem: Error, Hashable, Sendable {
  /// What it said.
  public var text: String
}

/// A setting in a Match block of sshd_config.
public struct SSHMatch: Hashable, Sendable {
  /// The setting's name in small letters.
  public var keyword: String
  /// Its value.
  public var value: String
  /// The criteria of the block, as they are written.
  public var criteria: String
  /// Where the setting stands.
  public var location: PAMLocation
}

extension SSHServer {
  /// The settings that decide whether PAM is asked, and what it is told.
  private static let watched: Set<String> = ["usepam", "pamservicename", "usedns"]
  private static let unitFolders = [
    "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
    "/usr/lib/systemd/system", "/lib/systemd/system",
  ]

  /// The servers of a machine; empty if it has no sshd.
  public static func all(of machine: any DoorMachine) -> [SSHServer] {
    var servers: [SSHServer] = []
    var seen: Set<[String]> = []
    for (name, arguments) in [("sshd", [])] + units(of: machine) {
      guard seen.insert(arguments).inserted else { continue }
      let settings: Result<[String: String], SSHProblem>
      switch machine.run("sshd", ["-T"] + arguments) {
      case .absent: return []
      case .failed(let text): settings = .failure(SSHProblem(text: text))
      case .text(let text): settings = .success(Self.settings(in: text))
      }
      var reader = SSHConfigReader(machine: machine)
      reader.read(file(of: arguments))
      servers.append(
        SSHServer(
          name: name, arguments: arguments, settings: settings,
          matches: reader.matches.filter { Self.watched.contains($0.keyword) },
          locations: reader.locations))
    }
    return servers
  }

  /// The settings that `sshd -T` prints: a name in small letters and a value a line.
  static func settings(in text: String) -> [String: String] {
    var settings: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard let name = words.first?.lowercased(), settings[name] == nil else { continue }
      settings[name] = words.count == 2 ? words[1] : ""
    }
    return settings
  }

  private static func file(of arguments: [String]) -> String {
    guard let flag = arguments.firstIndex(of: "-f"), flag + 1 < arguments.count else {
      return "/etc/ssh/sshd_config"
    }
    return arguments[flag + 1]
  }

  /// The units that start a sshd, and the arguments that change its settings.
  private static func units(of machine: any DoorMachine) -> [(name: String, arguments: [String])] {
    var units: [(name: String, arguments: [String])] = []
    var names: Set<String> = []
    for folder in unitFolders {
      for name in machine.names(in: folder) where name.hasSuffix(".service") {
        guard case .text(let text) = machine.file(at: "\(folder)/\(name)"),
          names.insert(name).inserted
        else { continue }
        for command in commands(in: text, of: machine) {
          units.append((name, settingArguments(of: command)))
        }
      }
    }
    return units
  }

  /// The words after the program in each ExecStart= of a unit that starts a sshd.
  private static func commands(in unit: String, of machine: any DoorMachine) -> [[String]] {
    let lines = unit.replacing("\\\n", with: " ").split(whereSeparator: \.isNewline)
    let variables = environment(lines, of: machine)
    return lines.compactMap { line in
      let text = line.drop { $0 == " " }
      guard text.hasPrefix("ExecStart=") else { return nil }
      let words = text.dropFirst("ExecStart=".count).split(separator: " ").flatMap { word in
        word.hasPrefix("$")
          ? variables[word.filter { $0.isLetter || $0.isNumber || $0 == "_" }] ?? []
          : [String(word)]
      }
      guard let program = words.first, program.hasSuffix("/sshd") else { return nil }
      return Array(words.dropFirst())
    }
  }

  private static func environment(
    _ lines: [Substring], of machine: any DoorMachine
  ) -> [String: [String]] {
    var variables: [String: [String]] = [:]
    for line in lines where line.hasPrefix("EnvironmentFile=") {
      let path = line.dropFirst("EnvironmentFile=".count).drop { $0 == "-" }
      guard case .text(let text) = machine.file(at: String(path)) else { continue }
      for assignment in text.split(whereSeparator: \.isNewline) {
        let parts = assignment.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, !assignment.hasPrefix("#") else { continue }
        let value = parts[1].filter { $0 != "\"" && $0 != "'" }
        variables[String(parts[0])] = value.split(separator: " ").map(String.init)
      }
    }
    return variables
  }

  /// Those of the arguments that change settings, each flag apart from its value.
  static func settingArguments(of words: [String]) -> [String] {
    var arguments: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      for flag in ["-f", "-o"] where word.hasPrefix(flag) {
        let value = word == flag ? rest.popFirst() : String(word.dropFirst(2))
        arguments += value.map { [flag, $0] } ?? []
      }
    }
    return arguments
  }
}

/// Reads sshd_config as far as to see where settings stand, and in which Match block.
struct SSHConfigReader {
  let machine: any DoorMachine
  private(set) var matches: [SSHMatch] = []
  private(set) var locations: [String: PAMLocation] = [:]
  private var criteria: String?
  private var depth = 0

  init(machine: any DoorMachine) { self.machine = machine }

  /// Reads a file and what it includes.
  mutating func read(_ path: String) {
    // sshd's own bound.
    guard depth < 16, case .text(let text) = machine.file(at: path) else { return }
    depth += 1
    // A Match block of an included file ends with it.
    let outer = criteria
    defer {
      depth -= 1
      criteria = outer
    }
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      take(words(of: line), at: PAMLocation(file: path, line: number + 1))
    }
  }

  /// The words of a line; `=` may stand after the first, and quotes keep spaces together.
  private func words(of line: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    var hasWord = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
        hasWord = true
      } else if !isQuoted && (character.isWhitespace || character == "=" && words.count < 1) {
        if hasWord { words.append(word) }
        (word, hasWord) = ("", false)
      } else if !isQuoted && character == "#" && !hasWord {
        break
      } else {
        word.append(character)
        hasWord = true
      }
    }
    return hasWord ? words + [word] : words
  }

  private mutating func take(_ words: [String], at location: PAMLocation) {
    guard let keyword = words.first?.lowercased(), words.count > 1 else { return }
    switch keyword {
    case "match":
      let text = words.dropFirst().joined(separator: " ")
      criteria = text.lowercased() == "all" ? nil : text
    case "include":
      for pattern in words.dropFirst() {
        for path in paths(matching: pattern) { read(path) }
      }
    default:
      if let criteria {
        matches.append(
          SSHMatch(keyword: keyword, value: words[1], criteria: criteria, location: location))
      } else if locations[keyword] == nil {
        locations[keyword] = location
      }
    }
  }

  /// The files of a pattern; stars and question marks in its last part only, as everybody writes them.
  private func paths(matching pattern: String) -> [String] {
    let path = pattern.hasPrefix("/") ? pattern : "/etc/ssh/\(pattern)"
    guard let slash = path.lastIndex(of: "/"), path[slash...].contains(where: { "*?".contains($0) })
    else { return [path] }
    let folder = String(path[..<slash])
    let last = Array(path[path.index(after: slash)...])
    return machine.names(in: folder).filter { name in
      !name.hasPrefix(".") && matches(Array(name)[...], last[...])
    }.map { "\(folder)/\($0)" }
  }

  private func matches(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == "*" {
      return matches(name, pattern.dropFirst())
        || !name.isEmpty && matches(name.dropFirst(), pattern)
    }
    guard let letter = name.first, first == "?" || first == letter else { return false }
    return matches(name.dropFirst(), pattern.dropFirst())
  }
}
