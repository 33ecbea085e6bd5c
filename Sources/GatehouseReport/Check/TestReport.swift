public import GatehousePolicy

/// The report of `gatehouse test`.
public struct TestReport: Report {
  /// The policy whose tests were run.
  public var path: String
  /// What became of each, in order.
  public var results: [PolicyTestResult]
  /// The columns of the terminal; nil if the width does not matter.
  public var columns: Int?

  /// A report of the tests of a policy.
  public init(path: String, results: [PolicyTestResult], columns: Int? = nil) {
    self.path = path
    self.results = results
    self.columns = columns
  }

  private var failed: Int { results.count { $0.failure != nil } }

  /// Yes if no test fails.
  public var status: ReportStatus { failed == 0 ? .yes : .no }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    for result in results {
      guard let failure = result.failure else {
        page.line(
          StyledText("ok      ", .good)
            + StyledText(
              "\(result.location.fileAndLine)  \(result.question): \(result.expected)"))
        continue
      }
      page.line(
        StyledText("failed  ", .bad)
          + StyledText("\(result.location.fileAndLine)  \(result.question)"))
      page.sentence(failure.message, fitting: columns)
    }
    let tests = counted(results.count, "test")
    switch (results.isEmpty, failed) {
    case (true, _): page.line(StyledText("no tests", .doubtful) + StyledText("  \(path) has none"))
    case (_, 0): page.line(StyledText("ok", .good, then: "\(path): \(tests)"))
    default: page.line(StyledText("failed", .bad, then: "\(path): \(failed) of \(tests)"))
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("path", path)
    writer.member("failed", failed)
    writer.member("tests", results)
  }
}

extension PolicyTestResult: JSONWritable {
  /// Writes an object of the test's location and question, the answer that it expects, and the failure.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("rule", location.fileAndLine)
      $0.member("question", question)
      $0.member("expect", expected)
      $0.member("passed", failure == nil)
      $0.member("failure", failure?.message)
    }
  }
}
