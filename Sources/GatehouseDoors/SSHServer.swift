public import GatehousePAM
import GatehouseSSHConfig

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
      let config = SSHConfig(
        file(of: start.arguments) ?? "\(folder)/sshd_config", folder: folder,
        from: MachineSource(machine: machine))
      servers.append(
        SSHServer(
          name: start.name, program: program, arguments: start.arguments, settings: settings,
          matches: config.matches(of: watched),
          locations: config.locations.filter { name, _ in
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

/// The files of a machine, as sshd includes them.
private struct MachineSource: SSHConfigSource {
  let machine: any DoorMachine

  func content(of path: String) -> [UInt8]? {
    guard case .text(let text) = machine.file(at: path) else { return nil }
    return Array(text.utf8)
  }

  /// Stars and question marks in the last part only, as everybody writes them.
  func paths(matching pattern: String) -> [String] {
    guard let slash = pattern.lastIndex(of: "/") else { return [pattern] }
    let last = SSHPattern(pattern[pattern.index(after: slash)...].utf8)
    guard last.hasWildcard else { return [pattern] }
    let place = String(pattern[..<slash])
    return machine.names(in: place)
      .filter { !$0.hasPrefix(".") && last.matches($0.utf8) }
      .map { "\(place)/\($0)" }
  }
}

extension SSHConfig {
  /// What the Match blocks change of some settings.
  fileprivate func matches(of names: Set<String>) -> [SSHMatch] {
    lines.compactMap { line in
      guard names.contains(line.keyword), let value = line.values.first,
        let block = line.blocks.map({ blocks[$0] }).last(where: { !$0.criteria.isEmpty })
      else { return nil }
      return SSHMatch(
        keyword: line.keyword, value: String(decoding: value, as: UTF8.self),
        criteria: block.text, location: location(of: line))
    }
  }

  /// Where each setting stands outside Match blocks: the first place counts.
  fileprivate var locations: [String: PAMLocation] {
    let always = lines.filter { $0.blocks.allSatisfy { blocks[$0].criteria.isEmpty } }
    return Dictionary(
      always.map { ($0.keyword, location(of: $0)) }, uniquingKeysWith: { first, _ in first })
  }

  private func location(of line: Line) -> PAMLocation {
    PAMLocation(file: files[line.location.file], line: line.location.line)
  }
}
