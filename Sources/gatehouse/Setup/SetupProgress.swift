import GatehousePlatform
import GatehouseReport
import Synchronization

/// What `gatehouse setup` has done so far, which is said if somebody interrupts it.
///
/// Ctrl-C during a step that changes something counts when the step is over, so that nothing is left
/// half done.
struct SetupProgress {
  private final class Done: Sendable {
    let steps = Mutex<[String]>([])
    /// Whether somebody has interrupted it.
    let isInterrupted = Atomic(false)
  }

  /// The exit status of an interrupted command: 128 and the number of SIGINT.
  private static let interrupted: Int32 = 130

  private let done = Done()

  /// Begins to wait for Ctrl-C; to be called before there are other threads.
  init() throws(CommandFailure) {
    CurrentProcess.leaveSignalsToLoop()
    CurrentProcess.shieldProgramsFromTerminal()
    let done = done
    do throws(SystemError) {
      try Thread("interrupts") {
        while !CurrentProcess.isToldToEnd(within: .seconds(3600)) {}
        done.isInterrupted.store(true, ordering: .releasing)
        done.steps.withLock { steps in
          let words =
            steps.isEmpty
            ? "nothing was changed"
            : "done so far:\n" + steps.map { "  - \($0)\n" }.joined()
              + "`gatehouse setup` goes on from there"
          Terminal.say("\ngatehouse: interrupted; \(words)\n")
          Terminal.document(
            CommandFailure(
              status: Self.interrupted,
              problem: steps.isEmpty
                ? "interrupted; nothing was changed"
                : "interrupted; done so far: \(steps.joined(separator: "; "))",
              remedy: steps.isEmpty ? nil : "`gatehouse setup` goes on from there"))
          CurrentProcess.endNow(Self.interrupted)
        }
      }.detach()
    } catch {
      throw .unreachable("setup could not be interrupted: \(error)")
    }
  }

  /// Does a step that changes something.
  ///
  /// - Parameters:
  ///   - words: What is done if its report says yes.
  ///   - body: The step.
  /// - Returns: The step's report.
  /// - Throws: What the step throws.
  func step<Result: Report>(
    _ words: String, _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    // Nothing is begun, or shown, after an interrupt: the other thread ends the process.
    defer {
      while done.isInterrupted.load(ordering: .acquiring) { SystemClock.sleep(.seconds(1)) }
    }
    return try done.steps.withLock { (steps) throws(CommandFailure) in
      let result = try body()
      if result.status == .yes { steps.append(words) }
      return result
    }
  }
}
