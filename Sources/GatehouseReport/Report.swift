/// A report that is printed as text or JSON, and has an exit status.
public protocol Report: Sendable {
  /// The exit status of the command that prints it.
  var status: ReportStatus { get }

  /// The text for people, in UTF-8 and ended by a newline.
  func text(coloured: Bool) -> [UInt8]

  /// What came of it, as the JSON document says it: `yes` or `no`, unless the report has a word of its
  /// own.
  var outcomeWord: String { get }

  /// Why it could not be found out or done; nil if it could. A report whose status is `unreachable` has
  /// one.
  var failure: ReportFailure? { get }

  /// Writes everything else that is known, as members of a JSON object.
  func writeMembers(to writer: inout JSONWriter)
}

extension Report {
  /// `yes`, `no` or `failed`.
  public var outcomeWord: String {
    switch status {
    case .yes: "yes"
    case .no: "no"
    case .unreachable: "failed"
    }
  }

  /// None.
  public var failure: ReportFailure? { nil }

  /// One JSON document with the head that all have and everything that is known, ended by a newline.
  public func json() -> [UInt8] {
    JSONWriter.report(outcome: outcomeWord, error: failure, writeMembers)
  }

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

/// What is wrong, and what to do about it.
public struct ReportFailure: Hashable, Sendable {
  /// What is wrong, as a clause.
  public let message: String
  /// What to do about it; nil if there is no advice.
  public let remedy: String?

  /// A failure.
  public init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}

extension ReportFailure: JSONWritable {
  /// Writes an object of `message` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("message", message)
      $0.member("remedy", remedy)
    }
  }
}

extension JSONWriter {
  /// The version of the documents: it changes if a member is removed, or means something else.
  static let reportVersion = 1

  /// Writes a member whose value is what another report has: its outcome, its error and its members.
  mutating func member(_ key: StaticString, _ report: (any Report)?) {
    member(key) { writer in
      guard let report else { return writer.literal("null") }
      writer.object {
        $0.member("outcome", report.outcomeWord)
        $0.member("error", report.failure)
        report.writeMembers(to: &$0)
      }
    }
  }

  /// A document as one line: the head that every document has, and members of its own.
  ///
  /// - Parameters:
  ///   - outcome: What came of it, in a word.
  ///   - error: Why there is nothing else; nil if there is.
  ///   - members: Writes the members.
  /// - Returns: The line, in UTF-8.
  package static func report(
    outcome: String, error: ReportFailure? = nil, _ members: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    line {
      $0.member("version", reportVersion)
      $0.member("outcome", outcome)
      $0.member("error", error)
      members(&$0)
    }
  }

  /// The document of a command that failed.
  ///
  /// - Parameters:
  ///   - outcome: `no`, `misuse` or `failed`.
  ///   - error: Why.
  /// - Returns: The line, in UTF-8.
  public static func failure(outcome: String, _ error: ReportFailure) -> [UInt8] {
    report(outcome: outcome, error: error) { _ in }
  }
}
