import ArgumentParser
import GatehousePolicy
import GatehouseReport

/// `gatehouse check`: what is wrong with a policy, and what may not be as it was meant.
struct Check: ParsableCommand {
  static let standardPath = "/etc/gatehouse"

  static let configuration = CommandConfiguration(
    abstract: "Check a policy, its tests, and how it fits this machine.",
    discussion: """
      Every mistake is named with its place and what would be right. Of this machine are checked: \
      that NSS knows the users and groups which the policy names, that no list names one of the \
      machine's own addresses, that break_glass has a user in /etc/passwd, that the address you \
      are connected from would be allowed, and every pam_gatehouse line in /etc/pam.d.

      Exit status: 0 without errors, 1 with errors (with --strict, or warnings), 3 where the \
      policy cannot be read.
      """)

  @Option(
    help: ArgumentHelp(
      "The policy to check, a file or a folder (default: \(standardPath)).", valueName: "path"))
  var policy: String?

  @Flag(help: "Take warnings for errors.")
  var strict = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let path = policy ?? Self.standardPath
    // The daemon refuses files that others could have written; a policy named here is not served.
    let files = try PolicyFiles(path: path, insecure: policy == nil ? .error : .warning)
    var findings = files.diagnostics
    if let policy = files.policy {
      findings += policy.warnings() + policy.failingTests()
      findings += MachineFindings.all(of: policy)
    }
    findings = findings.sorted() + PAMFindings.all(for: files.policy)
    let told = files.policy.map { $0.unsilenced(findings) } ?? findings
    try output.print(
      CheckReport(
        path: path, folder: files.folder, loaded: files.policy.map { ($0.mode, $0.digest) },
        diagnostics: told, silenced: findings.count - told.count, isStrict: strict))
  }
}
