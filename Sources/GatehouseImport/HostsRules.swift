import GatehousePolicy

// How TCP wrappers decide (hosts_access.c of Debian's tcp_wrappers 7.6)
// ---------------------------------------------------------------------
// The first line of hosts.allow that matches the daemon and the client allows, unless its options
// refuse. If there is none, the first of hosts.deny refuses, unless its options allow. If there is
// none either, the client is allowed. A file that is not there has no lines.
//
// So each daemon is a list of addresses, the same for everybody. A word that a policy cannot express is
// left out, and it is said whether the policy allows more or less without it.

/// Reads hosts.allow and hosts.deny into the lists of services.
struct HostsRules {
  /// The lists of the PAM services that the files mean.
  private(set) var services: [ServiceRules] = []
  private(set) var diagnostics: [LocatedDiagnostic] = []
  /// Whether there is a line that refuses.
  var refuses: Bool { rules.contains { !$0.allows } }

  private let hasService: ((Name) -> Bool)?
  private var rules: [Line] = []
  /// The daemons that the files name in full, each with the first line that does.
  private(set) var named: [Name: LineLocation] = [:]

  /// The daemons that the machine itself reaches by one of its two addresses alone, by their first
  /// line.
  private var halfHomes: [LineLocation: Set<Name>] = [:]

  /// A line that TCP wrappers obey, without the words that a policy cannot express.
  private struct Line {
    let location: LineLocation
    let allows: Bool
    /// The daemons, the exceptions from them, the exceptions from those, and so on.
    let daemons: [[DaemonWord]]
    let clients: AddressSet

    func means(_ daemon: Name) -> Bool {
      daemons.reversed().reduce(false) { excepted, words in
        words.contains { $0.means(daemon) } && !excepted
      }
    }
  }

  init(allow: ImportFile?, deny: ImportFile?, hasService: ((Name) -> Bool)?) {
    self.hasService = hasService
    for (number, file) in [allow, deny].compactMap(\.self).enumerated() {
      read(file, number: number, isAllowFile: number == 0 && allow != nil)
    }
    deriveServices()
  }

  // MARK: Lines

  /// The bytes between the words of a list.
  private static let separators = Array(", \t\r\n".utf8)

  private mutating func read(_ file: ImportFile, number: Int, isAllowFile: Bool) {
    for text in HostsText.all(of: file.content) {
      let location = LineLocation(file: number, line: text.line)
      switch HostsLine(text) {
      case .blank: break
      case .skipped:
        report(
          .note, "skipped_line", at: location,
          "TCP wrappers skip this line, and so does the policy: it has no colon")
      case .broken(let reason):
        report(
          .note, "broken_line", at: location,
          isAllowFile
            ? "\(reason), so TCP wrappers read hosts.allow up to here, and so does the policy"
            : "\(reason), so TCP wrappers refuse everybody here, and so does the policy")
        guard !isAllowFile else { return }
        rules.append(
          Line(location: location, allows: false, daemons: [[.all]], clients: .everything))
      case .rule(let rule): read(rule, at: location, isAllowFile: isAllowFile)
      }
    }
  }

  private mutating func read(_ rule: HostsRule, at location: LineLocation, isAllowFile: Bool) {
    let options = HostsOptions(rule.options, isAllowFile: isAllowFile)
    for finding in options.findings {
      report(finding.kind, finding.name, at: location, finding.text)
    }
    var leftOut = LeftOutWords()
    let daemons = wordsByExcept(rule.daemons, separators: Self.separators).enumerated()
      .map { depth, words in
        words.map { word in
          let read = DaemonWord(word)
          if let name = read.name { named[name] = named[name] ?? location }
          switch read {
          case .unsupported(let reason, _):
            leftOut.add(
              Name(bytes: word).description, reason,
              opens: options.allows != depth.isMultiple(of: 2))
          case .nobody:
            report(
              .note, "odd_name", at: location,
              "`\(Name(bytes: word))` is no name of a daemon, and matches none")
          case .all, .name, .pattern: break
          }
          return read
        }
      }
    var clients = AddressSet.nothing
    let levels = wordsByExcept(rule.clients, separators: Self.separators)
    for (depth, words) in levels.enumerated().reversed() {
      var ranges: [AddressRange] = []
      for word in words {
        let read = ClientWord(word)
        ranges += read.addresses.ranges
        if let reason = read.unsupported {
          leftOut.add(
            Name(bytes: word).description, reason,
            opens: options.allows != depth.isMultiple(of: 2))
        }
        if let surprise = read.surprise {
          report(
            .note, "surprising_address", at: location, "`\(Name(bytes: word))` \(surprise)")
        }
      }
      clients = AddressSet(ranges).subtracting(clients)
    }
    diagnostics += leftOut.diagnostics(at: location)
    rules.append(
      Line(location: location, allows: options.allows, daemons: daemons, clients: clients))
  }

  // MARK: Services

