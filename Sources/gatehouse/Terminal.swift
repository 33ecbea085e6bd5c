import GatehouseReport
import Glibc

// The rules of what this command prints:
//
//   - Reports go to standard output, everything else to standard error.
//   - An error is `gatehouse: error: ` and one sentence that names the place and the problem, with
//     a small initial and no full stop; then, where there is one, `gatehouse: hint: ` and the
//     remedy.
//   - Colour, and nothing but colour, for reports on a terminal, unless NO_COLOR says otherwise.
//   - What comes from outside (arguments, environment, file names) is escaped before it is printed.
//   - `--json` prints JSON and nothing else on standard output.
//   - Nothing asks a question but `edit`, and `pam enable` on a terminal; so all else can stand in a
//     script. A question goes to standard error, its answer is a line of standard input, and the end
//     of input is the answer that changes nothing.

/// Standard output and standard error, under the rules above.
enum Terminal {
  /// The format of a report: as JSON where that was asked for, in colour where it is welcome.
  static func format(json: Bool) -> ReportFormat {
    if json { return .json }
    let dumb = Environment["TERM"].map { $0.isEmpty || $0 == "dumb" } ?? true
    let unwanted = Environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return isatty(STDOUT_FILENO) == 1 && !dumb && !unwanted ? .colouredText : .text
  }

  /// Writes to standard output, all of it.
  static func print(_ bytes: [UInt8]) throws(CommandFailure) {
    guard Files.write(bytes[...], to: STDOUT_FILENO) else {
      throw .unreachable("standard output cannot be written to: \(lastSystemError())")
    }
  }

  /// Says what went wrong.
  static func report(_ failure: CommandFailure) {
    var text = "gatehouse: error: \(failure.problem.escapedForTerminal)\n"
    if let remedy = failure.remedy { text += "gatehouse: hint: \(remedy.escapedForTerminal)\n" }
    say(text)
  }

  /// Asks a question, and gives the answer without the spaces around it; nil at the end of input.
  static func ask(_ question: String) -> String? {
    say("\(question.escapedForTerminal) ")
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      // SAFETY: `byte` is of this frame, and one byte long.
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count != 1 && line.isEmpty { return nil }
      if count != 1 || byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self).split(separator: " ").joined(separator: " ")
  }

  /// Writes to standard error; if that fails too, nobody is left to be told.
  static func say(_ text: String) {
    _ = Files.write(Array(text.utf8)[...], to: STDERR_FILENO)
  }
}

/// Why the command has no report to print.
struct CommandFailure: Error {
  /// The exit status: 1 for a refusal, 2 for misuse, 3 for what could not be reached.
  let status: Int32
  /// The place and the problem.
  let problem: String
  /// What to do about it.
  let remedy: String?

  /// The command was asked for something that makes no sense.
  static func misuse(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 2, problem: problem, remedy: remedy)
  }

  /// Something else is in the way.
  static func refused(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 1, problem: problem, remedy: remedy)
  }

  /// The daemon or a file could not be reached.
  static func unreachable(_ problem: String, remedy: String? = nil) -> Self {
    Self(status: 3, problem: problem, remedy: remedy)
  }
}

/// The environment of this process.
enum Environment {
  /// The variable's value, nil where it is not set.
  static subscript(_ name: String) -> String? {
    // SAFETY: getenv(3) gives a C string or NULL; it is copied at once, and nothing here changes
    // the environment.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

/// The text of the system call's error that has just happened.
func lastSystemError() -> String {
  // SAFETY: strerror(3) gives a C string, and this program has one thread.
  unsafe String(cString: strerror(errno))
}
