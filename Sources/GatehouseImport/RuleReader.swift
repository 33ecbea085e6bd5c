import GatehousePolicy

/// A line that pam_access obeys, without the words that a policy cannot express.
struct Rule {
  let location: LineLocation
  let allows: Bool
  let users: UserCondition<Name>
  let origins: AddressSet
  /// Where on the console it applies.
  let terminals: Terminals
}

/// Whom a rule is for, its users and groups identified by names or numbers.
struct UserCondition<ID: Hashable>: Hashable {
  /// The words between two EXCEPTs, of which any may match.
  struct Level: Hashable {
    var everyone = false
    /// Names are in lower case.
    var users: Set<ID> = []
    var groups: Set<ID> = []

    /// Whether one of the words matches a user in these groups; a nil user is one whom no rule names.
    func matches(_ user: ID?, _ groups: Set<ID>) -> Bool {
      everyone || user.map(users.contains) ?? false || !self.groups.isDisjoint(with: groups)
    }
  }

  /// The first level, the exceptions from it, the exceptions from those, and so on; at least one.
  var levels: [Level]

  var isEveryone: Bool { levels.count == 1 && levels[0].everyone }

  /// Whether a user in these groups is meant; a nil user is one whom no rule names.
  func matches(_ user: ID?, _ groups: Set<ID>) -> Bool {
    levels.reversed().reduce(false) { excepted, level in
      level.matches(user, groups) && !excepted
    }
  }
}

/// Reads files into rules and reports what a policy cannot express.
struct RuleReader {
  private let options: AccessOptions
  private(set) var rules: [Rule] = []
  private(set) var diagnostics: [LocatedDiagnostic] = []
  /// The spellings of each user name, by the name in lower case, which is one of them.
  private(set) var spellings: [Name: Set<Name>] = [:]
  /// The groups that are in parentheses somewhere.
  private(set) var groupsInParentheses: Set<Name> = []
  /// The first word such as `10.1.`, after which pam_access no longer matches link-local addresses.
  private var firstOctets: String?
  private var hasReportedLocalLogins = false
  /// Whether a plain word was looked up, and is a user or a group.
  private(set) var hasLookedUp = false
  /// The words of the current line that a policy cannot express, by what is said of them.
  private var leftOut = LeftOutWords()

  init(options: AccessOptions) {
    self.options = options
  }

  /// Reads a file, whose rules follow those of the files read before.
  mutating func read(_ content: [UInt8], file: Int) {
    for chunk in chunks(of: content) {
      let location = LineLocation(file: file, line: chunk.line)
      switch AccessLine(chunk, fieldSeparators: options.fieldSeparators) {
      case .blank: break
      case .skipped(let reason):
        diagnostics.append(
          LocatedDiagnostic(
            .note, "skipped_line", at: location,
            "pam_access skips this line, and so does the policy: \(reason)"))
      case .undefined:
        diagnostics.append(
          LocatedDiagnostic(
            .error, "undefined_line", at: location,
            "a line that begins with a NUL byte makes pam_access read outside its memory;"
              + " what it then decides is unpredictable"
          ))
      case .entry(let entry): read(entry, at: location)
      }
    }
  }

  private mutating func read(_ entry: AccessEntry, at location: LineLocation) {
    if entry.hasLeadingSeparator {
      diagnostics.append(
        LocatedDiagnostic(
          .note, "leading_separator", at: location,
          "the line begins with a field separator, so pam_access takes it as a refusal, whatever"
            + " its sign"))
    }
    let users = users(of: entry, at: location)
    let origins = origins(of: entry, at: location)
    rules.append(
      Rule(
        location: location, allows: entry.allows, users: users, origins: origins.addresses,
        terminals: origins.terminals))
    diagnostics += leftOut.diagnostics(at: location)
    leftOut = LeftOutWords()
  }

  private mutating func users(
    of entry: AccessEntry, at location: LineLocation
  ) -> UserCondition<Name> {
    let words = wordsByExcept(entry.users, separators: options.listSeparators)
    var levels: [UserCondition<Name>.Level] = []
    for (depth, words) in words.enumerated() {
      var level = UserCondition<Name>.Level()
      for word in words {
        switch UserWord(word, groupsInParenthesesOnly: options.groupsInParenthesesOnly) {
        case .everyone: level.everyone = true
        case .user(let name): level.users.insert(lowercasedUser(name))
        case .group(let name):
          level.groups.insert(name)
          groupsInParentheses.insert(name)
        case .userOrGroup(let name):
          let kind = options.lookup?(name) ?? .unclear
          if kind != .group { level.users.insert(lowercasedUser(name)) }
          if kind != .user { level.groups.insert(name) }
          if kind == .group { groupsInParentheses.insert(name) }
          if kind != .unclear { hasLookedUp = true }
        case .nobody: break
        case .unsupported(let reason): leaveOut(word, reason, entry, depth)
        }
        if hasLoneParenthesis(word) {
          note(
            "unpaired_parenthesis", word, "has one parenthesis, which is taken as part of the name",
            at: location)
        }
      }
      levels.append(level)
    }
    return UserCondition(levels: levels)
  }

