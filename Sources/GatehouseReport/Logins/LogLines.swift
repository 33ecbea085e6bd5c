public import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// Decisions of the log, a line each: `gatehouse log`.
public struct LogLines: Sendable {
  /// A decision, and what is known of it beside the log.
  public struct Line: Sendable {
    /// The decision.
    public var decision: LoggedDecision
    /// Whether the user came from there for the first time, by the login record.
    public var isFirst: Bool

    /// A line.
    public init(_ decision: LoggedDecision, isFirst: Bool) {
      self.decision = decision
      self.isFirst = isFirst
    }
  }

  private let coloured: Bool
  /// The columns of the terminal; nil if there is none, and every column is shown.
  private let columns: Int?
  private let showsMachine: Bool
  /// The widths that the columns have had so far, so that lines that come later stand below them.
  private var widths: [Int] = []

  /// Lines for a terminal of so many columns, or for a file.
  public init(coloured: Bool, columns: Int?, showsMachine: Bool) {
    self.coloured = coloured
    self.columns = columns
    self.showsMachine = showsMachine
  }

  /// The text of lines, each ended by a newline.
  public mutating func text(_ lines: [Line]) -> [UInt8] {
    var rows = lines.map { cells($0, Fit.fits[0]) }
    for fit in Fit.fits.dropFirst() where columns.map({ width(of: rows) > $0 }) ?? false {
      rows = lines.map { cells($0, fit) }
    }
    if let columns { cut(&rows, to: columns) }
    widen(for: rows)
    var text = ""
    for row in rows {
      var line = StyledText("")
      var written = 0
      var start = 0
      for (column, cell) in row.enumerated() where widths[column] > 0 {
        if cell.width > 0 {
          line = line + StyledText(String(repeating: " ", count: max(0, start - written))) + cell
          written = start + cell.width
        }
        start += widths[column] + 2
      }
      text += line.rendered(coloured: coloured) + "\n"
    }
    return Array(text.utf8)
  }

  private mutating func widen(for rows: [[StyledText]]) {
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.width)
      }
    }
  }

  private func width(of rows: [[StyledText]]) -> Int {
    var copy = self
    copy.widen(for: rows)
    return copy.widths.filter { $0 > 0 }.reduce(-2) { $0 + $1 + 2 }
  }

  /// What is shown of a decision; `gatehouse log ID` has all of it.
  private struct Fit {
    var hasYear = true
    var hasRule = true
    var hasService = true
    var hasReason = true
    /// How a place is marked from which a user came for the first time.
    var mark = " first time"

    /// What is left out, one after the other, until a line fits.
    static let fits = [
      Fit(), Fit(hasYear: false), Fit(hasYear: false, hasRule: false, mark: " new"),
      Fit(hasYear: false, hasRule: false, hasService: false, mark: " new"),
      Fit(hasYear: false, hasRule: false, hasService: false, hasReason: false, mark: " new"),
      Fit(hasYear: false, hasRule: false, hasService: false, hasReason: false, mark: ""),
    ]
  }

  private func cells(_ line: Line, _ fit: Fit) -> [StyledText] {
    let decision = line.decision
    let time = LocalTime(microsecondsSinceEpoch: decision.time.microseconds)
    return [
      StyledText(fit.hasYear ? time.description : time.withoutYear, .faint),
      showsMachine ? StyledText(decision.machine?.description ?? "") : "",
      decision.outcome.text,
      StyledText(decision.user.description, .strong),
      StyledText(decision.place) + StyledText(line.isFirst ? fit.mark : "", .doubtful),
      fit.hasService ? StyledText(decision.service.description) : "",
      fit.hasReason ? StyledText(decision.reason) : "",
      fit.hasRule ? StyledText(decision.rule ?? "", .faint) : "",
      StyledText(decision.id),
    ]
  }

  /// Cuts the machine, then the user, then the place, if lines are too long all the same.
  private func cut(_ rows: inout [[StyledText]], to columns: Int) {
    for column in [1, 3, 4] {
      let excess = width(of: rows) - columns
      guard excess > 0 else { return }
      let widest = rows.map { $0[column].width }.max() ?? 0
      let room = max(8, widest - excess)
      for index in rows.indices where rows[index][column].width > room {
        rows[index][column] = rows[index][column].cut(to: room)
      }
    }
  }

  /// One decision as a line of JSON, with everything that is known.
  public static func json(_ line: Line) -> [UInt8] {
    var writer = JSONWriter()
    write(line, to: &writer)
    writer.newline()
    return writer.bytes
  }

  static func write(_ line: Line, to writer: inout JSONWriter) {
    let decision = line.decision
    writer.object {
      $0.member("time", decision.time)
      $0.member("machine", decision.machine)
      $0.member("id", decision.id)
      $0.member("decision", decision.verdictWord)
      $0.member("reason", decision.reason)
      $0.member("would_deny", decision.outcome == .wouldDeny)
      $0.member("user", decision.user)
      $0.member("asked_user", decision.askedUser)
      $0.member("origin") { writer in
        writer.object {
          $0.member("kind", decision.origin.kind.rawValue)
          if case .address(let address) = decision.origin {
            $0.member("address", address.description)
          }
          $0.member("remote_host", decision.remoteHost)
        }
      }
      $0.member("first_from_there", line.isFirst)
      $0.member("service", decision.service)
      $0.member("role", decision.askedRole)
      $0.member("roles", decision.roles)
      $0.member("rule", decision.rule)
      $0.member("grant", decision.grant)
      $0.member("generation") { writer in
        guard let generation = decision.generation else { return writer.literal("null") }
        writer.object {
          $0.member("number", generation.number)
          $0.member("sha256", generation.digest)
        }
      }
      $0.member("session", decision.session)
      $0.member("proof", decision.proof)
      $0.member("delivered", decision.wasDelivered)
    }
  }
}

extension LoggedDecision {
  /// From where the user came, in a word: the address, `self`, `local`, or what there was instead.
  var place: String {
    switch origin {
    case .unknown: remoteHost.map { "\"\($0)\"" } ?? "unknown"
    default: origin.description
    }
  }

  /// The word that other reports have for the decision.
  var verdictWord: String { outcome == .wouldDeny ? "allow" : outcome.rawValue }
}

extension LoggedDecision.Outcome {
  /// The word in its colour.
  var text: StyledText {
    switch self {
    case .allow: StyledText("allow", .good)
    case .deny: StyledText("deny", .bad)
    case .wouldDeny: StyledText("would deny", .doubtful)
    case .ignore: StyledText("ignore")
    case .noPolicy: StyledText("no policy", .bad)
    }
  }
}
