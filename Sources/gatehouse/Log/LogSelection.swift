import ArgumentParser
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The options that choose among the decisions of the log.
struct LogSelection: ParsableArguments {
  @Option(
    name: .customLong("user"),
    help: ArgumentHelp("Only this user; may be repeated.", valueName: "user"), completion: .user)
  private var users: [String] = []

  @Option(
    help: "Only the members of this group, by the directory as it is now.", completion: .group)
  private var group: String?

  @Option(help: "Only if this role was available, or was asked for.", completion: .role)
  private var role: String?

  @Option(
    help: ArgumentHelp(
      "Only from here: an address, a prefix, a range, the name of a network of the policy, or the "
        + "word self, local or unknown.", valueName: "place"),
    completion: .network(or: ["self", "local", "unknown"]))
  private var from: String?

  @Option(
    name: .customLong("service"),
    help: ArgumentHelp("Only by this PAM service; may be repeated.", valueName: "service"),
    completion: .service)
  private var services: [String] = []

  @Option(
    name: .customLong("decision"),
    help: ArgumentHelp(
      "Only what was decided so: "
        + LoggedDecision.Outcome.allCases.map(\.rawValue).joined(separator: ", ")
        + "; may be repeated.", valueName: "decision"),
    completion: .list(LoggedDecision.Outcome.allCases.map(\.rawValue)))
  private var decisions: [String] = []

  @Option(
    name: .customLong("reason"),
    help: ArgumentHelp(
      "Only for this reason, such as not_listed; may be repeated.",
      valueName: "reason"),
    completion: .list(Reason.allCases.map(\.rawValue) + [LoginHistory.noPolicy]))
  private var reasons: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only by this rule: FILE:LINE, or all of FILE, as the log has it.", valueName: "rule"))
  private var rule: String?

  @Option(
    name: .customLong("since"),
    help: ArgumentHelp(
      "From this time on: a length of time ago, such as 7d, a day, or an RFC 3339 time.",
      valueName: "time"))
  private var sinceText: String?

  @Option(
    name: .customLong("until"),
    help: ArgumentHelp("Before this time, written in the same way.", valueName: "time"))
  private var untilText: String?

  @Flag(
    name: .customLong("factor"),
    help: "Answers about the second factor, instead of decisions about logins.")
  private var asksFactor = false

  @Flag(
    name: .customLong("codes"),
    help: "What became of the codes of `authorize`, instead of decisions about logins.")
  var showsCodes = false

  @Flag(
    name: .customLong("first"),
    help: "Only the first login of a user from an address, by this machine's login record.")
  var first = false

  /// Whether a beginning was named.
  var hasStart: Bool { sinceText != nil }

  /// Whether anything was chosen.
  var isGiven: Bool {
    !users.isEmpty || group != nil || role != nil || from != nil || !services.isEmpty
      || !decisions.isEmpty || !reasons.isEmpty || rule != nil || sinceText != nil
      || untilText != nil || asksFactor || showsCodes || first
  }

  func validate() throws {
    try validateNames(users + services + [group, role, from, rule])
    for word in decisions where LoggedDecision.Outcome(rawValue: word) == nil {
      let words = LoggedDecision.Outcome.allCases.map(\.rawValue)
      throw ValidationError(
        "--decision \(word): one of \(words.joined(separator: ", ")) is expected")
    }
    guard !asksFactor || !showsCodes else {
      throw ValidationError("--codes: --factor shows no codes")
    }
    guard !showsCodes || decisions.isEmpty && reasons.isEmpty && rule == nil && !first else {
      throw ValidationError(
        "--codes shows no decisions about logins: it has no --decision, --reason, --rule or --first"
      )
    }
    guard !asksFactor || decisions.isEmpty else {
      throw ValidationError("--decision: --factor shows no decisions about logins")
    }
    let known =
      (asksFactor ? FactorReason.allCases.map(\.rawValue) : Reason.allCases.map(\.rawValue))
      + [LoginHistory.noPolicy]
    for word in reasons where !known.contains(word) {
      let near = nearestName(to: word, among: known)
      throw ValidationError(
        "--reason \(word): there is no such reason" + (near.map { "; did you mean \($0)?" } ?? ""))
    }
    try Self.validate("--since", sinceText)
    try Self.validate("--until", untilText)
  }

  /// Throws if the value of an option is not a time as it is written on the command line.
  static func validate(_ option: String, _ text: String?) throws {
    guard let text, time(text) == nil else { return }
    throw ValidationError(
      "\(option) \(text): neither a length of time, such as 7d, nor a day nor a time, such as "
        + "2026-11-21 or 2026-11-21T12:00:00Z")
  }

