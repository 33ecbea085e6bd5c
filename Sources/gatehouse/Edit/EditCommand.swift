import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse edit`: edits a file of the policy, and applies it if it has no error.
struct Edit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Edit a file of the policy, and apply it if it locks nobody out.",
    discussion: """
      You edit a copy of the file that only root can see. Then it is applied as `gatehouse apply` \
      does: checked, judged by the guard, written, and loaded by the daemon. If it is refused, you \
      are asked what to do: edit it again, keep the old policy, or show the difference. If it \
      would not let you in from where you are, you can also have that address added.

      An open editor stops nobody: the policy may be changed meanwhile. Then your file is applied \
      beside the other changes; if somebody else changed the same file, you are shown what, and \
      asked.

      What you typed is kept if the connection breaks, the editor fails or you press Ctrl-C: the \
      next `gatehouse edit` of that file offers it.

      The editor is that of SUDO_EDITOR, VISUAL or EDITOR.

      Exit status: 0 if the policy is in place and serves, or nothing was changed; 1 if it was \
      refused and the old one kept; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp(
      "The file: policy.yaml, one of policy.d, or a list, relative to the policy's folder.",
      valueName: "file"), completion: .filesOfPolicy)
  var file = "policy.yaml"

  @OptionGroup var trial: TrialOptions

  @OptionGroup var options: ChangeOptions

  func run() throws {
    var editing = try Editing(file, options, trial)
    while true {
      try editing.edit()
      guard editing.isChanged else {
        editing.discard()
        Terminal.say("\(file): nothing was changed\n")
        if options.output.json { try options.output.print(editing.unchanged) }
        return
      }
      switch try editing.settle() {
      case .again: continue
      case .kept(let report):
        guard let report else {
          throw CommandFailure.refused("\(file) was changed by somebody else, and stays so")
        }
        if options.output.json { try options.output.print(report) }
        throw ExitCode(Int32(report.status.rawValue))
      case .applied(let report): try options.output.print(report)
      }
    }
  }
}
