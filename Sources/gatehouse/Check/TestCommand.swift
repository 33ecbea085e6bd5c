import ArgumentParser
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse test`: runs a policy's own tests.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the policy's own tests.",
    usage: "gatehouse test [PATH|-] [--json|--quiet]",
    discussion: """
      A line for each of the policy's `tests`, and what became of it. They are judged as in mode \
      enforce. No daemon is asked.

      Exit status: 0 if all pass, also if there is none; 1 if one fails; 3 if the policy cannot be \
      read, or has an error.
      """)

  @Argument(
    help: ArgumentHelp(
      "The policy: a file, a folder, or - for standard input (default: \(Check.standardPath)).",
      valueName: "path"), completion: .file())
  var path: String?

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let files = try PolicyFiles.named(path)
    let policy = try PolicyFiles.usable(files, path: path ?? Check.standardPath)
    try output.print(
      TestReport(
        path: path == "-" ? "standard input" : path ?? Check.standardPath,
        results: policy.testResults(), columns: StandardStream.output.columns))
  }
}
