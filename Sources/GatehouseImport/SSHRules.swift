import GatehousePolicy
import GatehouseSSHConfig

// How sshd decides (auth.c of OpenSSH 9.2, `allowed_user`)
// --------------------------------------------------------
// A user whom DenyUsers names is refused; so is one whom AllowUsers does not name, if there is an
// AllowUsers; then a member of a group of DenyGroups, and who is in no group of AllowGroups, if there is
// one. The lines of one keyword add up, and so do those of all Match blocks that match; but as soon as
// a block that matches has the keyword, the lines outside of blocks do not count for it.
//
// So for each address, each keyword is a condition on the user and the groups under which it refuses.
// That is written as rules that refuse: for each way to meet the condition, one.

/// Reads the lists of a sshd_config into rules, each of which refuses.
struct SSHRules {
  /// The keywords whose lines are lists of users or groups.
  enum Keyword: String, CaseIterable {
    case denyUsers = "denyusers"
    case allowUsers = "allowusers"
    case denyGroups = "denygroups"
    case allowGroups = "allowgroups"

    var allows: Bool { self == .allowUsers || self == .allowGroups }
    var isForGroups: Bool { self == .denyGroups || self == .allowGroups }
  }

  private(set) var rules: [Rule] = []
  private(set) var diagnostics: [LocatedDiagnostic] = []
  /// Whether there is any list at all.
  private(set) var hasLists = false

  private let config: SSHConfig
  private let usesDNS: Bool
  private var lists: [Keyword: [BlockList]] = [:]
  private var blocks: [MatchBlock] = []
  /// The users and groups that the file names in full.
  private var users: Set<Name> = []
  private var groups: Set<Name> = []
  /// What a policy does not know, each with its number.
  private var unknowns: [String: Int] = [:]

  /// A word of a list.
  private struct Entry {
    let pattern: NamePattern
    /// Where it counts.
    let addresses: AddressSet
    let location: LineLocation
  }

  /// What one keyword says in one Match block, or outside of them.
  private struct BlockList {
    /// The blocks that all have to match.
    let blocks: [Int]
    var entries: [Entry] = []
    let location: LineLocation
  }

  /// The head of a Match block.
  private struct MatchBlock {
    var addresses = AddressSet.everything
    var condition: [LoginCondition] = []
  }

  /// Throws an `UnreadableImport` if sshd does not start with the file.
  init(_ config: SSHConfig) throws(UnreadableImport) {
    self.config = config
    usesDNS =
      config.lines.first { $0.keyword == "usedns" && $0.blocks.isEmpty }?
      .values.first?.lowercased() == Array("yes".utf8)
    if let problem = config.problems.first {
      throw UnreadableImport(config, at: problem.location, problem.text)
    }
    collectNames()
    try readBlocks()
    try readLists()
    hasLists = !lists.isEmpty
    noteOthers()
    do throws(TooManyNodes) {
      try deriveRules()
    } catch {
      throw UnreadableImport(
        file: config.files.first ?? "", line: nil,
        "its Match blocks can match together in too many ways to be analysed")
    }
  }

  // MARK: Names

  /// A pattern for the name of a user or a group.
  private enum NamePattern {
    case everyone
    case name(Name)
    case wildcard(SSHPattern)
    /// No name of a user or a group is like that.
    case nobody

    init(_ bytes: [UInt8]) {
      let pattern = SSHPattern(bytes)
      if pattern.isEverything {
        self = .everyone
      } else if pattern.hasWildcard {
        self = .wildcard(pattern)
      } else if bytes.isEmpty || "@%+-!".utf8.contains(bytes[0]) || bytes.count > 255
        || bytes.contains(where: { $0 < 0x20 || ",:".utf8.contains($0) })
        || String(validating: bytes, as: UTF8.self) == nil
      {
        self = .nobody
      } else {
        self = .name(Name(bytes: bytes))
      }
    }
  }

