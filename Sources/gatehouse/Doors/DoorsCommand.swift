import ArgumentParser
import GatehouseControl
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
      settings (sshd -T), sudoers, polkit, su, fail2ban. If the daemon answers, it also says when \
      each service was last asked for.

      Exit status: 0 if nothing needs attention; 1 if a remote login is unjudged, or anything \
      else needs attention or cannot be known; 3 if nothing could be looked at.
      """)

  @Argument(help: "The services to show (default: all).", completion: .service)
  var services: [String] = []

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws { try validateNames(services) }

  func run() throws {
    let policy = MachineDoors.policy()
    // Without the daemon, all but the record can be said.
    let uses = try? RunningDaemon(daemon).services()
    let doors = MachineDoors.now(for: policy, uses)
    let missing = services.first { doors[service: $0] == nil }
    if let missing {
      throw CommandFailure.refused(
        "no file of PAM is about a service `\(missing)`",
        remedy: NamesHere(policy).nearest(.service, to: missing)
          .map { "did you mean `\($0)`?" } ?? "`gatehouse doors` lists the services of this machine"
      )
    }
    try output.print(DoorsReport(doors, policy: policy, uses: uses, services: services))
  }
}

/// The doors of this machine.
enum MachineDoors {
  /// The policy in /etc/gatehouse; nil if there is none that loads.
  static func policy() -> Policy? {
    try? PolicyFiles(path: Check.standardPath, insecure: .error).policy
  }

  /// The doors as they are now.
  /// - Parameters:
  ///   - policy: For the names in the lines; nil if there is none.
  ///   - uses: What the login record has; nil if it is not known.
  ///   - memory: What programs said before; nil to ask them all.
  /// - Returns: All of them, and what was found.
  static func now(
    for policy: Policy?, _ uses: ServiceUses? = nil, memory: ProgramMemory? = nil
  ) -> Doors {
    let seen = (uses?.services ?? []).map { use in
      (
        use.service.description,
        SeenLogins(withAddress: use.fromAddress, withoutAddress: use.withoutAddress)
      )
    }
    return Doors(
      of: ThisMachine(memory: memory), policy: policy,
      seen: Dictionary(seen, uniquingKeysWith: { $1 }))
  }
}
