import GatehousePlatform
import GatehousePolicy

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
          remedy: "name another one: \(variable)=nano gatehouse edit")
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
      "there is no editor on this machine", remedy: "name one: EDITOR=/path gatehouse edit")
  }

  /// Runs the editor on a file, and waits until it ends.
  func edit(_ path: String) throws(CommandFailure) {
    let status: Int32
    do throws(SystemError) {
      // The interrupt keys are for the editor.
      status = try CurrentProcess.ignoringKeys { () throws(SystemError) in
        try Programs.run(program, arguments + [path])
      }
    } catch {
      throw .cannotRun(program, error)
    }
    guard status == 0 else {
      throw .refused("\(arguments[0]) ended with status \(status): nothing was changed")
    }
  }
}

/// A file in a private folder; both are removed with this object.
final class PrivateCopy {
  /// The folder.
  private let folder: String
  /// The file.
  let path: String

  /// Makes the folder; the file comes with the first `write`.
  ///
  /// - Parameter name: The file's name, from which an editor tells the kind of its content.
  /// - Throws: If the folder cannot be made.
  init(named name: some StringProtocol) throws(CommandFailure) {
    do throws(SystemError) {
      folder = try Files.makePrivateFolder("\(Environment["TMPDIR"] ?? "/tmp")/gatehouse-edit-")
    } catch {
      throw .unreachable("no private folder can be made to edit in: \(error.reason)")
    }
    path = "\(folder)/\(name)"
  }

  /// Reads the file.
  func content() throws(CommandFailure) -> [UInt8] {
    do throws(SystemError) {
      return try Files.content(of: path, atMost: PolicySnapshot.maximumListLength)
    } catch {
      throw .unreadable(path, error)
    }
  }

  /// Replaces what is in the file.
  func write(_ content: [UInt8]) throws(CommandFailure) {
    do throws(SystemError) {
      try Files.overwrite(path, with: content)
    } catch {
      throw .unreachable("\(path) cannot be written: \(error.reason)")
    }
  }

  // The whole folder: an editor may have left other files in it.
  deinit { try? Files.removeTree(folder) }
}