  /// Records the spelling of a user name, and returns the name in lower case.
  private mutating func lowercasedUser(_ name: Name) -> Name {
    let lowercased = Name(bytes: name.bytes.lowercased())
    spellings[lowercased, default: []].formUnion([name, lowercased])
    return lowercased
  }

  private mutating func origins(
    of entry: AccessEntry, at location: LineLocation
  ) -> (addresses: AddressSet, terminals: Terminals) {
    let words = wordsByExcept(entry.origins, separators: options.listSeparators)
    var sets: [(addresses: AddressSet, terminals: Terminals)] = []
    for (depth, words) in words.enumerated() {
      var set = AddressSet.nothing
      var terminals = Terminals.none
      for word in words {
        if firstOctets == nil, word.last == dot, word.first != dot, word.first != at {
          firstOctets = display(word)
        }
        switch OriginWord(word) {
        case .everywhere: (set, terminals) = (.everything, .all)
        case .console(let named): terminals = terminals.union(named)
        case .program:
          // The policy allows them anyway.
          if !isPermission(entry, depth) { leaveOut(word, .program, entry, depth) }
        case .addresses(let addresses, let surprise):
          set = set.union(addresses)
          if let surprise { note("surprising_address", word, surprise, at: location) }
          checkLinkLocal(word, addresses, entry, depth, at: location)
        case .unsupported(let reason): leaveOut(word, reason, entry, depth)
        }
      }
      sets.append((set, terminals))
    }
    if !entry.allows, !hasReportedLocalLogins,
      words[0].contains(where: { $0.equalsIgnoringCase("ALL") || $0.equalsIgnoringCase("LOCAL") })
    {
      hasReportedLocalLogins = true
      diagnostics.append(
        LocatedDiagnostic(
          .note, "local_logins", at: location,
          "this line may also refuse root on the console, and programs such as cron and su; the"
            + " policy does not (see local= in pam_gatehouse(8))"))
    }
    return sets.reversed().reduce((.nothing, .none)) { excepted, set in
      (
        set.addresses.subtracting(excepted.addresses),
        set.terminals.subtracting(excepted.terminals)
      )
    }
  }

  /// Reports a word for link-local addresses that comes after a word such as `10.1.`.
  ///
  /// PAM_RHOST has a link-local address with its zone. At a word such as `10.1.`, pam_access looks
  /// up an IPv4 address for that text, and remembers the failure for the rest of the login.
  private mutating func checkLinkLocal(
    _ word: ArraySlice<UInt8>, _ addresses: AddressSet, _ entry: AccessEntry, _ depth: Int,
    at location: LineLocation
  ) {
    guard let firstOctets, !addresses.intersection(.linkLocal).isEmpty
    else { return }
    diagnostics.append(
      LocatedDiagnostic(
        isPermission(entry, depth) ? .error : .notImported, "link_local", at: location,
        "`\(display(word))` does not match link-local addresses (fe80::/10) if pam_access has"
          + " tried `\(firstOctets)` before in the same login; in the policy it always does"))
  }

  /// Whether a word after this many EXCEPTs makes the line allow more.
  private func isPermission(_ entry: AccessEntry, _ depth: Int) -> Bool {
    entry.allows == depth.isMultiple(of: 2)
  }

  private mutating func leaveOut(
    _ word: ArraySlice<UInt8>, _ reason: UnsupportedWord, _ entry: AccessEntry, _ depth: Int
  ) {
    leftOut.add(display(word), reason, opens: !isPermission(entry, depth))
  }

  private mutating func note(
    _ name: String, _ word: ArraySlice<UInt8>, _ text: String, at location: LineLocation
  ) {
    diagnostics.append(
      LocatedDiagnostic(.note, name, at: location, "`\(display(word))` \(text)"))
  }
}

private let at = UInt8(ascii: "@")
private let dot = UInt8(ascii: ".")

/// A word, made safe to print.
private func display(_ word: ArraySlice<UInt8>) -> String { Name(bytes: word).description }

/// Whether a word has only one parenthesis of a pair, as `(domain` and `users)` have.
private func hasLoneParenthesis(_ word: ArraySlice<UInt8>) -> Bool {
  (word.first == UInt8(ascii: "(")) != (word.last == UInt8(ascii: ")"))
}

extension AddressSet {
  /// fe80::/10, whose addresses sshd writes with a zone.
  static let linkLocal = WrittenAddress(IPAddress(ipv6: 0xFE80 << 112)).prefix(10)
}
