/// One check of the machine, before logins are made to ask the daemon or while they do.
public struct PAMCheck: Hashable, Sendable {
  /// The result of a check.
  public enum Outcome: String, Sendable {
    /// As it should be.
    case ok
    /// Doubtful, but no obstacle.
    case warning
    /// An obstacle.
    case notOK = "not_ok"
  }

  /// The result.
  public var outcome: Outcome
  /// What was checked, in a word or two.
  public var subject: String
  /// What was found.
  public var finding: String
  /// What to do about it; nil if there is nothing to do.
  public var remedy: String?

  /// A check with its outcome.
  public init(_ outcome: Outcome, _ subject: String, _ finding: String, remedy: String? = nil) {
    self.outcome = outcome
    self.subject = subject
    self.finding = finding
    self.remedy = remedy
  }
}

extension PAMCheck {
  /// The rows of a page: the finding, and below it the remedy.
  var rows: [[StyledText]] {
    let word: StyledText =
      switch outcome {
      case .ok: StyledText("ok", .good)
      case .warning: StyledText("warning", .doubtful)
      case .notOK: StyledText("not ok", .bad)
      }
    let row = [word, StyledText(subject), StyledText(finding)]
    return [row] + (remedy.map { [["", "", StyledText($0, .faint)]] } ?? [])
  }
}

extension PAMCheck: JSONWritable {
  /// Writes an object of `outcome`, `subject`, `finding` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("outcome", outcome.rawValue)
      $0.member("subject", subject)
      $0.member("finding", finding)
      $0.member("remedy", remedy)
    }
  }
}
