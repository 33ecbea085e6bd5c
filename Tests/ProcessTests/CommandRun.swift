import TestKit

/// Runs the built command, in an environment that says nothing of who runs the tests, or how.
func gatehouse(
  _ arguments: [String], input: String = "", environment: [String: String] = [:]
) throws -> ProcessResult {
  let nothing = ["SSH_CONNECTION": "", "SSH_CLIENT": "", "SUDO_USER": "", "NO_COLOR": ""]
  let result = try run(
    try builtProgram("gatehouse"), arguments,
    environment: nothing.merging(environment) { $1 }, input: input)
  try ReportJudge.judge(result, of: arguments)
  try ReportJudge.judgeRemedies(of: result, of: arguments)
  return result
}

/// The vectors of the policy's tests: a policy, and lines of questions with their answers.
enum Vectors {
  /// Their folder, which holds `example.yaml`, `example.jsonl` and their like.
  static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/") + "/GatehousePolicyTests/Vectors"
}
