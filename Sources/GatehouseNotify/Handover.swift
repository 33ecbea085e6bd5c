public import GatehousePlatform

/// How a program is given a message.
public enum Handover {
  /// How long a program may take.
  public static let patience = Duration.seconds(30)
  /// The most bytes of what it says that are looked at.
  private static let longestOutput = 4096

  /// Hands a message over, and waits until the program has taken it.
  ///
  /// - Parameters:
  ///   - message: What the program reads on its standard input.
  ///   - program: The program, as a reason names it.
  ///   - words: The file that is run, and its words; may be others that run the program.
  ///   - environment: What it finds in its environment.
  ///   - patience: How long it may take; then it is killed.
  /// - Returns: Why it was not taken; nil if it was.
  public static func problem(
    handing message: [UInt8], to program: String, _ words: [String], environment: [String],
    within patience: Duration = Handover.patience
  ) -> String? {
    do throws(SystemError) {
      let result = try Programs.result(
        of: words[0], words, environment: environment, within: patience, atMost: longestOutput,
        input: SealedMemoryFile(message))
      return result.failure(of: program, within: patience)
    } catch { return "\(program) cannot be run: \(error.reason)" }
  }
}

extension ProgramResult {
  /// How a program failed, with the first line that it said; nil if it did not.
  public func failure(of program: String, within patience: Duration) -> String? {
    let said = String(decoding: output, as: UTF8.self).split(separator: "\n").first
    switch ending {
    case .exited(0): return nil
    case .exited(let status):
      return "\(program) failed with status \(status)\(said.map { ": \($0)" } ?? "")"
    case .signalled(let signal): return "signal \(signal) ended \(program)"
    case .timedOut: return "\(program) took longer than \(patience.components.seconds) s"
    }
  }
}
