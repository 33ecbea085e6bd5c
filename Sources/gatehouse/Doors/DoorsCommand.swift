import ArgumentParser
import GatehouseDoors
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse doors`: which logins of this machine are judged.
struct DoorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doors",
    abstract: "Show for every PAM service whether its logins are judged, and why not.",
    discussion: """
      Reads PAM's files as this machine's libpam does. For each service: whether a login can get \
      in without a question, or against a denial; what its program tells PAM about the address; \
      and what becomes of those who come from elsewhere. Then what stands beside PAM: sshd's own \
      settings (sshd -T), sudoers, polkit, su, fail2ban.

      Exit status: 0 if nothing needs attention; 1 if a remote login is unjudged, or anything \
      else needs attention or cannot be known; 3 if nothing could be looked at.
      """)

  @Argument(help: "The services to show (default: all).")
  var services: [String] = []

  @OptionGroup var output: OutputOptions

  func validate() throws { try validateNames(services) }

  func run() throws {
    let policy = MachineDoors.policy()
    let doors = MachineDoors.now(for: policy)
    let missing = services.first { doors[service: $0] == nil }
    if let missing {
      throw CommandFailure.refused(
        "no file of PAM is about a service `\(missing)`",
        remedy: "gatehouse doors lists the services of this machine")
    }
    try output.print(DoorsReport(doors, policy: policy, services: services))
  }
}

/// The doors of this machine.
enum MachineDoors {
  /// The policy in /etc/gatehouse; nil if there is none that loads.
  static func policy() -> Policy? {
    try? PolicyFiles(path: Check.standardPath, insecure: .error).policy
  }

  /// The doors as they are now.
  /// - Parameter policy: For the names in the lines; nil if there is none.
  /// - Returns: All of them, and what was found.
  static func now(for policy: Policy?) -> Doors { Doors(of: ThisMachine(), policy: policy) }
}
