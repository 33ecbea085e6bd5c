import ArgumentParser

/// `gatehouse status`: how the daemon is.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how the daemon is, and which policy it serves.",
    discussion: """
      Exit status: 0 where the policy in the daemon's folder serves, 1 where there is none or it \
      was refused and an older one serves on, 3 where the daemon cannot be asked.
      """)

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try RunningDaemon(daemon).status(Terminal.format(json: output.json)).print()
  }
}