  private static func parts(_ patterns: [UInt8]) -> [(pattern: [UInt8], isNegated: Bool)] {
    patterns.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
      $0.first == UInt8(ascii: "!") ? (Array($0.dropFirst()), true) : (Array($0), false)
    }
  }

  /// `USER` and, after the first `@`, `HOST`.
  private static func user(_ value: [UInt8]) -> (name: [UInt8], host: [UInt8]?) {
    guard let at = value.firstIndex(of: UInt8(ascii: "@")) else { return (value, nil) }
    return (Array(value[..<at]), Array(value[(at + 1)...]))
  }

  private mutating func collectNames() {
    for line in config.lines {
      guard let keyword = Keyword(rawValue: line.keyword) else { continue }
      for value in line.values {
        if keyword.isForGroups {
          if case .name(let name) = NamePattern(value) { groups.insert(name) }
        } else if case .name(let name) = NamePattern(Self.user(value).name) {
          users.insert(name)
        }
      }
    }
    for criterion in config.blocks.flatMap(\.criteria) {
      for (pattern, _) in Self.parts(criterion.patterns) {
        guard case .name(let name) = NamePattern(pattern) else { continue }
        if criterion.name == "user" { users.insert(name) }
        if criterion.name == "group" { groups.insert(name) }
      }
    }
  }

  /// Who has a name like this, of those that the file names.
  private func named(_ pattern: NamePattern, isForGroups: Bool) -> LoginCondition {
    switch pattern {
    case .everyone: return .constant(true)
    case .nobody: return .constant(false)
    case .name(let name): return isForGroups ? .groups([name]) : .users([name])
    case .wildcard(let pattern):
      let names = (isForGroups ? groups : users).filter { pattern.matches($0.bytes) }
      return isForGroups ? .groups(names) : .users(names)
    }
  }

  // MARK: Match blocks

  private mutating func readBlocks() throws(UnreadableImport) {
    let used = Set(
      config.lines.filter { Keyword(rawValue: $0.keyword) != nil }.flatMap(\.blocks))
    for (index, head) in config.blocks.enumerated() {
      var block = MatchBlock()
      for criterion in head.criteria {
        switch criterion.name {
        case "user", "group":
          block.condition.append(
            condition(of: criterion, at: used.contains(index) ? head.location : nil))
        case "address", "host":
          let read = try addresses(
            criterion.patterns, as: criterion.name == "host" ? .host : .address, at: head.location)
          block.addresses = block.addresses.intersection(read.addresses)
          if let word = read.unsupported {
            block.addresses = .everything
            block.condition.append(unknown(criterion.name, criterion.patterns))
            guard used.contains(index) else { continue }
            report(
              .notImported, word.name, at: head.location,
              "`\(Name(bytes: criterion.patterns))` \(word.reason); the policy allows only what"
                + " sshd allows whether this block matches or not")
          }
        case "localaddress", "localport", "rdomain":
          block.condition.append(unknown(criterion.name, criterion.patterns))
          guard used.contains(index) else { continue }
          report(
            .notImported, "connection", at: head.location,
            "a policy does not know the \(criterion.name) of a connection; it allows only what"
              + " sshd allows whether this block matches or not")
        default:
          throw UnreadableImport(
            config, at: head.location, "Match \(Name(criterion.name)) is not read by `import`")
        }
      }
      blocks.append(block)
    }
  }

  private mutating func unknown(_ criterion: String, _ patterns: [UInt8]) -> LoginCondition {
    let text = "\(criterion) \(Name(bytes: patterns))"
    let number = unknowns[text] ?? unknowns.count
    unknowns[text] = number
    return .unknown(number)
  }

  /// Whether the user, or one of the user's groups, matches a list: one of its patterns, and none of
  /// those with `!`.
  private mutating func condition(
    of criterion: SSHConfig.Criterion, at location: SSHConfig.Location?
  ) -> LoginCondition {
    let isForGroups = criterion.name == "group"
    var wanted: [LoginCondition] = []
    var unwanted: [LoginCondition] = []
    for (bytes, isNegated) in Self.parts(criterion.patterns) {
      let pattern = NamePattern(bytes)
      var condition = named(pattern, isForGroups: isForGroups)
      if case .wildcard = pattern {
        let other = unknown(criterion.name, bytes)
        condition = .any([
          condition, isForGroups ? other : .all([other, .not(.users(users))]),
        ])
        if let location {
          report(
            .notImported, "wildcard", at: location,
            "a policy has no wildcards for names: for \(isForGroups ? "groups" : "users") that this"
              + " file does not name, it allows only what sshd allows whether"
              + " `\(Name(bytes: bytes))` matches them or not")
        }
      }
      if isNegated { unwanted.append(condition) } else { wanted.append(condition) }
    }
    return .all([.any(wanted), .not(.any(unwanted))])
  }

  private mutating func addresses(
    _ list: [UInt8], as comparison: SSHAddresses.Comparison, at location: SSHConfig.Location
  ) throws(UnreadableImport) -> SSHAddresses {
    do throws(SSHStop) {
      let read = try SSHAddresses(list, as: comparison, usesDNS: usesDNS)
      if let surprise = read.surprise {
        report(
          .note, "surprising_address", at: location,
          "`\(Name(bytes: surprise.pattern))` \(surprise.text)")
      }
      return read
    } catch {
      throw UnreadableImport(config, at: location, error.text)
    }
  }

  // MARK: Lists

  private mutating func readLists() throws(UnreadableImport) {
    for line in config.lines {
      guard let keyword = Keyword(rawValue: line.keyword) else { continue }
      guard !line.values.isEmpty else {
        throw UnreadableImport(config, at: line.location, "nothing follows \(line.keyword)")
      }
      let location = LineLocation(line.location)
      var all = lists[keyword, default: []]
      let index = all.firstIndex { $0.blocks == line.blocks } ?? all.count
      if index == all.count { all.append(BlockList(blocks: line.blocks, location: location)) }
      for value in line.values {
        guard !value.isEmpty else {
          throw UnreadableImport(config, at: line.location, "a name is empty")
        }
        all[index].entries.append(try entry(value, of: keyword, at: line.location))
      }
      lists[keyword] = all
    }
  }

  private mutating func entry(
    _ value: [UInt8], of keyword: Keyword, at location: SSHConfig.Location
  ) throws(UnreadableImport) -> Entry {
    let (name, host) = keyword.isForGroups ? (value, nil) : Self.user(value)
    if let list = host, list.contains(UInt8(ascii: "@")) {
      throw UnreadableImport(
        config, at: location,
        "`\(Name(bytes: value))` has two @, which each version of OpenSSH takes otherwise")
    }
    var addresses = AddressSet.everything
    if let list = host {
      let read = try self.addresses(list, as: .both, at: location)
      addresses = read.addresses
      if let word = read.unsupported {
        leaveOut(value, keyword, word.name, word.reason, at: location)
        // Of a list with exceptions, a part alone could be too much.
        addresses = .nothing
      }
    }
    let pattern = NamePattern(name)
    switch pattern {
    case .wildcard:
      leaveOut(
        value, keyword, "wildcard",
        "has a wildcard, and a policy has none for names: it counts for those alone that this file"
          + " names", at: location)
    case .nobody:
      report(
        .note, "odd_name", at: location,
        "`\(Name(bytes: value))` matches nobody: sshd has spaces between names, and no ! before them"
      )
    case .everyone, .name: break
    }
    return Entry(pattern: pattern, addresses: addresses, location: LineLocation(location))
  }

  private mutating func leaveOut(
    _ value: [UInt8], _ keyword: Keyword, _ name: String, _ reason: String,
    at location: SSHConfig.Location
  ) {
    report(
      keyword.allows ? .notImported : .error, name, at: location,
      "`\(Name(bytes: value))` \(reason); so the policy allows"
        + " \(keyword.allows ? "less" : "more")")
  }

  /// Notes what a reader may look for in the policy.
  private mutating func noteOthers() {
    if let line = config.lines.first(where: { $0.keyword == "usedns" }), usesDNS {
      report(
        .note, "use_dns", at: line.location,
        "with UseDNS yes sshd gives PAM a host name instead of the address, and Gatehouse refuses"
          + " names: set UseDNS no")
    }
    for line in config.lines where line.keyword == "permitrootlogin" {
      guard line.blocks.contains(where: { !config.blocks[$0].criteria.isEmpty }) else { continue }
      report(
        .note, "root_login", at: line.location,
        "PermitRootLogin is not imported, for it is about the way of authentication, too: keep it in"
          + " sshd_config, or write users: {root: {only_from: [...]}} in the policy")
    }
  }

  private mutating func report(
    _ kind: ImportDiagnostic.Kind, _ name: String, at location: SSHConfig.Location, _ text: String
  ) {
    diagnostics.append(LocatedDiagnostic(kind, name, at: LineLocation(location), text))
  }

  // MARK: Rules

  /// A rule without its addresses.
  private struct RuleKey: Hashable {
    let condition: UserCondition<Name>
    let location: LineLocation
  }

  private mutating func deriveRules() throws(TooManyNodes) {
    let all = lists.values.flatMap(\.self)
    let sets = Set(all.flatMap(\.entries).map(\.addresses) + blocks.map(\.addresses))
    // Addresses that the same sets hold are decided alike.
    let parts = AddressClass.all(
      of: sets.map { set in
        Rule(
          location: LineLocation(file: 0, line: 1), allows: false,
          users: UserCondition(levels: [UserCondition.Level()]), origins: set, terminals: .none)
      })
    var ranges: [RuleKey: [AddressRange]] = [:]
    var order: [RuleKey] = []
    for part in parts {
      guard let prefix = part.addresses.prefixes.first else { continue }
      let addresses = part.addresses.ranges
      for keyword in Keyword.allCases {
        for (location, condition) in refusals(of: keyword, at: prefix.address) {
          for one in try condition.cases() {
            let key = RuleKey(condition: one.condition, location: location)
            if ranges[key] == nil { order.append(key) }
            ranges[key, default: []] += addresses
            guard order.count <= 20_000 else { throw TooManyNodes() }
          }
        }
      }
    }
    rules = order.map { key in
      Rule(
        location: key.location, allows: false, users: key.condition,
        origins: AddressSet(ranges[key] ?? []), terminals: .none)
    }
  }

  /// When a keyword refuses a client with this address, and the line that does.
  private func refusals(
    of keyword: Keyword, at address: IPAddress
  ) -> [(LineLocation, LoginCondition)] {
    let all = lists[keyword] ?? []
    let inBlocks = all.filter { !$0.blocks.isEmpty }
    let conditions = inBlocks.map { list in
      LoginCondition.all(list.blocks.map { condition(of: blocks[$0], at: address) })
    }
    func entries(_ list: BlockList) -> [(LineLocation, LoginCondition)] {
      list.entries.filter { $0.addresses.contains(address) }
        .map { ($0.location, named($0.pattern, isForGroups: keyword.isForGroups)) }
    }
    func isListed(_ list: BlockList) -> LoginCondition { .any(entries(list).map(\.1)) }

    var result: [(LineLocation, LoginCondition)] = []
    for (index, list) in inBlocks.enumerated() {
      guard keyword.allows else {
        result += entries(list).map { ($0, .all([conditions[index], $1])) }
        continue
      }
      // It is the first block that matches, and no other one that matches names the user either.
      let earlier = conditions[..<index].map { LoginCondition.not($0) }
      let later = inBlocks.indices[(index + 1)...].map { other in
        LoginCondition.any([.not(conditions[other]), .not(isListed(inBlocks[other]))])
      }
      result.append(
        (list.location, .all([conditions[index], .not(isListed(list))] + earlier + later)))
    }
    let noBlock = conditions.map { LoginCondition.not($0) }
    for list in all where list.blocks.isEmpty {
      if keyword.allows {
        result.append((list.location, .all(noBlock + [.not(isListed(list))])))
      } else {
        result += entries(list).map { ($0, .all(noBlock + [$1])) }
      }
    }
    return result
  }

  private func condition(of block: MatchBlock, at address: IPAddress) -> LoginCondition {
    block.addresses.contains(address) ? .all(block.condition) : .constant(false)
  }
}

extension LineLocation {
  fileprivate init(_ location: SSHConfig.Location) {
    self.init(file: location.file, line: location.line)
  }
}
