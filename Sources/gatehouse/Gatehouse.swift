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
    groupedSubcommands: [
      CommandGroup(
        name: "Who may log in",
        subcommands: [
          Explain.self, Where.self, Who.self, ListCommand.self, DoorsCommand.self, Status.self,
        ]),
      CommandGroup(
        name: "What happened",
        subcommands: [
          LogCommand.self, WatchCommand.self, ReportCommand.self, SessionsCommand.self,
        ]),
      CommandGroup(
        name: "Trying a policy",
        subcommands: [
          Check.self, TestCommand.self, Diff.self, Replay.self, ShadowCommand.self,
        ]),
      CommandGroup(
        name: "Changing the policy",
        subcommands: [
          Edit.self, AllowCommand.self, DisallowCommand.self, BlockCommand.self,
          UnblockCommand.self, NetworkCommand.self, FeedsCommand.self, Apply.self, Confirm.self,
          HistoryCommand.self,
          Rollback.self,
        ]),
      CommandGroup(
        name: "Letting somebody in for some hours",
        subcommands: [
          GrantCommand.self, GrantsCommand.self, RevokeCommand.self, ApproveCommand.self,
        ]),
      CommandGroup(
        name: "A first policy",
        subcommands: [Setup.self, Learn.self, ImportCommand.self, SchemaCommand.self]),
      CommandGroup(
        name: "Running Gatehouse",
        subcommands: [
          PAMCommand.self, Reload.self, Refresh.self, MetricsCommand.self, NotifyCommand.self,
        ]),
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
        // The parser calls each group of subcommands "NAME SUBCOMMANDS".
        let text = message(for: error).replacing(" SUBCOMMANDS:\n", with: ":\n")
        let isScript = CommandLine.arguments.dropFirst().first == "--generate-completion-script"
        print(isScript ? HelpTopics.added(to: text) : text)
        return 0
      }
      // A shell asked what it may offer, by a script of another version: nothing.
      if CommandLine.arguments.dropFirst().first == "---completion" { return 1 }
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
            ?? "`\(command) --help` says how it is used")
      }
      command += " \(word)"
      subcommands = next.configuration.subcommands
    }
    return .misuse(
      message.prefix(1).lowercased() + message.dropFirst(),
      remedy: "`\(command) --help` says how it is used")
  }
}
