import GatehousePlatform
import Glibc
import TestKit
import Testing

/// A pseudo terminal, of which a test has the other end.
private final class PseudoTerminal {
  let other: Int32
  /// Its name below /dev.
  let name: String

  init() throws {
    // SAFETY: a literal is a C string for the length of the call.
    other = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var (lock, number) = (CInt(0), CInt(0))
    // As unlockpt(3) and ptsname(3) do it: TIOCSPTLCK and TIOCGPTN.
    // SAFETY: each call takes or fills one number of this frame.
    guard unsafe ioctl(other, 0x4004_5431, &lock) == 0,
      unsafe ioctl(other, 0x8004_5430, &number) == 0
    else { throw TestKitError("/dev/ptmx: errno \(errno)") }
    name = "pts/\(number)"
  }

  /// What was shown since the last look.
  func shown() -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    // SAFETY: the array has as many bytes as the count says.
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(other, $0.baseAddress, $0.count) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  deinit { close(other) }
}

@Suite("A line on the terminal of a user")
struct UserTerminalTests {
  @Test("is shown to its user")
  func shown() throws {
    let terminal = try PseudoTerminal()
    #expect(UserTerminal.show("good bye", on: terminal.name, of: getuid()))
    #expect(terminal.shown().contains("good bye"))
  }

  @Test("is not shown on the terminal of another user")
  func otherUser() throws {
    let terminal = try PseudoTerminal()
    #expect(!UserTerminal.show("good bye", on: terminal.name, of: getuid() + 1))
    #expect(terminal.shown() == "")
  }

  @Test("has no character that commands the terminal")
  func harmless() throws {
    let terminal = try PseudoTerminal()
    #expect(UserTerminal.show("a\u{1B}]0;x\u{7}\u{9B}2Jb", on: terminal.name, of: getuid()))
    #expect(
      !terminal.shown().unicodeScalars.contains {
        $0 == "\u{1B}" || $0 == "\u{7}" || $0 == "\u{9B}"
      })
  }

  @Test(
    "is shown on nothing that is not a terminal below /dev",
    arguments: [
      "null", "../etc/passwd", "pts/../null", "tty/../../etc/passwd", "ttyDoesNotExist", "", "pts/",
      ":0", "ssh", "pts/ptmx",
    ])
  func otherFiles(name: String) {
    #expect(!UserTerminal.show("good bye", on: name, of: getuid()))
  }

  @Test("does not wait for a terminal that takes nothing")
  func stopped() throws {
    let terminal = try PseudoTerminal()
    var count = 0
    // Nobody reads the other end, so it is full after some lines.
    while UserTerminal.show(String(repeating: "x", count: 500), on: terminal.name, of: getuid()),
      count < 10_000
    {
      count += 1
    }
    #expect(count > 0 && count < 10_000)
  }
}
