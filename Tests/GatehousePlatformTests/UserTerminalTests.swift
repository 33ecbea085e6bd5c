import GatehousePlatform
import Glibc
import TestKit
import Testing

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
