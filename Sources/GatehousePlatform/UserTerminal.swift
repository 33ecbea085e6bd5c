internal import CPosix
internal import Glibc
internal import SystemPackage

/// The terminal of a user who is logged in.
public enum UserTerminal {
  /// Shows a line on it, if it takes that at once.
  ///
  /// Only a terminal of its own user is written to, and never waited for: a user can make their
  /// terminal stop, and could put something else in its place.
  ///
  /// - Parameters:
  ///   - line: The line; what is not printable ASCII becomes a question mark.
  ///   - name: The terminal's name below /dev, such as `pts/3` or `tty1`.
  ///   - user: The number of the user to whom it must belong.
  /// - Returns: Whether the terminal took it.
  public static func show(_ line: String, on name: String, of user: UInt32) -> Bool {
    guard isName(name),
      let terminal = try? OwnedDescriptor(
        opening: "/dev/\(name)", .writeOnly,
        [.nonBlocking, .noFollow, .init(rawValue: O_NOCTTY)])
    else { return false }
    var status = stat()
    // SAFETY: `status` is of this frame.
    guard unsafe fstat(terminal.rawValue, &status) == 0, status.st_uid == user,
      isatty(terminal.rawValue) == 1
    else { return false }
    let shown = line.utf8.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    let bytes = Array("\r\n".utf8) + shown + Array("\r\n".utf8)
    // SAFETY: the array has as many bytes as are written.
    let written = unsafe bytes.withUnsafeBytes {
      unsafe write(terminal.rawValue, $0.baseAddress, $0.count)
    }
    return written > 0
  }

  /// Whether it is the name of a terminal: `pts/` and digits, or `tty` and letters and digits.
  private static func isName(_ name: String) -> Bool {
    let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
    if name.hasPrefix("pts/") { return name.utf8.dropFirst(4).allSatisfy(isDigit) }
    return name.hasPrefix("tty")
      && name.utf8.allSatisfy {
        isDigit($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
      }
  }
}
