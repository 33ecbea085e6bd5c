public import GatehousePAM

/// A server of OpenSSH, and what it says of itself (`sshd -T`).
public struct SSHServer: Hashable, Sendable {
  /// The unit that starts it, or `sshd`.
  public var name: String
  /// The program: `sshd` if it is the one along PATH, else its path.
  public var program: String
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
  /// The servers of a machine; empty if it has no sshd.
  public static func all(of machine: any DoorMachine) -> [SSHServer] {
    var servers: [SSHServer] = []
    var seen: Set<[String]> = []
    let usual = machine.place(ofProgram: "sshd")
    let first = SSHStart(name: "sshd", program: "sshd", arguments: [])
    for start in [first] + SSHUnits(machine: machine).starts {
      let isUsual = machine.place(ofProgram: start.program) == usual
      let program = isUsual ? "sshd" : start.program
      guard seen.insert([program] + start.arguments).inserted else { continue }
      let settings: Result<[String: String], SSHProblem>
      switch machine.run(program, ["-T"] + start.arguments) {
      case .absent: continue
      case .failed(let text): settings = .failure(SSHProblem(text: text))
      case .text(let text): settings = .success(Self.settings(in: text))
      }
      let folder = isUsual ? "/etc/ssh" : self.folder(of: program, machine)
      var reader = SSHConfigReader(machine: machine, folder: folder)
      reader.read(file(of: start.arguments) ?? "\(folder)/sshd_config")
      servers.append(
        SSHServer(
          name: start.name, program: program, arguments: start.arguments, settings: settings,
          matches: reader.matches.filter { Self.watched.contains($0.keyword) },
          locations: reader.locations.filter { name, _ in
            !start.arguments.contains { isSetting($0, of: name) }
          }))
    }
    return servers
  }

  /// The folder of the settings of a sshd that is not the system's, as it is usually built.
  private static func folder(of program: String, _ machine: any DoorMachine) -> String {
    let prefix = program.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
    let usual = ["\(prefix)/etc/ssh", "\(prefix)/etc"]
    return usual.first { machine.file(at: "\($0)/sshd_config") != .absent } ?? "/etc/ssh"
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

  /// Whether the value of `-o` is about a setting, so that what the files say of it does not count.
  private static func isSetting(_ argument: String, of name: String) -> Bool {
    argument.prefix(while: \.isLetter).lowercased() == name
  }

  /// The file that `-f` names.
  private static func file(of arguments: [String]) -> String? {
    guard let flag = arguments.firstIndex(of: "-f") else { return nil }
    return arguments[flag...].dropFirst().first
  }
}

/// Reads sshd_config as far as to see where settings stand, and in which Match block.
struct SSHConfigReader {
  let machine: any DoorMachine
  /// The folder where sshd looks for files whose path is not absolute.
  let folder: String
  private(set) var matches: [SSHMatch] = []
  private(set) var locations: [String: PAMLocation] = [:]
  private var criteria: String?
  private var depth = 0

  init(machine: any DoorMachine, folder: String) {
    (self.machine, self.folder) = (machine, folder)
  }

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
    let path = pattern.hasPrefix("/") ? pattern : "\(folder)/\(pattern)"
    guard let slash = path.lastIndex(of: "/"), path[slash...].contains(where: { "*?".contains($0) })
    else { return [path] }
    let place = String(path[..<slash])
    let last = Array(path[path.index(after: slash)...])
    return machine.names(in: place).filter { name in
      !name.hasPrefix(".") && matches(Array(name)[...], last[...])
    }.map { "\(place)/\($0)" }
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
