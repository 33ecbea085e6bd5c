import ArgumentParser
import GatehouseFit
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// `gatehouse check`: reports errors and doubtful points of a policy.
struct Check: ParsableCommand {
  static let standardPath = "/etc/gatehouse"

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a policy, its tests, and how it fits this machine.",
    usage: "gatehouse check [PATH|-] [--strict] [--directory-timeout SECONDS] [--json|--quiet]",
    discussion: """
      Each mistake is reported with its location and what would be right. These are checked too: \
      the users and groups that the policy names exist on this machine; no list has one of the \
      machine's own addresses; break_glass has a user in /etc/passwd; the address that you are \
      connected from would be allowed; sssd says how old its answers are; every pam_gatehouse \
      line of PAM's files is right; and, if there is one, what `gatehouse doors` finds.

      Exit status: 0 if there is no error, 1 if there is one (with --strict, an error or a \
      warning), 3 if the policy cannot be read.
      """)

  @Argument(
    help: ArgumentHelp(
      "The policy to check: a file, a folder, or - for standard input (default: \(standardPath)).",
      valueName: "path"), completion: .file())
  var path: String?

  // As the other subcommands name a policy.
  @Option(help: .hidden, completion: .file())
  var policy: String?

  @Flag(help: "Treat warnings as errors.")
  var strict = false

  @OptionGroup var directory: DirectoryOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    if path != nil, policy != nil { throw ValidationError("one policy at a time") }
  }

  func run() throws {
    let named = path ?? policy
    let files = try PolicyFiles.named(named)
    var diagnostics = files.diagnostics
    if let policy = files.policy {
      diagnostics += policy.warnings() + policy.failingTests()
      diagnostics += MachineDiagnostics.all(of: policy, at: .check, within: directory.time)
      diagnostics += SSSDSettings(in: "/etc/sssd").diagnostics(of: policy, asking: .current)
    }
    let doors = DoorDiagnostics.all(for: files.policy)
    diagnostics = diagnostics.sorted() + doors.diagnostics
    let told = files.policy.map { $0.unsilenced(diagnostics) } ?? diagnostics
    try output.print(
      CheckReport(
        path: named == "-" ? "standard input" : named ?? Self.standardPath, folder: files.folder,
        loaded: files.policy.map { ($0.mode, $0.digest) },
        diagnostics: told, silenced: diagnostics.count - told.count, isAsked: doors.isAsked,
        isStrict: strict))
  }
}

/// `gatehouse schema`: prints the policy's JSON Schema.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema: of the policy, for editors, or of the reports.",
    discussion: """
      The schema (draft 2020-12) lets an editor complete the keys of a policy, explain them, and \
      underline mistakes. With yaml-language-server, name the file in the policy's first line: \
      # yaml-language-server: $schema=policy.schema.json

      With --reports, the schema of what the other subcommands print with --json.
      """)

  @Flag(help: "The schema of the reports instead of the policy's.")
  var reports = false

  func run() throws {
    try Terminal.print((reports ? SchemaDocument.reports : .policy).json())
  }
}
