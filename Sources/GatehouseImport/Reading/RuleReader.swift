import GatehousePolicy

/// Reads files into rules, and says what it had to leave out.
struct RuleReader {
  private let options: AccessOptions
  private(set) var rules: [Rule] = []
  private(set) var remarks: [Remark] = []
  /// The names of users as they are written, by their small letters.
  private(set) var spellings: [Name: Set<Name>] = [:]
  /// The groups that stand in parentheses somewhere.
  private(set) var groupsInParentheses: Set<Name> = []
  /// The first word such as `10.1.`, after which pam_access no longer matches link-local addresses.
  private var firstOctets: String?
  private var hasRefusedLocalLogins = false

  init(options: AccessOptions) {
    self.options = options
  }

  /// Reads a file; the rules follow those of the files before.
  mutating func read(_ content: [UInt8], file: Int) {
    for chunk in chunks(of: content) {
      let place = Place(file: file, line: chunk.line)
      switch chunk.reading(fieldSeparators: options.fieldSeparators) {
      case .nothing: break
      case .skipped(let reason):
        remarks.append(
          Remark(
            .note, "skipped_line", at: place,
            "pam_access skips this line, and so does the policy: \(reason)"))
      case .undefined:
        remarks.append(
          Remark(
            .notSaid, "undefined_line", at: place,
            "a line that begins with a NUL byte makes pam_access read outside of its memory",
            opens: true))
      case .fields(let fields): read(fields, at: place)
      }
    }
  }

  private mutating func read(_ fields: Fields, at place: Place) {
    if fields.hasLeadingSeparator {
      remarks.append(
        Remark(
          .note, "leading_separator", at: place,
          "the line begins with a field separator, and so pam_access refuses by it, whatever its"
            + " sign"))
    }
    let users = users(of: fields, at: place)
    let origins = origins(of: fields, at: place)
    rules.append(
      Rule(place: place, allows: fields.allows, users: users, origins: origins))
  }

  private mutating func users(of fields: Fields, at place: Place) -> UserCondition {
    let words = parts(of: fields.users, separators: options.listSeparators)
    var levels: [UserCondition.Level] = []
    for (depth, words) in words.enumerated() {
      var level = UserCondition.Level()
      for word in words {
        switch UserWord(word, groupsInParenthesesOnly: options.groupsInParenthesesOnly) {
        case .everyone: level.everyone = true
        case .user(let name): level.users.insert(user(name))
        case .group(let name):
          level.groups.insert(name)
          groupsInParentheses.insert(name)
        case .userOrGroup(let name):
          level.users.insert(user(name))
          level.groups.insert(name)
        case .nobody: break
        case .unknown(let omission): leaveOut(word, omission, fields, depth, at: place)
        }
        if hasLoneParenthesis(word) {
          remark("unpaired_parenthesis", word, "is a name with a parenthesis in it", at: place)
        }
      }
      levels.append(level)
    }
    return UserCondition(levels: levels)
  }

  /// Notes how a user is written, and gives the name in small letters.
  private mutating func user(_ name: Name) -> Name {
    let small = Name(bytes: name.bytes.lowercased())
    spellings[small, default: []].formUnion([name, small])
    return small
  }

  private mutating func origins(of fields: Fields, at place: Place) -> AddressSet {
    let words = parts(of: fields.origins, separators: options.listSeparators)
    var sets: [AddressSet] = []
    for (depth, words) in words.enumerated() {
      var set = AddressSet.nothing
      for word in words {
        if firstOctets == nil, word.last == dot, word.first != dot, word.first != at {
          firstOctets = display(word)
        }
        switch OriginWord(word) {
        case .addresses(let addresses, let comment):
          set = set.union(addresses)
          if let comment { remark("surprising_address", word, comment, at: place) }
          checkLinkLocal(word, addresses, fields, depth, at: place)
        case .unknown(let omission): leaveOut(word, omission, fields, depth, at: place)
        }
      }
      sets.append(set)
    }
    if !fields.allows, !hasRefusedLocalLogins,
      words[0].contains(where: { $0.equalsIgnoringCase("ALL") })
    {
      hasRefusedLocalLogins = true
      remarks.append(
        Remark(
          .note, "local_logins", at: place,
          "this line may also refuse logins without a remote host (console, cron, su); a policy does not"
            + " judge those: see local= of pam_gatehouse"))
    }
    return sets.reversed().reduce(.nothing) { excepted, set in set.subtracting(excepted) }
  }

  /// Reports a word that pam_access tries, for link-local addresses, only where it has not tried one
  /// such as `10.1.` before.
  ///
  /// A link-local address has its zone with it in PAM_RHOST. For a word like that pam_access asks for
  /// an IPv4 address of such a name, and the failure stays with it for the whole login.
  private mutating func checkLinkLocal(
    _ word: ArraySlice<UInt8>, _ addresses: AddressSet, _ fields: Fields, _ depth: Int,
    at place: Place
  ) {
    guard let firstOctets, addresses != .everything,
      !addresses.intersection(.linkLocal).isEmpty
    else { return }
    remarks.append(
      Remark(
        .notSaid, "link_local", at: place,
        "`\(display(word))` does not match link-local addresses (fe80::/10) in a login for which"
          + " pam_access has tried `\(firstOctets)` before; in the policy it does",
        opens: isPermission(fields, depth)))
  }

  /// Whether a word at this depth of EXCEPTs makes the rules allow more.
  private func isPermission(_ fields: Fields, _ depth: Int) -> Bool {
    fields.allows == depth.isMultiple(of: 2)
  }

  private mutating func leaveOut(
    _ word: ArraySlice<UInt8>, _ omission: Omission, _ fields: Fields, _ depth: Int,
    at place: Place
  ) {
    let opens = !isPermission(fields, depth)
    // A login without a remote host is never refused for want of a word.
    let effect =
      opens
      ? "; without it the policy allows more"
      : omission == .local ? "" : "; without it the policy allows less"
    remarks.append(
      Remark(
        .notSaid, omission.name, at: place, "`\(display(word))` \(omission.reason)\(effect)",
        opens: opens))
  }

  private mutating func remark(
    _ name: String, _ word: ArraySlice<UInt8>, _ text: String, at place: Place
  ) {
    remarks.append(Remark(.note, name, at: place, "`\(display(word))` \(text)"))
  }
}

/// A finding whose file is still a number.
struct Remark {
  let kind: Finding.Kind
  let name: String
  let place: Place
  let message: String
  let opens: Bool

  init(
    _ kind: Finding.Kind, _ name: String, at place: Place, _ message: String, opens: Bool = false
  ) {
    self.kind = kind
    self.name = name
    self.place = place
    self.message = message
    self.opens = opens
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
  fileprivate static let linkLocal: AddressSet =
    WrittenAddress(Array("fe80::".utf8)[...])?.prefix(10) ?? .nothing
}
