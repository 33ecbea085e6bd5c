public import GatehouseControl
public import GatehousePolicy

/// The report of `gatehouse diff`: what changes for whom between two policies.
public struct DiffReport: Report {
  /// One of the two policies.
  public struct Side: Sendable {
    /// The file or folder.
    public let path: String
    /// The policy in it.
    public let source: PolicyIdentity

    /// A policy and where it is.
    public init(path: String, source: PolicyIdentity) {
      self.path = path
      self.source = source
    }
  }

  /// The differences for one subject.
  public struct SubjectResult: Sendable {
    /// How the policies differ for the subject.
    public let difference: SubjectDifference
    /// The users of this machine in that scope, sorted; empty if the subject is a user.
    public let users: [Name]

    /// A subject's differences, and its users.
    public init(difference: SubjectDifference, users: [Name]) {
      self.difference = difference
      self.users = users
    }
  }

  /// The old policy.
  public var old: Side
  /// The new policy.
  public var new: Side
  /// The time since which the policies were compared.
  public var time: Instant
  /// Every subject, in the order to print.
  public var results: [SubjectResult]
  /// Who may be missing among the users, in sentences.
  public var notes: [String]

  /// A report of a comparison.
  public init(
    old: Side, new: Side, time: Instant, results: [SubjectResult], notes: [String] = []
  ) {
    self.notes = notes
    self.old = old
    self.new = new
    self.time = time
    self.results = results
  }

  /// The subjects for which the policies differ.
  var differing: [SubjectResult] { results.filter { !$0.difference.parts.isEmpty } }

  /// Yes if no decision differs.
  public var status: ReportStatus { differing.isEmpty ? .yes : .no }
}

extension DiffReport {
  /// The text for people: subjects with the same differences are listed together.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(headline)
    page.line()
    page.rows([
      ["old", StyledText(old.path), old.source.text],
      ["new", StyledText(new.path), new.source.text],
      ["from", StyledText(time.roundedToSeconds.description)],
    ])
    page.notes(notes)
    blocks(on: &page)
    return page.bytes
  }

  /// Adds the differences, each under a heading that names its subjects.
  func blocks(on page: inout TextPage) {
    for block in blocks {
      page.heading(block.title)
      page.rows(DiffRow.rows(of: block.part.differences).map(\.cells))
    }
  }

  private var headline: StyledText {
    let all = counted(results.count, "user or scope", plural: "users and scopes")
    guard status == .no else {
      return StyledText("SAME", .good, then: "no decision differs, for \(all)")
    }
    return StyledText("DIFFERENT", .doubtful, then: "for \(differing.count) of \(all)")
  }

  private struct Block {
    let part: SubjectDifference.Part
    var subjects: [String]

    /// How many subjects are named.
    private static let mostSubjects = 20

    var title: String {
      let left = subjects.count - Self.mostSubjects
      let more = left > 0 ? " and \(left) more (--json has all)" : ""
      return subjects.prefix(Self.mostSubjects).joined(separator: ", ") + more
        + part.services.remark
    }
  }

  private var blocks: [Block] {
    var blocks: [Block] = []
    var numbers: [SubjectDifference.Part: Int] = [:]
    for result in differing {
      for part in result.difference.parts {
        if let number = numbers[part] {
          blocks[number].subjects.append(result.title)
        } else {
          numbers[part] = blocks.count
          blocks.append(Block(part: part, subjects: [result.title]))
        }
      }
    }
    return blocks
  }
}

extension DiffReport.SubjectResult {
  /// How many of a scope's users are named.
  private static let mostUsers = 3

  /// The subject's name.
  fileprivate var title: String {
    switch difference.subject {
    case .user(let name, _):
      return name.description
    case .members(let groups):
      if groups.isEmpty { return "everyone else" }
      let together = groups.count > 1 ? " together" : ""
      let shown = Array(users.prefix(Self.mostUsers)).joined
      let more = users.count > Self.mostUsers ? " and \(users.count - Self.mostUsers) more" : ""
      return "members of " + groups.sorted().map(\.description).joined(separator: " and ")
        + together + (users.isEmpty ? "" : " (\(shown)\(more))")
    }
  }
}

extension ServiceScope {
  /// The services, unless it is all of them.
  fileprivate var remark: String {
    let consoles = "console and screen"
    guard includesOthers else {
      let services =
        named.isEmpty ? "" : "\(named.count == 1 ? "service" : "services") \(named.joined)"
      let words = [services, includesConsoles ? consoles : ""].filter { !$0.isEmpty }
      return "  (\(words.joined(separator: ", ")))"
    }
    let words = excluded.map(\.description) + (includesConsoles ? [] : [consoles])
    return words.isEmpty ? "" : "  (every service except \(words.joined(separator: ", ")))"
  }
}

extension DiffReport {
  /// Writes everything that differs.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("old", old)
    writer.member("new", new)
    writer.member("time", time)
    writer.member("compared", results.count)
    writer.member("notes", notes)
    writer.member("subjects", differing)
  }
}

extension DiffReport.Side: JSONWritable {
  /// Writes an object of `path`, `sha256` and `mode`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      $0.member("sha256", source.digest)
      $0.member("mode", source.mode.rawValue)
    }
  }
}

extension DiffReport.SubjectResult: JSONWritable {
  /// Writes an object of whom it is about, and `parts`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch difference.subject {
      case .user(let name, let groups):
        $0.member("kind", "user")
        $0.member("user", name)
        $0.member("groups", groups.sorted())
      case .members(let groups):
        $0.member("kind", groups.isEmpty ? "everyone_else" : "members")
        $0.member("groups", groups.sorted())
        $0.member("users", users)
      }
      $0.member("parts", difference.parts)
    }
  }
}

extension SubjectDifference.Part: JSONWritable {
  /// Writes an object of `services`, `console_services`, `other_services` and `differences`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("services", services.named)
      $0.member("console_services", services.includesConsoles)
      $0.member("other_services", services.includesOthers)
      $0.member("differences", differences)
    }
  }
}

extension Difference: JSONWritable {
  /// Writes an object of `prefixes`, the other origins as fields of their own, and `changes`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("prefixes", addresses)
      $0.member("self", isMachine)
      $0.member("local", isLocal)
      $0.member("no_address", lacksAddress)
      $0.member("unknown", isUnknown)
      $0.member("changes", changes)
    }
  }
}

extension DecisionChange: JSONWritable {
  /// Writes an object of `since`, `until`, `old` and `new`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("since", since)
      $0.member("until", until)
      $0.member("old", old)
      $0.member("new", new)
    }
  }
}

extension DecisionOutcome: JSONWritable {
  /// Writes an object of `decision`, `roles`, `would_deny`, `second_factor` and `authorize`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("decision", verdict.rawValue)
      $0.member("roles", roles)
      $0.member("would_deny", wouldDeny)
      $0.member("second_factor", factor?.rawValue)
      $0.member("authorize", code)
    }
  }
}