  /// A time as it is written on the command line; nil if it is none.
  static func time(_ text: String) -> Instant? {
    if let length = duration(of: text) { return .now() - length }
    return Instant(rfc3339: text) ?? Instant(rfc3339: "\(text)T00:00:00Z")
  }

  /// Says on standard error which names are probably misspelt.
  func hintNames() {
    NamesHere(policyAt: Check.standardPath).hint(
      users.map { (.user, $0) } + services.map { (.service, $0) }
        + [(.group, group), (.role, role)])
  }

  /// What was chosen.
  func filter() throws(CommandFailure) -> DecisionFilter {
    var filter = DecisionFilter()
    filter.subject = asksFactor ? .factors : showsCodes ? .codes : .logins
    filter.users = Set(users.map { Name($0) })
    if let group {
      // Whoever is in the group by its number alone is not on the list of its members.
      let group = Name(group)
      let members = Members(of: group)
      filter.demand { members.contains($0.user) }
    }
    filter.role = role.map { Name($0) }
    filter.services = Set(services.map { Name($0) })
    filter.outcomes = Set(decisions.compactMap { LoggedDecision.Outcome(rawValue: $0) })
    filter.reasons = Set(reasons)
    filter.rule = rule
    filter.since = sinceText.flatMap(Self.time)
    filter.until = untilText.flatMap(Self.time)
    if let from {
      if let address = IPAddress(from) {
        filter.address = address
      } else if let word = OriginWord(rawValue: from), word != .session {
        filter.holdsOrigin = { $0.kind == word.origin.kind }
      } else {
        filter.holdsOrigin = try Self.network(from)
      }
    }
    return filter
  }

  /// Whether an origin is in what is written like an address of a policy, or in a network of the
  /// machine's policy.
  private static func network(
    _ text: String
  ) throws(CommandFailure) -> (Origin) -> Bool {
    let asked: Name = "asked"
    let isAddress = text.utf8.allSatisfy { byte in
      (0x30...0x3A).contains(byte) || "abcdefABCDEF.:/*-".utf8.contains(byte)
    }
    if isAddress {
      let load = Policy.load(
        PolicySnapshot(policyFiles: [
          .init(
            name: "policy.yaml",
            content: .bytes(Array("version: 1\nnetworks: {asked: [\"\(text)\"]}\n".utf8)))
        ]))
      if let policy = load.policy {
        return { policy.network(asked, holds: $0, at: .now()) ?? false }
      }
    }
    let policy = try PolicyFiles.usable(path: Check.standardPath)
    guard policy.hasNetwork(Name(text)) else {
      throw .misuse(
        "--from \(text): neither an address, nor a prefix, a range or a network of the policy")
    }
    return { policy.network(Name(text), holds: $0, at: .now()) ?? false }
  }
}

/// The members of a group, each looked up once.
private final class Members {
  private let group: Name
  private var users: KnownUsers

  init(of group: Name) {
    self.group = group
    users = KnownUsers(among: [group])
  }

  func contains(_ user: Name) -> Bool { users[user].groups?.contains(group) ?? false }
}

/// The option that says which journal is read.
struct LogSource: ParsableArguments {
  @Option(
    name: .customLong("journal"),
    help: ArgumentHelp(
      "Read the journal files in this folder instead of this machine's journal.",
      valueName: "folder"), completion: .directory)
  var folder: String?

  @Option(
    help: ArgumentHelp(
      "Only this machine, by the name of its file in that folder: remote-NAME.journal.",
      valueName: "name"))
  private var machine: String?

  func validate() throws {
    guard let machine else { return }
    guard folder != nil else {
      throw ValidationError("--machine \(machine): --journal says where the files of machines are")
    }
    guard files(of: machine).isEmpty else { return }
    throw ValidationError(
      "--machine \(machine): there is no remote-\(machine).journal in \(folder ?? "")")
  }

  /// The files of a machine in the folder, the archived ones too, as systemd-journal-remote(8) names
  /// them.
  private func files(of machine: String) -> [String] {
    guard let folder, let names = try? Files.names(in: folder) else { return [] }
    return names.filter { Self.machine(ofFile: $0) == machine }.map { "\(folder)/\($0)" }
  }

  /// The machine whose file has this name; nil if it is not the file of one machine.
  private static func machine(ofFile name: some StringProtocol) -> String? {
    guard name.hasPrefix("remote-"), name.hasSuffix(".journal") else { return nil }
    let name = name.dropFirst("remote-".count).dropLast(".journal".count)
    // Archived: `@`, and then an id and two numbers in hexadecimal. Anything else belongs to the name.
    guard let mark = name.lastIndex(of: "@") else { return String(name) }
    let rest = name[name.index(after: mark)...]
    let lengths = rest.split(separator: "-", omittingEmptySubsequences: false).map(\.count)
    let isArchived = lengths == [32, 16, 16] && rest.allSatisfy { $0.isHexDigit || $0 == "-" }
    return String(isArchived ? name[..<mark] : name[...])
  }

