public import GatehouseControl
public import GatehouseDoors
public import GatehousePolicy

/// The report of `gatehouse setup`: what the machine has, and what became of each step.
public struct SetupReport: Report {
  /// What stands in the policy's folder.
  public enum PolicyState: Hashable, Sendable {
    /// No policy.
    case absent
    /// What the package put there.
    case asShipped
    /// Somebody's policy, with its mode; nil if it does not load.
    case written(Mode?)
  }

  /// The logins of the past.
  public struct Logins: Sendable {
    /// How many came from an address.
    public var count: Int
    /// From how many networks.
    public var networks: Int
    /// Of how many users.
    public var users: Int
    /// The beginning of the record.
    public var since: Instant
    /// Users of other logins, whom the machine does not have any more.
    public var absent: [Name]

    /// Logins of a record.
    public init(count: Int, networks: Int, users: Int, since: Instant, absent: [Name]) {
      self.count = count
      self.networks = networks
      self.users = users
      self.since = since
      self.absent = absent
    }
  }

  /// What the machine has before anything is done.
  public struct Machine: Sendable {
    /// Who runs the command, as the login had it; nil if that is not known.
    public var user: Name?
    /// Where that user comes from; nil if that is not known.
    public var address: IPAddress?
    /// Which logins are judged.
    public var doors: Doors
    /// The services of nsswitch.conf(5) that ask other machines for users and groups.
    public var directories: [String]
    /// What the daemon knows of them.
    public var services: [DaemonStatus.Identity.Service]
    /// The policy's folder.
    public var folder: String
    /// What stands there.
    public var policy: PolicyState
    /// The profile of PAM that is on; nil if none is.
    public var profile: PAMProfile?
    /// The logins of the past; nil if they cannot be read.
    public var logins: Logins?
    /// Why they cannot be read; nil if they can.
    public var problem: String?

    /// What was found.
    public init(
      user: Name?, address: IPAddress?, doors: Doors, directories: [String],
      services: [DaemonStatus.Identity.Service], folder: String, policy: PolicyState,
      profile: PAMProfile?, logins: Logins?, problem: String?
    ) {
      self.user = user
      self.address = address
      self.doors = doors
      self.directories = directories
      self.services = services
      self.folder = folder
      self.policy = policy
      self.profile = profile
      self.logins = logins
      self.problem = problem
    }
  }

  /// Something to do after it.
  public struct Advice: Sendable {
    /// When, as a heading.
    public var when: String
    /// The command, in lines as they can be pasted.
    public var command: [String]
    /// What it is good for.
    public var purpose: String

    /// A command with its time.
    public init(_ when: String, _ command: String..., to purpose: String) {
      self.when = when
      self.command = command
      self.purpose = purpose
    }
  }

  /// What the machine has.
  public var machine: Machine
  /// The policy that was shown; nil if none was to be written.
  public var text: String?
  /// What became of it; nil if none was to be written.
  public var change: ChangeReport?
  /// What became of the PAM profile; nil if it was not looked at.
  public var pam: PAMReport?
  /// How long the profile is on trial; nil if it was on before, or is not to be turned on.
  public var trial: Duration?
  /// Whether a question was answered with no.
  public var isDeclined = false
  /// What to do next.
  public var advice: [Advice] = []
  /// How many columns the lines may have; nil to break none.
  public var columns: Int?

  /// A report before the first step.
  public init(_ machine: Machine, columns: Int? = nil) {
    self.machine = machine
    self.columns = columns
  }

  /// Yes if each step that was wanted is done, or in a dry run could be.
  public var status: ReportStatus {
    if isDeclined { return .no }
    if let change, change.status != .yes { return change.status }
    return pam?.status ?? .yes
  }
}

// MARK: - For people

extension SetupReport {
  /// A part of the text, which is shown before the next step.
  public enum Part: CaseIterable, Sendable {
    /// What the machine has.
    case machine
    /// What the policy is for, or that there is one.
    case policy
    /// The policy, and what is said of it.
    case plan
    /// What turning on PAM means, and whether that may be.
    case pam
    /// What to do next.
    case advice
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    Part.allCases.flatMap { text(of: $0, coloured: coloured) }
  }

