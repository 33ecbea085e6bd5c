import GatehousePlatform

/// The administrator's editor.
struct Editor {
  private let program: String
  private let arguments: [String]

  /// The editor that SUDO_EDITOR, VISUAL or EDITOR names, in this order; else the system's.
  init() throws(CommandFailure) {
    for variable in ["SUDO_EDITOR", "VISUAL", "EDITOR"] {
      guard let command = Environment[variable], !command.isEmpty else { continue }
      let words = command.split(separator: " ").map(String.init)
      guard let name = words.first, let program = Programs.find(name) else {
        throw .unreachable(
          "the editor of \(variable), \(command), is not on this machine",
          remedy: "name another one: `\(variable)=nano gatehouse edit`")
      }
      self.program = program
      arguments = words
      return
    }
    for name in ["editor", "nano", "vi"] {
      guard let program = Programs.find(name) else { continue }
      self.program = program
      arguments = [name]
      return
    }
    throw .unreachable(
      "there is no editor on this machine", remedy: "name one: `EDITOR=/path gatehouse edit`")
  }

  /// Runs the editor on a file, and waits until it ends.
  func edit(_ path: String) throws(CommandFailure) {
    let status: Int32
    do throws(SystemError) {
      status = try Programs.runOnTerminal(program, arguments + [path])
    } catch {
      throw .cannotRun(program, error)
    }
    guard status == 0 else {
      throw .refused("\(arguments[0]) ended with status \(status): nothing was changed")
    }
  }
}