  /// Whether it is this machine's own journal.
  var isOfMachine: Bool { folder == nil }

  /// What was read.
  struct Found {
    /// The newest decisions that were found, in order: all of them, or some.
    var newest: [LoggedDecision] = []
    /// How many entries looked like decisions and were left out.
    var omitted = 0
    /// Since when the journal goes back, in words.
    var since = ""

    /// Says what was left out.
    func warn() {
      guard omitted > 0 else { return }
      let entries = omitted == 1 ? "1 entry looks" : "\(omitted) entries look"
      Terminal.say("gatehouse: \(entries) like gatehoused's, but cannot be believed or read\n")
    }
  }

  /// Which journal it is.
  var source: Journal.Source {
    guard let folder else { return .machine }
    return machine.map { .files(files(of: $0), of: Name($0)) } ?? .folder(folder)
  }

  /// Each file of the journal as a source of its own, those that are still written to first; none if
  /// the folders cannot be read.
  ///
  /// They are the files that systemd's library takes for that journal.
  var files: [Journal.Source] {
    let paths: [String] =
      switch source {
      case .files(let paths, _): paths
      case .folder(let path): Self.files(in: path, subfolder: Self.isMachineID)
      case .machine:
        ["/run/log/journal", "/var/log/journal"].flatMap { path in
          Self.files(in: path, subfolder: { $0 == Machine.id }).filter {
            let name = $0.split(separator: "/").last ?? ""
            return name.hasPrefix("system.") || name.hasPrefix("system@")
          }
        }
      }
    // A file that is written to gets another name once it is full, with `@`.
    let (full, growing) = (paths.filter { $0.contains("@") }, paths.filter { !$0.contains("@") })
    return (growing + full).map { path in
      let file = path.split(separator: "/").last ?? ""
      let machine = isOfMachine ? nil : Self.machine(ofFile: file).map { Name($0) }
      return .files([path], of: machine)
    }
  }

  private static func files(in folder: String, subfolder: (String) -> Bool) -> [String] {
    let names = (try? Files.names(in: folder)) ?? []
    let inside = names.filter(subfolder).flatMap { name in
      ((try? Files.names(in: "\(folder)/\(name)")) ?? []).map { "\(name)/\($0)" }
    }
    return (names + inside).filter { $0.hasSuffix(".journal") || $0.hasSuffix(".journal~") }
      .map { "\(folder)/\($0)" }
  }

  private static func isMachineID(_ name: String) -> Bool {
    name.utf8.count == 32 && name.allSatisfy(\.isHexDigit)
  }

  /// Visits decisions, the oldest first, some at a time.
  ///
  /// - Parameters:
  ///   - filter: Which ones.
  ///   - limit: At most so many, the newest; nil for all.
  ///   - visit: Called with some.
  /// - Returns: What was found.
  /// - Throws: If the journal cannot be read, or what `visit` throws.
  func read(
    _ filter: DecisionFilter, _ limit: Int?, _ visit: ([LoggedDecision]) throws -> Void
  ) throws -> Found {
    do {
      var log = try DecisionLog(source, filter)
      var found = Found()
      found.since = log.beginning.map { "; the journal begins \($0.roundedToSeconds)" } ?? ""
      let now = Instant.now()
      let begin = filter.since ?? log.beginning ?? now
      if let limit {
        var progress = Progress(from: filter.until ?? now, to: begin)
        found.newest = try log.newest(limit) { progress.reach($0) }
        progress.finish()
        try visit(found.newest)
      } else {
        var progress = Progress(from: begin, to: filter.until ?? now)
        defer { progress.finish() }
        try log.all {
          progress.reach($0)
        } _: { some in
          progress.finish()
          try visit(some)
          found.newest = some
        }
      }
      found.omitted = log.omitted
      return found
    } catch let error as JournalError {
      if isOfMachine, error.isMissing, let found = SyslogFiles.read(filter, atMost: limit) {
        try visit(found.newest)
        return found
      }
      throw CommandFailure.unreadable(error, folder: folder)
    }
  }

  /// Visits each decision that comes, without end.
  func follow(
    _ filter: DecisionFilter, after shown: [LoggedDecision], from start: Instant,
    _ visit: (LoggedDecision) throws -> Void
  ) throws -> Never {
    do {
      var log = try DecisionLog(source, filter)
      try log.follow(after: shown, from: start, visit)
    } catch let error as JournalError {
      throw CommandFailure.unreadable(error, folder: folder)
    }
  }
}
