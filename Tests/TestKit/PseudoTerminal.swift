import Glibc

/// A pseudo terminal, of which a test has the other end.
public final class PseudoTerminal {
  private let other: Int32
  /// Its name below /dev.
  public let name: String

  /// A new one with so many columns, which nobody has opened.
  public init(columns: Int = 80) throws {
    // SAFETY: a literal is a C string for the length of the call.
    other = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var (lock, number) = (CInt(0), CInt(0))
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    // As unlockpt(3) and ptsname(3) do it: TIOCSPTLCK and TIOCGPTN.
    // SAFETY: each call takes or fills one value of this frame.
    guard unsafe ioctl(other, 0x4004_5431, &lock) == 0,
      unsafe ioctl(other, 0x8004_5430, &number) == 0,
      unsafe ioctl(other, UInt(TIOCSWINSZ), &size) == 0
    else { throw TestKitError("/dev/ptmx: errno \(errno)") }
    name = "pts/\(number)"
  }

  /// Opens it, as a program's standard input; the caller closes the descriptor.
  public func opened() throws -> Int32 {
    // SAFETY: the path is a C string for the length of the call.
    let descriptor = unsafe open("/dev/\(name)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestKitError("/dev/\(name): errno \(errno)") }
    return descriptor
  }

  /// What was shown since the last look.
  public func shown() -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    // SAFETY: the array has as many bytes as the count says.
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(other, $0.baseAddress, $0.count) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Types some keys.
  public func type(_ keys: String) throws {
    let bytes = Array(keys.utf8)
    // SAFETY: the array has as many bytes as the count says.
    let count = unsafe bytes.withUnsafeBytes { unsafe write(other, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw TestKitError("/dev/\(name): errno \(errno)") }
  }

  deinit { close(other) }
}

/// A program at a terminal, and somebody who reads and types.
public final class TerminalProgram {
  private let terminal: PseudoTerminal
  private let child: ChildProcess
  /// All that was shown, with newlines alone; what was typed is in it, too.
  public private(set) var screen = ""

  /// Starts a program in a session of its own, so that Ctrl-C reaches it.
  ///
  /// - Parameters:
  ///   - program: A name or a path.
  ///   - arguments: The arguments after the name.
  ///   - environment: Variables to set besides those of this process.
  ///   - columns: How many the terminal has.
  /// - Throws: That it cannot be started.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    columns: Int = 80
  ) throws {
    terminal = try PseudoTerminal(columns: columns)
    let descriptor = try terminal.opened()
    defer { close(descriptor) }
    child = try ChildProcess(
      "setsid", ["--ctty", program] + arguments, environment: environment,
      descriptors: [0: descriptor, 1: descriptor, 2: descriptor])
  }

  /// Waits until it has shown a text at the end, such as a question.
  public func wait(for text: String, seconds: Double = 30) throws {
    do {
      try TestKit.wait(seconds: seconds) {
        look()
        return screen.hasSuffix(text)
      }
    } catch { throw TestKitError("it does not end in \"\(text)\":\n\(screen)") }
  }

  /// Waits for a text, and types keys then.
  public func answer(_ text: String, _ keys: String) throws {
    try wait(for: text)
    try terminal.type(keys)
  }

  /// Waits for its end.
  ///
  /// - Returns: Its exit status; 128 and a signal's number if one ended it.
  public func end(seconds: Double = 30) throws -> Int32 {
    do {
      let ending = try eventually(seconds: seconds) {
        look()
        return child.poll()
      }
      look()
      return switch ending {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    } catch { throw TestKitError("it does not end:\n\(screen)") }
  }

  private func look() {
    while case let shown = terminal.shown(), !shown.isEmpty {
      // As scalars, since a carriage return and a newline are one character.
      screen.unicodeScalars += shown.unicodeScalars.filter { $0 != "\r" }
    }
  }
}
