public import GatehouseControl
public import GatehouseDoors
internal import GatehousePAM
public import GatehousePolicy

/// The report of `gatehouse doors`: which logins are judged, and what stands in the way.
public struct DoorsReport: Report {
  private let doors: Doors
  private let lines: [Diagnostic]
  private let uses: ServiceUses?
  private let now: Instant
  private let services: [String]

  /// A report about a machine's doors.
  /// - Parameters:
  ///   - doors: The machine's doors.
  ///   - policy: The policy in force; nil if there is none.
  ///   - uses: What the login record has of the services; nil if it is not known.
  ///   - services: Those that are wanted; empty for all.
  ///   - now: The present time.
  public init(
    _ doors: Doors, policy: Policy?, uses: ServiceUses? = nil, services: [String] = [],
    now: Instant = .now()
  ) {
    (self.uses, self.now) = (uses, now)
    self.doors = doors
    self.services = services
    lines = doors.lines.flatMap { $0.diagnostics(for: policy) }
  }

  /// That there is nothing to look at.
  public var failure: ReportFailure? {
    doors.isEmpty ? ReportFailure(Doors.nothingToSee) : nil
  }

  /// No if a remote login is unjudged or anything else needs attention now.
  public var status: ReportStatus {
    if doors.isEmpty { return .unreachable }
    let isWrong =
      findings.contains { $0.weight != .note } || lines.contains { $0.severity == .error }
    return isWrong ? .no : .yes
  }

  private func use(of door: Door) -> ServiceUses.Use? {
    let judged = Set(door.asking.map { $0.service ?? door.service }).union([door.service])
    return uses?.services.filter { judged.contains($0.service.description) }
      .max { $0.last < $1.last }
  }

  private var shown: [Door] {
    doors.doors.filter { services.isEmpty || services.contains($0.service) }
  }

  /// The findings about the wanted services; those about the machine always.
  private var findings: [DoorFinding] {
    let others = Set(doors.doors.map(\.service)).subtracting(services)
    return doors.findings.filter { services.isEmpty || !others.contains($0.subject) }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(summary)
    page.line()
    page.rows(
      shown.map { door in
        guard uses != nil else { return door.row }
        let last = use(of: door).map { "asked \($0.last.distance(from: now))" } ?? "never asked"
        return Array(door.row.dropLast()) + [StyledText(last, .faint)] + door.row.suffix(1)
      })
    page.findings(findings)
    if !lines.isEmpty {
      page.heading("Lines")
      page.diagnostics(lines, in: "")
    }
    return page.bytes
  }

  private var summary: StyledText { doors.summary }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("libpam") { writer in
      writer.object {
        $0.member("version", doors.libpam.version)
        $0.member("source", doors.libpam.source)
      }
    }
    writer.member("doors") { writer in
      writer.array { array in
        for door in shown { door.write(to: &array, use(of: door)) }
      }
    }
    writer.member("findings", findings)
    writer.member("diagnostics", lines)
  }
}

extension Doors {
  fileprivate static let nothingToSee = "there is no PAM configuration to look at"

  /// The first line: how many services ask, and whether sshd's logins are judged.
  var summary: StyledText {
    let asked = doors.count { $0.standing == .asked }
    let tally = "\(asked) of \(counted(doors.count, "service")) ask Gatehouse"
    let urgent = findings.count { $0.weight == .urgent }
    if isEmpty {
      return StyledText("unknown", .bad, then: Self.nothingToSee)
    }
    if urgent > 0 {
      return StyledText(
        "not ok", .bad,
        then: "\(tally); \(urgent == 1 ? "1 needs" : "\(urgent) need") attention now")
    }
    let unknown = findings.count { $0.weight == .unknown }
    if unknown > 0 {
      return StyledText("unknown", .doubtful, then: "\(tally); not all could be looked at")
    }
    if asked == 0 {
      return StyledText(
        "off", .doubtful, then: "no service asks Gatehouse, and none serves the network")
    }
    return StyledText("ok", .good, then: tally)
  }
}

