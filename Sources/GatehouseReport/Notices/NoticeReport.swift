import GatehouseJournal
public import GatehouseNotify
import GatehousePlatform
import GatehousePolicy

/// A message as it is handed over.
public struct NoticeMessage: Sendable {
  /// The subject of a mail.
  public let subject: String
  /// The text of a mail.
  public let text: [UInt8]
  /// The same for a command, as one JSON object in a line.
  public let json: [UInt8]

  /// A message by which somebody can see that messages arrive.
  public static func test(on machine: String) -> NoticeMessage {
    let subject = "[\(machine.escapedForTerminal.cut(to: 60))] a test of Gatehouse"
    var lines = NoticeLines()
    lines.paragraph("This is a test by `gatehouse notify --test`, on \(machine). Nothing happened.")
    let json = JSONWriter.line {
      $0.member("version", 1)
      $0.member("machine", machine)
      $0.member("subject", subject)
      $0.member("event", "test")
      $0.member("text", String(decoding: lines.bytes, as: UTF8.self))
    }
    return NoticeMessage(subject: subject, text: lines.bytes, json: json)
  }
}

/// A message for somebody who is to be told: the text of a mail, and the JSON for a command.
public struct NoticeReport: Sendable {
  /// What is known of a login beside the log.
  public struct Knowledge: Sendable {
    /// Whether it was the first of its user from there, by the login record.
    public var isFirst = false
    /// Whether `gatehouse approve` would let it in; nil if the daemon could not be asked.
    public var isApprovable: Bool?

    /// Nothing is known.
    public init() {}
  }

  let notice: Notice
  let machine: String
  let knowledge: [String: Knowledge]

  /// The most groups that were held back of which each has a line.
  static let otherLimit = 20

  /// A message about what happened on a machine, with what is known of its logins by their ids.
  public init(_ notice: Notice, on machine: String, knowing knowledge: [String: Knowledge] = [:]) {
    self.notice = notice
    self.machine = machine
    self.knowledge = knowledge
  }

  private var main: NoticeBook.Group { notice.groups[0] }
  private var others: ArraySlice<NoticeBook.Group> { notice.groups.dropFirst() }

  // MARK: Mail

  /// The message itself.
  public var message: NoticeMessage { NoticeMessage(subject: subject, text: text, json: json) }

  /// The subject of a mail: who, from where, and how many.
  var subject: String {
    let more = notice.count - main.count
    return "[\(machine.escapedForTerminal.cut(to: 60))] \(main.title)"
      + (more > 0 ? ", and \(more) more" : "")
  }

  /// The text of a mail, in lines of at most 76 columns but for commands to be pasted.
  var text: [UInt8] {
    var lines = NoticeLines()
    lines.paragraph("\(main.title), on \(machine).")
    lines.paragraph(main.subject.kind.meaning)
    for event in main.events {
      lines.line()
      if let login = event.login {
        write(login, event, to: &lines)
      } else {
        lines.line(event.time.inWords)
        lines.paragraph(event.message, indented: 2)
      }
    }
    let earlier = main.count - main.events.count
    if earlier > 0 {
      lines.line()
      lines.paragraph("\(counted(earlier, "earlier one")) of the same kind: gatehouse log")
    }
    if notice.groups.count > 1 || notice.uncounted > 0 { writeOthers(to: &lines) }
    lines.line()
    lines.line("What to do:")
    for command in main.subject.kind.commands { lines.line("  \(command)") }
    return lines.bytes
  }

  private func write(_ login: NotedEvent.Login, _ event: NotedEvent, to lines: inout NoticeLines) {
    let known = knowledge[login.id] ?? Knowledge()
    let mark = known.isFirst || event.kind == .firstTimes ? ", for the first time" : ""
    lines.line("\(event.time.inWords)  \(login.id.escapedForTerminal)")
    lines.field("user", login.user.description)
    lines.field("from", login.place, mark)
    lines.field("service", login.service.description)
    if event.kind == .codes {
      lines.field("code", CodeEvent(rawValue: login.reason)?.meaning ?? "unknown")
    } else {
      lines.field("reason", login.reason.escapedForTerminal)
    }
    if let rule = login.rule { lines.field("rule", rule.escapedForTerminal) }
    guard login.hasPlainID else { return }
    lines.command("all of it", "gatehouse log \(login.id)")
    guard event.kind == .denials else { return }
    switch known.isApprovable {
    case true?: lines.command("let it in", "gatehouse approve \(login.id) --for 1h")
    case false?:
      lines.field("let it in", "not possible for a time; the policy would have to change")
    case nil: lines.field("let it in", "the daemon could not be asked whether that is possible")
    }
  }

  private func writeOthers(to lines: inout NoticeLines) {
    lines.line()
    lines.paragraph(
      "Held back until now, since the policy's notify allows no more messages (most):")
    for group in others.prefix(Self.otherLimit) { lines.line("  \(group.title)") }
    let rest = others.dropFirst(Self.otherLimit)
    if !rest.isEmpty {
      let count = rest.reduce(0) { $0 + $1.count }
      lines.line("  \(counted(count, "event")) about \(rest.count) more")
    }
    if notice.uncounted > 0 {
      lines.line("  \(counted(notice.uncounted, "event")) that were only counted")
    }
    lines.command("all of them", "gatehouse report --since 1d")
  }

