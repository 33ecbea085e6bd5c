import GatehousePlatform

/// What systemd is told to do with a unit (systemctl(1)).
enum Systemctl {
  /// Runs it.
  ///
  /// - Parameters:
  ///   - words: What it is to do; what it has to say goes to standard error.
  ///   - waits: Whether to wait until that is done.
  /// - Returns: Its exit status; nil if this machine does not have it.
  /// - Throws: That it cannot be run.
  static func status(of words: [String], waits: Bool = true) throws(SystemError) -> Int32? {
    guard let program = Programs.find("systemctl") else { return nil }
    return try Programs.run(
      program, [program, "--quiet"] + (waits ? [] : ["--no-block"]) + words, withoutInput: true,
      reportsToStandardError: true)
  }
}
