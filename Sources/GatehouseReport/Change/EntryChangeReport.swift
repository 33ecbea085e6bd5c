public import GatehousePolicy

/// The result of a command that changes single entries of the policy.
public struct EntryChangeReport: Report {
  /// How a login is decided without the change and with it.
  public struct Effect: Sendable {
    /// The login.
    public let login: Login
    /// By the policy as it was.
    public let before: Decision
    /// By the policy with the change.
    public let after: Decision

    /// A login by both policies.
    public init(login: Login, before: Decision, after: Decision) {
      self.login = login
      self.before = before
      self.after = after
    }
  }

  /// What was done to the entries.
  public let steps: [EntryEdit.Step]
  /// The files before and after, by name; those alone that differ.
  public let files: [String: (old: [UInt8], new: [UInt8])]
  /// How a login from each address is decided; none if the change is for nobody's login alone.
  public let effects: [Effect]
  /// What has to be known beside that, in sentences.
  public let notes: [String]
  /// What became of the new policy.
  public let change: ChangeReport

  /// A report of a finished change.
  public init(
    steps: [EntryEdit.Step], files: [String: (old: [UInt8], new: [UInt8])], effects: [Effect],
    notes: [String], change: ChangeReport
  ) {
    self.steps = steps
    self.files = files
    self.effects = effects
    self.notes = notes
    self.change = change
  }

  /// That of the change.
  public var status: ReportStatus { change.status }

  /// What differs in each file, in order of their names.
  private var differences: [UnifiedDiff.Line] {
    files.sorted { $0.key < $1.key }.flatMap { name, texts in
      UnifiedDiff(from: texts.old, to: texts.new, name: displayText(of: name)).lines
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    for line in differences {
      let style: TextStyle =
        switch line {
        case .header: .faint
        case .same: .plain
        case .removed: .bad
        case .added: .good
        }
      page.line(StyledText(displayText(of: line.text), style))
    }
    for effect in effects { page.line(StyledText(effect.sentence)) }
    for note in steps.compactMap(\.sentence) + notes { page.line(StyledText(note)) }
    return page.bytes + change.text(coloured: coloured)
  }

  /// As that of the change.
  public var outcomeWord: String { change.outcomeWord }

  /// As that of the change.
  public var failure: ReportFailure? { change.failure }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    change.writeMembers(to: &writer)
    writer.member("steps", steps)
    writer.member("diff", differences.map(\.text))
    writer.member("effects", effects)
    writer.member("notes", notes)
  }
}

extension EntryEdit.Step {
  /// What a list that was made means; nil if that is plain.
  private var newList: String? {
    switch list {
    case .block: nil
    case .network: "\(path) is new: it counts once a list names it"
    case .user: "\(path) is new: it adds to what the rest of the policy allows"
    }
  }

  /// What cannot be seen from the difference; nil if there is nothing.
  fileprivate var sentence: String? {
    let entry = displayText(of: text)
    return switch kind {
    case .added, .removed: nil
    case .addedWithList: newList
    case .present: "\(path) has \(entry) already\(location.map { " (\($0.fileAndLine))" } ?? "")"
    case .removedWithList: "\(entry) was the last entry of \(path): the key goes with it"
    case .emptied:
      "\(entry) was the last entry of \(path): `nowhere` stands there now, because without the "
        + "list more would be allowed"
    }
  }
}

extension EntryChangeReport.Effect {
  /// The login by both policies: `bob from 192.0.2.7 by sshd: before deny (not_listed), now …`.
  fileprivate var sentence: String {
    let subject = "\(login.user) from \(login.origin) by \(login.service)"
    return "\(subject): before \(words(before)), with it \(words(after))"
  }

  private func words(_ decision: Decision) -> String {
    let verdict = decision.isDenial ? "deny" : decision.verdict.rawValue
    let rule = decision.rule.map { ", \($0.fileAndLine)" } ?? ""
    return "\(verdict) (\(decision.reason.rawValue)\(rule))"
  }
}

extension EntryEdit.Step: JSONWritable {
  /// Writes an object of what was done, with which entry, and where.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("step", kind.rawValue)
      $0.member("entry", text)
      $0.member("list", path)
      $0.member("file", file)
      $0.member("line", location?.line)
    }
  }
}

extension EntryChangeReport.Effect: JSONWritable {
  /// Writes an object of the login and both decisions.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("user", login.user)
      $0.member("origin", login.origin)
      $0.member("service", login.service)
      $0.member("before") { Self.write(before, to: &$0) }
      $0.member("after") { Self.write(after, to: &$0) }
    }
  }

  private static func write(_ decision: Decision, to writer: inout JSONWriter) {
    writer.object {
      $0.member("decision", decision.isDenial ? "deny" : decision.verdict.rawValue)
      $0.member("reason", decision.reason.rawValue)
      $0.member("rule", decision.rule?.fileAndLine)
    }
  }
}
