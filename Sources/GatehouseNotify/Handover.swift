public import GatehousePlatform
internal import Synchronization

/// A message that a program takes, on a thread of its own: nobody else waits for it.
public final class Handover: Sendable {
  /// How long a program may take.
  public static let patience = Duration.seconds(30)
  /// The most bytes of what it says that are looked at.
  private static let longestOutput = 4096

  /// How it ended.
  public enum Outcome: Hashable, Sendable {
    /// The program took the message.
    case taken
    /// It did not, for this reason.
    case failed(String)
  }

  private let found = Mutex<Outcome?>(nil)

  /// Begins to hand a message over.
  ///
  /// - Parameters:
  ///   - message: What the program reads on its standard input.
  ///   - program: The program, as a reason names it.
  ///   - words: The file that is run, and its words; may be others that run the program.
  ///   - environment: What it finds in its environment.
  ///   - patience: How long it may take; then it is killed.
  public init(
    _ message: [UInt8], to program: String, _ words: [String], environment: [String],
    within patience: Duration = Handover.patience
  ) {
    do throws(SystemError) {
      try Thread("handover") { [self] in
        let outcome = Self.result(of: program, words, environment, message, within: patience)
        found.withLock { $0 = outcome }
      }
      .detach()
    } catch { found.withLock { $0 = .failed("\(program) cannot be run: \(error.reason)") } }
  }

  /// One that has failed already.
  public init(failed reason: String) { found.withLock { $0 = .failed(reason) } }

  /// How it ended; nil while it is under way.
  public var outcome: Outcome? { found.withLock { $0 } }

  /// Waits until it has ended.
  public func wait() -> Outcome {
    while true {
      if let outcome { return outcome }
      SystemClock.sleep(.milliseconds(20))
    }
  }

  private static func result(
    of program: String, _ words: [String], _ environment: [String], _ message: [UInt8],
    within patience: Duration
  ) -> Outcome {
    do throws(SystemError) {
      let result = try Programs.result(
        of: words[0], words, environment: environment, within: patience, atMost: longestOutput,
        input: SealedMemoryFile(message))
      return result.failure(of: program, within: patience).map { .failed($0) } ?? .taken
    } catch { return .failed("\(program) cannot be run: \(error.reason)") }
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