  /// One part of the text for people; empty if there is nothing of it.
  public func text(of part: Part, coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured, columns: columns)
    switch part {
    case .machine: machinePart(on: &page)
    case .policy: policyPart(on: &page)
    case .plan:
      guard let text, let change else { return [] }
      for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        page.line(StyledText(String(line)))
      }
      page.line()
      return page.bytes + change.text(coloured: coloured)
    case .pam:
      guard let pam else { return [] }
      title(3, trial == nil ? "PAM" : "PAM, on trial", on: &page)
      if let trial {
        page.line(
          StyledText(
            "With the profile gatehouse-trial of PAM each login asks the daemon; if that gives no "
              + "answer, the login goes on. It is undone by itself after \(durationInWords(trial)), "
              + "and at a boot before that, unless you run `gatehouse confirm` in a session that "
              + "you open meanwhile."), margin: 0)
        page.line()
      }
      return page.bytes + pam.text(coloured: coloured)
    case .advice: advicePart(on: &page)
    }
    return page.bytes
  }

  private func title(_ number: Int, _ title: String, on page: inout TextPage) {
    page.line()
    page.line(StyledText("\(number) of 4  \(title)", .strong))
    page.line()
  }

  private func machinePart(on page: inout TextPage) {
    title(1, "This machine", on: &page)
    let user = machine.user.map { "\($0)" } ?? "not known"
    let place = machine.address.map { "from \($0)" } ?? "not from an address that is known"
    var rows: [[StyledText]] = [
      ["you", StyledText("\(user), \(place)")], ["doors", StyledText(doors)],
      [
        "users",
        StyledText(
          machine.directories.isEmpty
            ? "in this machine's own files alone (nsswitch.conf)"
            : "in this machine's files, and by \(machine.directories.joined(separator: ", ")) "
              + "(nsswitch.conf)"),
      ],
    ]
    rows += machine.services.map { [StyledText($0.name), $0.text] }
    rows.append(["policy", StyledText(policy)])
    rows.append([
      "PAM", StyledText(machine.profile?.effect ?? "no profile of Gatehouse is on"),
    ])
    rows.append(["logins", StyledText(logins)])
    if let absent = machine.logins?.absent, !absent.isEmpty {
      let names = absent.prefix(5).map(\.description).joined(separator: ", ")
      let more = absent.count > 5 ? " and \(absent.count - 5) more" : ""
      rows.append([
        "left out", StyledText("logins of \(names)\(more): no such user is here any more"),
      ])
    }
    page.fields(rows)
  }

  private var doors: String {
    let all = machine.doors.doors
    let asked = all.count { $0.standing == .asked }
    let remote = all.filter { [.address, .hostName, .nothing].contains($0.program.gives) }
      .map(\.service)
    let named = remote.prefix(6).joined(separator: ", ") + (remote.count > 6 ? ", …" : "")
    return "\(asked) of \(counted(all.count, "service")) ask Gatehouse; "
      + (remote.isEmpty
        ? "none is known to serve the network" : "these serve the network: \(named)")
  }

  private var policy: String {
    switch machine.policy {
    case .absent: "none in \(machine.folder) yet"
    case .asShipped: "\(machine.folder)/policy.yaml as the package put it there: nobody is refused"
    case .written(let mode?): "\(machine.folder) has one already, mode \(mode.rawValue)"
    case .written(nil): "\(machine.folder) has one already, which does not load"
    }
  }

  private var logins: String {
    guard let logins = machine.logins else { return "not known: \(machine.problem ?? "")" }
    let since = "since \(logins.since.description.prefix(10))"
    guard logins.count > 0 else { return "none from an IP address \(since)" }
    return "\(logins.count) by \(counted(logins.users, "user")) from "
      + "\(counted(logins.networks, "network")) \(since)"
  }

  private func policyPart(on page: inout TextPage) {
    if case .written(let mode) = machine.policy {
      title(2, "The policy", on: &page)
      page.line(
        StyledText(
          "\(machine.folder) has a policy that somebody has written. It stays as it is; "
            + (mode == nil
              ? "`gatehouse check` says what is wrong with it."
              : "`gatehouse learn` prints one from past logins, to compare.")), margin: 0)
      return
    }
    title(2, "A first policy", on: &page)
    let count = machine.logins?.count ?? 0
    let source =
      count > 0
      ? "It allows the logins of the record, and yours."
      : "No login is known to learn from, so it allows yours alone; until it enforces, the log says "
        + "who else comes."
    page.line(
      StyledText(
        "\(source) Besides, break_glass names a user who gets in whatever the lists say: best "
          + "somebody of this machine's own files who can become root."), margin: 0)
    page.line()
  }

  private func advicePart(on page: inout TextPage) {
    guard !advice.isEmpty else { return }
    title(4, "What next", on: &page)
    for (index, one) in advice.enumerated() {
      if index == 0 || advice[index - 1].when != one.when {
        if index > 0 { page.line() }
        page.line(StyledText(one.when))
      }
      for line in one.command { page.line("  " + StyledText(line, .strong)) }
      page.line(StyledText("      \(one.purpose)", .faint), margin: 6)
    }
  }
}

// MARK: - As JSON

extension SetupReport {
  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("user", machine.user)
    writer.member("address", machine.address?.description)
    writer.member("door_counts", machine.doors)
    writer.member("directories", machine.directories)
    writer.member("found_policy", machine.policy.word)
    writer.member("logins", machine.logins)
    writer.member("problem", machine.problem)
    writer.member("text", text)
    writer.member("apply", change)
    writer.member("pam", pam)
    writer.member("next", advice)
  }
}

extension SetupReport.PolicyState {
  /// It as one word.
  fileprivate var word: String {
    switch self {
    case .absent: "absent"
    case .asShipped: "as_shipped"
    case .written: "written"
    }
  }
}

extension SetupReport.Logins: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("count", count)
      $0.member("networks", networks)
      $0.member("users", users)
      $0.member("since", since)
      $0.member("left_out", absent)
    }
  }
}

extension SetupReport.Advice: JSONWritable {
  /// Writes an object of `when`, `command` and `purpose`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("when", when)
      $0.member("command", command.joined(separator: "\n"))
      $0.member("purpose", purpose)
    }
  }
}
