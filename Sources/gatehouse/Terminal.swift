import GatehousePlatform
import GatehouseReport

// The rules of what this command prints:
//
//   - Reports go to standard output, everything else to standard error.
//   - An error is `gatehouse: error: ` and one sentence that names the location and the problem, in
//     lower case and without a full stop; then, if there is one, `gatehouse: hint: ` and the remedy.
//   - On a terminal, lines are broken at spaces to its width. A word is never broken, nor what stands
//     between backticks: a command to paste is written so.
//   - Reports on a terminal have colours, unless NO_COLOR says otherwise.
//   - What comes from outside (arguments, environment, file names) is escaped before it is printed.
//   - `--json` prints JSON and nothing else on standard output: one document with a head of `version`,
//     `outcome` and `error`. A failure is such a document, too, and on standard error as ever.
//   - Only `edit`, and `setup`, `pam enable` and `sessions end` on a terminal, ask questions;
//     everything else can run in a script. A question goes to standard error, its answer is a line of
//     standard input, and the end of input is the answer that changes nothing.

/// Standard output and standard error, under the rules above.
enum Terminal {
  /// The format of a report: JSON if that was asked for; else text, in colour if the terminal and
  /// NO_COLOR allow it.
  static func format(json: Bool) -> ReportFormat {
    if json { return .json }
    let dumb = Environment["TERM"].map { $0.isEmpty || $0 == "dumb" } ?? true
    let unwanted = Environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return StandardStream.output.isTerminal && !dumb && !unwanted ? .colouredText : .text
  }

  /// Whether a person runs this command, who reads what it says.
  static var hasPerson: Bool {
    StandardStream.input.isTerminal || StandardStream.error.isTerminal
  }

  /// Writes a report to standard output, its text fitted to the width of the terminal.
  static func print(_ report: some Report, as format: ReportFormat) throws(CommandFailure) {
    let bytes = report.render(as: format)
    try format == .json ? print(bytes) : print(text: bytes)
  }

  /// Writes text for people to standard output, fitted to the width of the terminal.
  static func print(text: [UInt8]) throws(CommandFailure) {
    guard let columns = StandardStream.output.columns else { return try print(text) }
    try print(Array(String(decoding: text, as: UTF8.self).fitted(to: columns).utf8))
  }

  /// Writes to standard output, all of it.
  static func print(_ bytes: [UInt8]) throws(CommandFailure) {
    do throws(SystemError) {
      try StandardStream.output.write(bytes)
    } catch {
      throw .unreachable("standard output cannot be written to: \(error.reason)")
    }
  }

  /// Whether JSON was asked for, also if the rest of the command line cannot be read.
  private static var wantsJSON: Bool { options.contains("--json") }

  /// Whether only the exit status was asked for: then nothing is said but why there is no answer.
  static var isQuiet: Bool { options.contains("--quiet") || options.contains("-q") }

  /// What of the command line can be an option.
  private static var options: ArraySlice<String> {
    CommandLine.arguments.dropFirst().prefix { $0 != "--" }
  }

  /// Prints the document of a failure, if JSON was asked for.
  static func document(_ failure: CommandFailure) {
    // If standard output cannot be written to, standard error still has it.
    if wantsJSON { try? print(failure.json()) }
  }

  /// Prints an error and its remedy on standard error, and its document.
  static func report(_ failure: CommandFailure) {
    document(failure)
    var text = "gatehouse: error: \(failure.problem.escapedForTerminal)\n"
    if let remedy = failure.remedy { text += "gatehouse: hint: \(remedy.escapedForTerminal)\n" }
    say(text)
  }

  /// Asks a question, and returns the answer without spaces around it; nil at the end of input.
  static func ask(_ question: String) -> String? {
    say("\(question.escapedForTerminal) ")
    guard let line = StandardStream.inputLine(atMost: 4096) else { return nil }
    return String(decoding: line, as: UTF8.self).split(separator: " ").joined(separator: " ")
  }

  /// Writes to standard error, fitted to its width; a failure of that is ignored.
  static func say(_ text: String) {
    StandardStream.error.say(text.fitted(to: StandardStream.error.columns))
  }
}

/// Why the command has no report to print.
struct CommandFailure: Error {
  /// The exit status: 1 for a refusal, 2 for misuse, 3 if the daemon or a file could not be reached.
  let status: Int32
  /// What is wrong, with its location.
  let problem: String
  /// What to do about it; nil if there is no advice.
  let remedy: String?

  /// The JSON document in place of a report.
  func json() -> [UInt8] {
    let outcome =
      switch status {
      case 1: "no"
      case 2: "misuse"
      default: "failed"
      }
    return JSONWriter.failure(outcome: outcome, ReportFailure(problem, remedy: remedy))
  }

  /// The command was called with wrong arguments.
  static func misuse(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 2, problem: problem, remedy: remedy)
  }

  /// The answer is no.
  static func refused(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 1, problem: problem, remedy: remedy)
  }

  /// A program cannot be run.
  static func cannotRun(_ program: String, _ error: SystemError) -> Self {
    .unreachable("\(program) cannot be run: \(error.reason)")
  }

  /// A file cannot be read.
  static func unreadable(_ subject: String, _ error: SystemError) -> Self {
    .unreachable("\(subject) cannot be read: \(error.reason)")
  }

  /// The daemon or a file could not be reached.
  static func unreachable(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 3, problem: problem, remedy: remedy)
  }
}
