public import GatehousePlatform
public import GatehousePolicy

/// The users that a question about everybody covers, and who may be missing.
public struct Population: Sendable {
  /// Why users may be missing.
  public enum Gap: Hashable, Sendable {
    /// The directory did not list all of its users: it failed, or took too long.
    case cutList
    /// These services of nsswitch.conf list no users.
    case silent(services: [String])
    /// So many users could not be read; one of them, and why.
    case unread(count: Int, example: Name, problem: String)
    /// So many users were not read in time; one of them.
    case late(count: Int, example: Name)
  }

  /// The users, named as the directory spells them, sorted by name.
  public let people: [UserIdentity]
  /// Who may be missing.
  public let gaps: [Gap]

  /// Reads the users that the directory lists, the named ones, and the members that it lists of the
  /// groups.
  ///
  /// - Parameters:
  ///   - directory: Who knows them.
  ///   - enumeration: The users that the directory lists.
  ///   - named: Users to include whether the directory knows them or not.
  ///   - groups: The groups that matter.
  ///   - calls: The threads to ask on.
  ///   - time: How long to wait for everything together.
  ///   - progress: Told how many users of how many were read.
  /// - Throws: If it cannot be found out who is in which of the groups.
  public init(
    of directory: any NameDirectory, listing enumeration: Enumeration, named: Set<Name>,
    among groups: Set<Name>, on calls: BlockingCalls, within time: Duration,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(DirectoryError) {
    let end = Uptime.now + time
    let sorted = groups.sorted()
    var names = named
    let entries = calls.results(of: sorted, within: end - .now) { group in
      Result { () throws(DirectoryError) in try directory.group(named: group) }
    }
    for (group, entry) in zip(sorted, entries) {
      names.formUnion(try Self.inTime(entry, group)?.members ?? [])
    }
    let known = Dictionary(
      enumeration.accounts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let everybody = names.union(known.keys).sorted()
    let readings = calls.results(
      of: everybody, within: end - .now, progress: { progress($0, everybody.count) }
    ) { name in
      Result { () throws(DirectoryError) in
        var account = known[name]
        if account == nil { account = try directory.account(of: name) }
        let memberships = account.map {
          groups.isEmpty ? Memberships(ids: []) : directory.memberships(of: $0, among: groups)
        }
        return (account: account, memberships: memberships)
      }
    }
    // After the users' own lists, which may come back short without an error: that each group is
    // found now, or reported absent, says that the directory was there.
    let found = calls.results(
      of: sorted, within: max(end - .now, .seconds(1)), directory.groupReader())
    var answers: [Name: GroupAnswer] = [:]
    for (group, answer) in zip(sorted, found) {
      answers[group] = .success(try Self.inTime(answer, group))
    }

    let isCertain = directory.isCertainOfAbsence
    let isCertainOfGroups = directory.isCertainOfGroupAbsence
    var people: [Name: UserIdentity] = [:]
    var unread: [(name: Name, problem: String)] = []
    var late: [Name] = []
    for (name, reading) in zip(everybody, readings) {
      switch reading {
      case .success((let account?, let memberships?))?:
        let identity = UserIdentity(
          account, memberships, answers, among: groups, isCertain: isCertainOfGroups)
        if let problem = identity.problem {
          unread.append((name, problem))
        } else {
          // By the directory's spelling: two names that were given may be one user.
          people[account.name] = identity
        }
      case .success?:
        // Of a member whom the directory does not have, nobody asked.
        guard named.contains(name) else { continue }
        people[name] = UserIdentity(absent: name, isCertain: isCertain, askedGroups: groups)
      case .failure(let error)?: unread.append((name, error.description))
      case nil: late.append(name)
      }
    }
    self.people = people.values.sorted { $0.name < $1.name }
    var gaps: [Gap] = enumeration.isCut ? [.cutList] : []
    if !enumeration.silentServices.isEmpty {
      gaps.append(.silent(services: enumeration.silentServices))
    }
    if let first = unread.first {
      gaps.append(.unread(count: unread.count, example: first.name, problem: first.problem))
    }
    if let first = late.first { gaps.append(.late(count: late.count, example: first)) }
    self.gaps = gaps
  }

  private static func inTime<Value>(
    _ result: Result<Value, DirectoryError>?, _ group: Name
  ) throws(DirectoryError) -> Value {
    guard let result else {
      throw DirectoryError("group \"\(group)\": the directory does not answer in time")
    }
    return try result.get()
  }
}
