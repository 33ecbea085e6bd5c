import ArgumentParser

/// `gatehouse pam`: whether logins ask the daemon.
struct PAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pam",
    abstract: "Make logins ask the daemon, or not, and say whether they do.",
    discussion: """
      The package libpam-gatehouse has two profiles for pam-auth-update, of which at most one is \
      on: trial, with which logins go on where the daemon gives no answer, and strict, with which \
      they do not.
      """,
    subcommands: [PAMEnable.self, PAMDisable.self, PAMStatus.self])
}