  // MARK: JSON

  /// One JSON object in a line, with everything that is known.
  var json: [UInt8] {
    JSONWriter.line {
      $0.member("version", 1)
      $0.member("machine", machine)
      $0.member("subject", subject)
      $0.member("event", main.subject.kind.rawValue)
      $0.member("user", main.subject.user)
      $0.member("network", main.subject.networkOrNil)
      $0.member("count", main.count)
      $0.member("newest") { writer in
        writer.array { for event in main.events { write(event, to: &$0) } }
      }
      $0.member("held_back") { writer in
        writer.object {
          $0.member("count", notice.count - main.count)
          $0.member("groups") { writer in
            writer.array {
              for group in others {
                $0.object {
                  $0.member("event", group.subject.kind.rawValue)
                  $0.member("user", group.subject.user)
                  $0.member("network", group.subject.networkOrNil)
                  $0.member("count", group.count)
                }
              }
            }
          }
        }
      }
      $0.member("text", String(decoding: text, as: UTF8.self))
    }
  }

  private func write(_ event: NotedEvent, to writer: inout JSONWriter) {
    writer.object {
      $0.member("time", event.time)
      guard let login = event.login else { return $0.member("message", event.message) }
      let known = knowledge[login.id] ?? Knowledge()
      $0.member("id", login.id)
      $0.member("user", login.user)
      $0.member("origin") { writer in
        writer.object {
          login.origin.writeMembers(to: &$0)
          $0.member("remote_host", login.remoteHost)
        }
      }
      $0.member("first_from_there", known.isFirst || event.kind == .firstTimes)
      $0.member("service", login.service)
      $0.member("reason", login.reason)
      $0.member("rule", login.rule)
      if event.kind == .denials { $0.member("approvable", known.isApprovable) }
    }
  }
}

// MARK: Words

extension NotifySettings.Event {
  /// What it means, in a sentence or two.
  fileprivate var meaning: String {
    switch self {
    case .denials:
      "Whoever tried had proved to be that user, and came from a place that the policy does not "
        + "allow. If it was not the user, the password or key is in other hands."
    case .firstTimes:
      "The policy allows it. If the user knows nothing of it, the password or key is in other hands."
    case .breakGlass: "break_glass let it in, whatever the rest of the policy says."
    case .refusedChanges: "The policy that was accepted before serves on."
    case .rollbacks: "Nobody confirmed the change in time, or it could not be kept."
    case .doors: "Logins by it go past the policy."
    case .codes:
      "authorize lets these users authorise a new place of their own, by a code that is sent to them. "
        + "If the user knows nothing of it, the password or key is in other hands."
    }
  }

  /// What can be done.
  fileprivate var commands: [String] {
    switch self {
    case .denials, .firstTimes: ["gatehouse log", "gatehouse report"]
    case .breakGlass: ["gatehouse sessions", "gatehouse log --reason break_glass"]
    case .refusedChanges: ["gatehouse status", "gatehouse check"]
    case .rollbacks: ["gatehouse history", "gatehouse pam status"]
    case .doors: ["gatehouse doors"]
    case .codes: ["gatehouse log --codes", "gatehouse grants"]
    }
  }
}

extension NoticeBook.Group {
  /// What happened, to whom, from where, and how often: `3 logins of bob from 203.0.113.9 denied`.
  fileprivate var title: String {
    let user = subject.user?.description.cut(to: 32) ?? ""
    let places = Set(events.compactMap { $0.login?.place })
    let place = places.count == 1 && count == events.count ? places.first ?? "" : subject.network
    switch subject.kind {
    case .denials: return "\(counted(count, "login")) of \(user) from \(place) denied"
    case .firstTimes:
      return "\(user) came from \(place) for the first time"
        + (count > 1 ? " (\(count) logins)" : "")
    case .breakGlass:
      return "\(counted(count, "login")) of \(user) from \(place) by break_glass"
    case .refusedChanges: return "\(counted(count, "change")) of the policy refused"
    case .rollbacks: return "\(counted(count, "change")) undone by itself"
    case .codes: return "\(counted(count, "code event")) of \(user) from \(place)"
    case .doors:
      return "\(counted(count, "way")) in that \(count == 1 ? "is" : "are") not judged any more"
    }
  }
}

extension NotedEvent.Subject {
  fileprivate var networkOrNil: String? { network.isEmpty ? nil : network }
}

extension NotedEvent.Login {
  /// From where, in a word.
  fileprivate var place: String {
    switch origin {
    case .unknown: remoteHost.map { "\"\($0.description.cut(to: 40))\"" } ?? "unknown"
    default: origin.description
    }
  }

  /// Whether the id means nothing to a shell, so that a line with it can be pasted.
  fileprivate var hasPlainID: Bool {
    (1...64).contains(id.utf8.count)
      && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
  }
}

extension CodeEvent {
  /// What became of the code, in a sentence.
  fileprivate var meaning: String {
    switch self {
    case .made: "made, to be sent to the user"
    case .used: "entered, and the place is authorised for a time"
    case .wrong: "a wrong one was entered"
    case .ended: "three wrong ones were entered, and it does not count any more"
    case .overLimit: "none was made: the user has caused too many"
    }
  }
}
