/// How a report is asked to look.
public enum ReportFormat: Sendable {
  /// Aligned text for people, without escape sequences.
  case text
  /// The same text with ANSI colours.
  case colouredText
  /// One JSON object with everything that is known, ended by a newline.
  case json
  /// One short JSON object, as `gatehouse explain --batch` prints for a question.
  case batchLine
}

/// What a report comes to, as the exit status of the command that prints it.
///
/// The status 2 is for misuse, which no report is about.
public enum ReportStatus: UInt8, Sendable {
  /// The answer is yes: allowed, no error, as it should be.
  case yes = 0
  /// The answer is no.
  case no = 1
  /// What was asked about could not be reached.
  case unreachable = 3
}

extension ReportFormat {
  /// Renders a report that has a text and one JSON document.
  func render(text: (_ coloured: Bool) -> [UInt8], json: () -> [UInt8]) -> [UInt8] {
    switch self {
    case .text: text(false)
    case .colouredText: text(true)
    case .json, .batchLine: json()
    }
  }
}
