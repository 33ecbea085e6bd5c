public import GatehouseControl
public import GatehousePolicy

/// The report of `gatehouse who`: the users who may log in from an address.
public struct WhoReport: Report {
  /// Where they would come from.
  public var origin: Origin
  /// The PAM service.
  public var service: Name
  /// The time of the login.
  public var time: Instant
  /// The policy that was asked.
  public var source: PolicyIdentity
  /// The decisions, sorted by the users' names.
  public var admissions: Admissions
  /// Who may be missing, and what does not count, in sentences.
  public var notes: [String]

  /// A report of the decisions about everyone from one origin.
  public init(
    _ admissions: Admissions, from origin: Origin, service: Name, at time: Instant,
    source: PolicyIdentity, notes: [String] = []
  ) {
    self.admissions = admissions
    self.origin = origin
    self.service = service
    self.time = time
    self.source = source
    self.notes = notes
  }

  private var everyoneElse: Decision { admissions.everyoneElse }

  private var allowed: [Admissions.Answer] {
    admissions.answers.filter { !$0.decision.isDenial }
  }

  /// Yes if somebody may log in from there.
  public var status: ReportStatus {
    allowed.isEmpty && everyoneElse.isDenial ? .no : .yes
  }

  // MARK: - For people

  /// How many names are shown for each decision.
  private static let mostNames = 30

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(headline)
    page.line()
    page.fields(question)
    page.notes(notes)
    if status == .yes {
      page.heading("Allowed")
      page.rows(groups.map(row))
    }
    return page.bytes
  }

  private var headline: StyledText {
    let word: StyledText = status == .yes ? StyledText("YES", .good) : StyledText("NOBODY", .bad)
    let users = "\(allowed.count) of \(counted(admissions.answers.count, "user"))"
    let others = everyoneElse.isDenial ? "" : ", and everyone else,"
    return word
      + StyledText(
        "  \(users)\(others) may log in \(origin == .local ? "locally" : "from \(origin)")")
  }

  private var question: [[StyledText]] {
    var rows: [[StyledText]] = [
      ["from", StyledText(origin.description)],
      ["service", StyledText(service.description)],
      ["time", StyledText(time.roundedToSeconds.description)],
      ["policy", source.text],
    ]
    if source.mode == .monitor {
      rows.append(["monitor", StyledText("everybody else is let in too, and logged", .doubtful)])
    }
    return rows
  }

  /// The decisions that allow, each with the names it is about, in the order of the first names.
  private var groups: [(decision: Decision, names: [String])] {
    var groups: [(decision: Decision, names: [String])] = []
    let named = allowed.map { answer in
      (answer.decision, "\(answer.user.name)\(answer.user.isKnown ? "" : " (not found)")")
    }
    let others = everyoneElse.isDenial ? [] : [(everyoneElse, "everyone else")]
    for (decision, name) in named + others {
      if let index = groups.firstIndex(where: { $0.decision == decision }) {
        groups[index].names.append(name)
      } else {
        groups.append((decision, [name]))
      }
    }
    return groups
  }

  private func row(_ group: (decision: Decision, names: [String])) -> [StyledText] {
    let decision = group.decision
    // The last name may be "everyone else", the most important one.
    let left = group.names.count - Self.mostNames
    let names =
      left > 1
      ? group.names.prefix(Self.mostNames - 1) + ["\(left) more (--json has all)"]
        + group.names.suffix(1)
      : group.names[...]
    return [
      StyledText(decision.reason.rawValue),
      StyledText(decision.rule?.fileAndLine ?? "-", .faint),
      StyledText(decision.roles.isEmpty ? "" : "roles \(decision.roles.joined)"),
      StyledText(names.joined(separator: ", ")),
    ]
  }

  // MARK: - As JSON

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("origin", origin)
    writer.member("service", service)
    writer.member("time", time)
    writer.member("policy", source)
    writer.member("users", allowed)
    writer.member("everyone_else") { writer in
      writer.object { $0.members(of: everyoneElse) }
    }
    writer.member("notes", notes)
  }
}

extension Admissions.Answer: JSONWritable {
  /// Writes an object of the user and the members of the decision.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("user", user.name)
      $0.member("groups", user.groups.sorted())
      $0.member("known", user.isKnown)
      $0.members(of: decision)
    }
  }
}