extension Doors: JSONWritable {
  /// Writes an object of `services`, `asked`, `urgent` and `unknown`, each a number.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("services", doors.count)
      $0.member("asked", doors.count { $0.standing == .asked })
      $0.member("urgent", findings.count { $0.weight == .urgent })
      $0.member("unknown", findings.count { $0.weight == .unknown })
    }
  }
}

extension TextPage {
  /// Adds findings under a heading: what was found, and below it what to do.
  mutating func findings(_ findings: [DoorFinding]) {
    guard !findings.isEmpty else { return }
    heading("Findings")
    rows(findings.flatMap(\.rows))
  }
}

extension DoorFinding {
  /// The rows of a page: what was found, and below it what to do.
  var rows: [[StyledText]] {
    let word: StyledText =
      switch weight {
      case .urgent: StyledText("urgent", .bad)
      case .unknown: StyledText("unknown", .doubtful)
      case .note: StyledText("note", .faint)
      }
    let place = location.map { "\($0.file):\($0.line): " } ?? ""
    let row = [word, StyledText(subject), StyledText(place + message)]
    return [row] + (remedy.map { [["", "", StyledText($0, .faint)]] } ?? [])
  }
}

extension Door {
  /// A row: the service, whether it asks, what becomes of remote logins, and why.
  var row: [StyledText] {
    let word: StyledText =
      switch standing {
      case .asked: StyledText("asks", .good)
      case .unasked: StyledText("does not ask", remoteLogins == .unjudged ? .bad : .faint)
      case .bypassed: StyledText("can be passed by", remoteLogins == .unjudged ? .bad : .doubtful)
      case .overruled: StyledText("denial lost", remoteLogins == .unjudged ? .bad : .doubtful)
      case .closed: StyledText("closed", asking.isEmpty ? .faint : .bad)
      case .unknown: StyledText("unknown", .doubtful)
      }
    return [StyledText(service), word, StyledText(remoteText), StyledText(reason ?? "", .faint)]
  }

  /// What becomes of remote logins, in a few words.
  private var remoteText: String {
    switch remoteLogins {
    case .judged: "judged by address"
    case .refused: "refused: no address"
    case .unjudged: program.gives == .unknown ? "unjudged if remote" : "unjudged"
    case .none: localText
    case .session: "judged by session"
    case .nobody: "nobody gets in"
    case .unknown:
      standing == .asked ? "judged if it gives an address, else refused" : "unknown"
    }
  }

  private var localText: String {
    switch localLogins {
    case .unasked: "local only"
    case .asked: "local only, asked"
    case .refused: "local only, refused"
    }
  }
}

extension Door {
  /// Writes an object; what the login record has of it is null if nothing is known.
  fileprivate func write(to writer: inout JSONWriter, _ use: ServiceUses.Use?) {
    writer.object {
      $0.member("service", service)
      $0.member("standing", standing.rawValue)
      $0.member("remote", remoteLogins.rawValue)
      $0.member("local", localLogins.rawValue)
      $0.member("reason", reason)
      $0.member("gives", program.gives.rawValue)
      $0.member("gives_source", program.source)
      $0.member("last_asked", use?.last)
      $0.member("allowed", use?.allowed)
      $0.member("refused", use?.refused)
      $0.member("lines", lines)
    }
  }
}

extension ModuleLine: JSONWritable {
  /// Writes an object of `file`, `line` and `text`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("file", location.file)
      $0.member("line", location.line)
      $0.member("text", text)
    }
  }
}

extension DoorFinding: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("severity", weight.rawValue)
      $0.member("name", kind.rawValue)
      $0.member("subject", subject)
      $0.member("file", location?.file)
      $0.member("line", location?.line)
      $0.member("message", message)
      $0.member("remedy", remedy)
    }
  }
}
