import ArgumentParser
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The command: `gatehouse SUBCOMMAND …`.
@main
struct Gatehouse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gatehouse",
    abstract: "Check, explain and change who may log in from which address.",
    discussion: """
      The policy is in /etc/gatehouse and is described in gatehouse-policy(5). \
      Exit status: 0 for yes, 1 for no, 2 for misuse, 3 if the daemon or a file could not be \
      reached.
      """,
    version: gatehouseVersion,
    subcommands: [
      Check.self, TestCommand.self, DoorsCommand.self, Explain.self, Where.self, Who.self,
      ListCommand.self, Diff.self, LogCommand.self,
      WatchCommand.self,
      ReportCommand.self, Replay.self, SessionsCommand.self, ShadowCommand.self, Status.self,
      MetricsCommand.self, NotifyCommand.self,
      Reload.self, Refresh.self, GrantCommand.self, GrantsCommand.self, RevokeCommand.self,
      ApproveCommand.self,
      AllowCommand.self, DisallowCommand.self, BlockCommand.self, UnblockCommand.self,
      NetworkCommand.self,
      Apply.self, Confirm.self, Edit.self, HistoryCommand.self, Rollback.self, PAMCommand.self,
      ImportCommand.self, Learn.self, SchemaCommand.self,
    ])

  /// Runs the command and ends the process with its exit status.
  static func main() {
    CurrentProcess.end(status())
  }

  private static func status() -> Int32 {
    do {
      // The parser knows the long form alone.
      let arguments = Array(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot(arguments == ["-V"] ? ["--version"] : arguments)
      try command.run()
      return 0
    } catch let failure as CommandFailure {
      Terminal.report(failure)
      return failure.status
    } catch let status as ExitCode {
      return status.rawValue
    } catch {
      if exitCode(for: error).isSuccess {
        print(message(for: error))
        return 0
      }
      // The parser's own status for misuse is 64 (EX_USAGE), and its text has other rules.
      let failure = misuse(message(for: error))
      Terminal.report(failure)
      return failure.status
    }
  }

  private static func misuse(_ message: String) -> CommandFailure {
    var command = "gatehouse"
    var subcommands = configuration.subcommands
    for word in CommandLine.arguments.dropFirst() where !subcommands.isEmpty {
      guard let next = subcommands.first(where: { $0._commandName == word }) else {
        if word.hasPrefix("-") { break }
        let near = nearestName(to: word, among: subcommands.map { $0._commandName })
        return .misuse(
          "there is no `\(command) \(word)`",
          remedy: near.map { "did you mean `\(command) \($0)`?" }
            ?? "\(command) --help says how it is used")
      }
      command += " \(word)"
      subcommands = next.configuration.subcommands
    }
    return .misuse(
      message.prefix(1).lowercased() + message.dropFirst(),
      remedy: "\(command) --help says how it is used")
  }
}
