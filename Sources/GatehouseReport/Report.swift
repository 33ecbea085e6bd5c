/// Something that is printed as text or as JSON and comes to a yes or a no.
public protocol Report {
  /// What it comes to, as the exit status of the command that prints it.
  var status: ReportStatus { get }

  /// The finished report in UTF-8, ended by a newline.
  func render(as format: ReportFormat) -> [UInt8]
}
