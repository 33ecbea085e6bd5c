/// A report that is printed as text or JSON, and has an exit status.
public protocol Report: Sendable {
  /// The exit status of the command that prints it.
  var status: ReportStatus { get }

  /// The text for people, in UTF-8 and ended by a newline.
  func text(coloured: Bool) -> [UInt8]

  /// One JSON document with everything that is known, ended by a newline.
  func json() -> [UInt8]
}

extension Report {
  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    switch format {
    case .text: text(coloured: false)
    case .colouredText: text(coloured: true)
    case .json: json()
    }
  }
}

/// The format of a report.
public enum ReportFormat: Sendable {
  /// Aligned text for people, without escape sequences.
  case text
  /// The same text with ANSI colours.
  case colouredText
  /// One JSON object with everything that is known, ended by a newline.
  case json
}

/// The exit status of a report; 2 is for misuse, and never a report's.
public enum ReportStatus: UInt8, Sendable {
  /// The answer is yes: allowed, no error, as it should be.
  case yes = 0
  /// The answer is no.
  case no = 1
  /// What was asked about could not be reached.
  case unreachable = 3
}