  private mutating func deriveServices() {
    var daemons: [Name: Set<Name>] = [:]
    for daemon in named.keys {
      for service in existing(HostsServices.services(of: daemon)) {
        daemons[service, default: []].insert(daemon)
      }
    }
    // ALL and the like mean the usual ones, too.
    let meant = HostsServices.usual.keys.filter { daemon in
      rules.contains { $0.means(daemon) }
    }
    for daemon in meant where named[daemon] == nil {
      for service in HostsServices.services(of: daemon) where hasService?(service) ?? true {
        let others = daemons[service, default: []]
        guard others.isDisjoint(with: named.keys) else { continue }
        daemons[service] = others.union([daemon])
      }
    }
    noteServices(daemons)
    for (service, daemons) in daemons.sorted(by: { $0.key < $1.key }) {
      let refusals = daemons.sorted().map { refusal(of: $0) }
      if Set(refusals.map(\.origins)).count > 1 {
        report(
          .notImported, "shared_service", at: named[daemons.sorted()[0]] ?? firstLocation,
          "the daemons \(daemons.sorted().map(\.description).joined(separator: ", ")) are one PAM"
            + " service, \(service): the policy allows there only what all of them do")
      }
      services.append(
        ServiceRules(
          service: service, derivation: Derivation(refusals, groupsInParentheses: nil)))
    }
    for (location, daemons) in halfHomes {
      let names = daemons.sorted().map { "`\($0)`" }.joined(separator: ", ")
      report(
        .notImported, "loopback", at: location,
        "for \(names) the policy refuses logins from this machine to itself, because one of"
          + " 127.0.0.1 and [::1] is refused, and they are one place to it: write both")
    }
  }

  private var firstLocation: LineLocation {
    rules.first?.location ?? LineLocation(file: 0, line: 1)
  }

  /// Those of some services that the machine has; all if it has none of them.
  private func existing(_ services: [Name]) -> [Name] {
    let found = services.filter { hasService?($0) ?? true }
    return found.isEmpty ? services : found
  }

  /// Says which services the policy restricts.
  private mutating func noteServices(_ daemons: [Name: Set<Name>]) {
    for (daemon, location) in named {
      let services = HostsServices.services(of: daemon)
      let names = services.map(\.description).joined(separator: " and ")
      if let hasService, !services.contains(where: hasService) {
        report(
          .note, "no_service", at: location,
          "this machine has no PAM service \(names) for `\(daemon)`: if it lets people in by another,"
            + " write that into the policy, else take it out")
      } else if services != [daemon] {
        report(.note, "service", at: location, "`\(daemon)` is the PAM service \(names)")
      }
    }
    let hasAll: (Line) -> Bool = { line in
      line.daemons.joined().contains {
        switch $0 {
        case .all, .pattern: true
        case .name, .nobody, .unsupported: false
        }
      }
    }
    guard let line = rules.first(where: hasAll) else { return }
    let names = daemons.keys.sorted().map(\.description).joined(separator: ", ")
    report(
      .note, "all_services", at: line.location,
      "of daemons that no line names, the policy has those that usually log people in; its services"
        + " are \(names.isEmpty ? "none" : names), and any other stays open")
  }

  /// What a daemon refuses.
  private mutating func refusal(of daemon: Name) -> Rule {
    let lines = rules.filter { $0.means(daemon) }
    var allowed = AddressSet.nothing
    var decided = AddressSet.nothing
    var rest = lines[...]
    while let first = rest.first {
      // Lines that follow one another and do the same are one.
      let alike = rest.prefix { $0.allows == first.allows }
      let addresses = AddressSet(alike.flatMap(\.clients.ranges))
      if first.allows { allowed = allowed.union(addresses.subtracting(decided)) }
      decided = decided.union(addresses)
      rest = rest.dropFirst(alike.count)
    }
    allowed = allowed.union(decided.complement)
    // To a policy the machine itself is one place.
    let home = IPAddress.loopbacks.count { allowed.contains($0) }
    if home == IPAddress.loopbacks.count {
      allowed = allowed.union(.loopback)
    } else {
      allowed = allowed.subtracting(.loopback)
      if home > 0 {
        halfHomes[lines.first?.location ?? firstLocation, default: []].insert(daemon)
      }
    }
    return Rule(
      location: lines.first?.location ?? firstLocation, allows: false,
      users: UserCondition(levels: [UserCondition.Level(everyone: true)]),
      origins: allowed.complement, terminals: .none)
  }

  private mutating func report(
    _ kind: ImportDiagnostic.Kind, _ name: String, at location: LineLocation, _ text: String
  ) {
    diagnostics.append(LocatedDiagnostic(kind, name, at: location, text))
  }
}

extension HostsRules {
  /// Whether a file is hosts.allow or hosts.deny: one of its rules has ALL, or an address or a domain
  /// among its clients, and each line is a rule; if somebody says so, one rule is enough.
  static func areLikely(in content: [UInt8], isWanted: Bool) -> Bool {
    var isLikely = false
    for text in HostsText.all(of: content) {
      // A line that TCP wrappers do not get through is one all the same.
      let bytes = text.bytes.last == UInt8(ascii: "\n") ? text.bytes : text.bytes + [0x0A]
      switch HostsLine(HostsText(line: text.line, bytes: bytes, isTooLong: false)) {
      case .blank, .broken: break
      case .skipped: if !isWanted { return false }
      case .rule(let rule):
        if isWanted { return true }
        let words = [rule.daemons, rule.clients].flatMap {
          wordsByExcept($0, separators: separators).joined()
        }
        let clients = wordsByExcept(rule.clients, separators: separators).joined()
        isLikely =
          isLikely || words.contains { $0.equalsIgnoringCase("ALL") }
          || clients.contains { !ClientWord($0).addresses.isEmpty || $0.first == UInt8(ascii: ".") }
      }
    }
    return isLikely
  }
}

extension IPAddress {
  /// 127.0.0.1 and ::1.
  fileprivate static let loopbacks = [
    IPAddress(ipv4: 0x7F00_0001), IPAddress(ipv6: 1),
  ]
}
