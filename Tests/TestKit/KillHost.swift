/// A program that kills another one at one of its system calls (Tests/KillHost).
public enum KillHost {
  /// Whether one process may trace another here (ptrace(2)).
  public static let works = (try? run("/bin/true", [], at: 0).status) == 0

  /// Runs a program, and kills it at a step; 0 lets it run, and then the last line of its output is how
  /// many steps there are.
  ///
  /// - Parameters:
  ///   - program: The path of the program.
  ///   - arguments: Its arguments.
  ///   - step: The step.
  ///   - environment: Variables that it has besides.
  /// - Returns: Status 0 if it was killed at that step, 1 if it ended before, and its output.
  /// - Throws: If it cannot be run.
  public static func run(
    _ program: String, _ arguments: [String], at step: Int, environment: [String: String] = [:]
  ) throws -> ProcessResult {
    try TestKit.run(
      builtProgram("kill-host"), ["\(step)", program] + arguments,
      // A build that counts its lines would write them at the end, in hundreds of steps more.
      environment: environment.merging(["LLVM_PROFILE_FILE": "/dev/null/none"]) { $1 })
  }
}
