import ArgumentParser

/// `gatehouse pam`: makes logins ask the daemon, or not.
struct PAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pam",
    abstract: "Turn on or off that logins ask the daemon, and show whether they do.",
    discussion: """
      The package libpam-gatehouse has two profiles for pam-auth-update; at most one is on. With \
      trial, logins go on if the daemon gives no answer. With strict, they are refused.
      """,
    subcommands: [PAMEnable.self, PAMDisable.self, PAMStatus.self])
}
