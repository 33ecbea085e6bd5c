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
    // The machine, then the user, then the place are cut.
    let rows = FittedRows.fit(
      into: columns, cutting: [1, 3, 4], least: widths, Fit.fits
    ) { fit in lines.map { cells($0, fit) } }
    widths = FittedRows.widths(of: rows, widths)
    let text = FittedRows.lines(rows, widths).map { $0.rendered(coloured: coloured) + "\n" }
    return Array(text.joined().utf8)
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
      decision.factor?.text ?? decision.code?.text ?? decision.outcome.text,
      StyledText(decision.user.description, .strong),
      StyledText(decision.place) + StyledText(line.isFirst ? fit.mark : "", .doubtful),
      fit.hasService ? StyledText(decision.service.description) : "",
      fit.hasReason ? StyledText(decision.code == nil ? decision.reason : "") : "",
      fit.hasRule ? StyledText(decision.rule ?? decision.grantOfCode ?? "", .faint) : "",
      StyledText(decision.id),
    ]
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
          decision.origin.writeMembers(to: &$0)
          $0.member("remote_host", decision.remoteHost)
        }
      }
      $0.member("first_from_there", line.isFirst)
      $0.member("service", decision.service)
      $0.member("role", decision.askedRole)
      $0.member("roles", decision.roles)
      $0.member("rule", decision.rule)
      $0.member("grant", decision.grant)
      $0.member("policy") { writer in
        guard let generation = decision.generation else { return writer.literal("null") }
        writer.object {
          $0.member("generation", generation.number)
          $0.member("sha256", generation.digest)
        }
      }
      $0.member("session", decision.session)
      $0.member("proved_by", decision.provedBy)
      $0.member("delivered", decision.wasDelivered)
    }
  }
}

extension LoggedDecision {
  /// The methods by which the user proved who they are.
  var provedBy: [ProvenMethod] { proof.map { ProvenMethod.all(in: $0) } ?? [] }

  /// From where the user came, in a word: the address, `self`, `local`, or what there was instead.
  var place: String {
    switch origin {
    case .unknown: remoteHost.map { "\"\($0)\"" } ?? "unknown"
    default: origin.description
    }
  }

  /// The grant that a code made, in words; nil if it is about no code, or made none.
  var grantOfCode: String? { code == nil ? nil : grant.map { "grant \($0)" } }

  /// The word that other reports have for the decision.
  var verdictWord: String {
    factor?.rawValue ?? code?.rawValue ?? (outcome == .wouldDeny ? "allow" : outcome.rawValue)
  }
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
