import ArgumentParser

/// `gatehouse reload`: the policy is read again.
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have the daemon read its policy again, and say what came of it.",
    discussion: """
      A policy with an error or a failing test leaves the old one serving. Exit status: 0 where \
      the policy serves now, 1 where it was refused or a candidate is on trial, 3 where the daemon cannot be asked.
      """)

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try RunningDaemon(daemon).reload(Terminal.format(json: output.json)).print()
  }
}
