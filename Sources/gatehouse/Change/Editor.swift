import Glibc

/// The editor that somebody likes, on a private copy of a file.
struct Editor {
  private let program: String
  private let arguments: [String]

  /// The one that SUDO_EDITOR, VISUAL or EDITOR names, in this order; else the system's.
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

  /// Has a file edited, and comes back when that is done.
  func edit(_ path: String) throws(CommandFailure) {
    // Those keys are for the editor.
    let interrupt = signal(SIGINT, SIG_IGN)
    let quit = signal(SIGQUIT, SIG_IGN)
    defer {
      signal(SIGINT, interrupt)
      signal(SIGQUIT, quit)
    }
    let status = try Programs.run(program, arguments + [path])
    guard status == 0 else {
      throw .refused("\(arguments[0]) ended with status \(status): nothing was changed")
    }
  }
}

/// A file in a folder that nobody else can look into, which goes with it.
final class PrivateCopy {
  /// The folder.
  private let folder: String
  /// The file.
  let path: String

  /// Makes an empty one.
  ///
  /// - Parameter name: The file's name, by which an editor knows what is in it.
  /// - Throws: That there is no folder for it.
  init(named name: some StringProtocol) throws(CommandFailure) {
    var template = Array("\(Environment["TMPDIR"] ?? "/tmp")/gatehouse-edit-XXXXXX".utf8CString)
    // SAFETY: the buffer is a writable C string, as mkdtemp(3) wants it.
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard made else {
      throw .unreachable("no private folder can be made to edit in: \(lastSystemError())")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = "\(folder)/\(name)"
  }

  /// What is in it now.
  func content() throws(CommandFailure) -> [UInt8] {
    guard let content = Files.content(path) else {
      throw .unreachable("\(path) cannot be read: \(lastSystemError())")
    }
    return content
  }

  /// Writes it anew.
  func write(_ content: [UInt8]) throws(CommandFailure) {
    // SAFETY: the path is a C string for the length of the call.
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .unreachable("\(path) cannot be written: \(lastSystemError())")
    }
    defer { close(file) }
    guard Files.write(content[...], to: file) else {
      throw .unreachable("\(path) cannot be written: \(lastSystemError())")
    }
  }

  deinit {
    // An editor may have left something beside it.
    for name in Files.matching("\(folder)/*") + Files.matching("\(folder)/.[!.]*") {
      // SAFETY: the path is a C string for the length of the call.
      _ = unsafe unlink(name)
    }
    // SAFETY: likewise.
    _ = unsafe rmdir(folder)
  }
}
