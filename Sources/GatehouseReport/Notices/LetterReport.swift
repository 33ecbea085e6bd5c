public import GatehouseControl
import GatehousePolicy

/// A letter to somebody who authorises a new place of their own: what it says, whichever way it goes.
public struct LetterReport: Sendable {
  private let letter: Letter
  private let machine: String

  /// What a letter says on a machine.
  public init(_ letter: Letter, on machine: String) {
    self.letter = letter
    self.machine = machine
  }

  /// The subject of a mail.
  public var subject: String {
    let who = letter.user.description.cut(to: 32)
    let place = "\(machine.cut(to: 60)): ".escapedForTerminal
    return switch letter.kind {
    case .code: "\(place)code to log in as \(who.escapedForTerminal) from \(letter.origin)"
    case .guessed: "\(place)wrong codes for \(who.escapedForTerminal) from \(letter.origin)"
    }
  }

  /// The text, in lines of at most 76 columns.
  public var text: [UInt8] {
    var lines = NoticeLines()
    switch letter.kind {
    case .code:
      lines.paragraph("A code to log in to \(machine) as \(letter.user).")
      lines.line()
      if let code = groupedCode { lines.field("code", code) }
      if let until = letter.until { lines.field("until", until.inWords) }
    case .guessed:
      lines.paragraph(
        "Three wrong codes were entered for \(letter.user) on \(machine). The code that was sent to "
          + "you does not count any more.")
      lines.line()
    }
    lines.field("user", letter.user.description)
    lines.field("from", letter.origin.description)
    lines.field("service", letter.service.description)
    if let role = letter.role { lines.field("role", role.description) }
    lines.field("when", letter.time.inWords)
    lines.field("id", letter.denialID.escapedForTerminal)
    lines.line()
    switch letter.kind {
    case .code:
      lines.paragraph(
        "If this was you: log in again from there, and enter the code when you are asked for it. It "
          + "counts once, and only from that address. Small letters do as well.")
      lines.line()
      lines.paragraph(
        "If it was not you: give the code to nobody. Nobody gets in without it, but whoever tried has "
          + "your password or your key: change it, and tell your administrators the id.")
    case .guessed:
      lines.paragraph(
        "If this was you: log in again from there, and a new code is sent to you.")
      lines.line()
      lines.paragraph(
        "If it was not you: whoever tried has your password or your key, and guesses the code. Nobody "
          + "got in. Change the password or the key, and tell your administrators the id.")
    }
    return lines.bytes
  }

  /// What a command finds in its environment, each as `NAME=value`.
  public var environment: [String] {
    var values = [
      ("LETTER", letter.kind.rawValue), ("SUBJECT", subject), ("MACHINE", machine),
      ("USER", letter.user.description), ("ORIGIN", letter.origin.description),
      ("SERVICE", letter.service.description), ("DENIAL", letter.denialID),
      ("TIME", letter.time.description),
    ]
    if let role = letter.role { values.append(("ROLE", role.description)) }
    if let code = groupedCode { values.append(("CODE", code)) }
    if let until = letter.until { values.append(("UNTIL", until.description)) }
    return values.map { "GATEHOUSE_\($0.0)=\($0.1.escapedForTerminal)" }
  }

  /// Why it was not taken, as somebody else may read it: what a mailer or a command says may have the
  /// code in it.
  public func problem(_ text: String) -> String {
    guard let code = letter.code, let grouped = groupedCode else { return text }
    let shown = text.uppercased()
    return shown.contains(code) || shown.contains(grouped)
      ? "what it said has the code in it, and is left out" : text
  }

  /// In two halves, to be read over a telephone.
  private var groupedCode: String? {
    letter.code.map { "\($0.prefix($0.count / 2))-\($0.suffix($0.count - $0.count / 2))" }
  }
}

extension Letter {
  /// The id of the denial that made the code.
  var denialID: String {
    let mark = "-guessed"
    return kind == .guessed && id.hasSuffix(mark) ? String(id.dropLast(mark.count)) : id
  }
}
