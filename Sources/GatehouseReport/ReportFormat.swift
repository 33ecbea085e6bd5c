/// How a report is asked to look.
public enum ReportFormat: Sendable, CaseIterable {
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
/// The other two statuses, 2 for misuse and 3 for what could not be reached, are no report's to
/// give: without a question or an answer there is no report.
public enum ReportStatus: UInt8, Sendable {
  /// The answer is yes: allowed, no error, as it should be.
  case yes = 0
  /// The answer is no.
  case no = 1
}
