import ArgumentParser
import GatehouseImport
import GatehousePlatform
import GatehouseReport

/// `gatehouse import`: a policy from pam_access's access.conf.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a policy from pam_access's access.conf.",
    discussion: """
      Writes the policy to standard output, in monitor mode: it refuses nobody until you write \
      `mode: enforce`. Whatever the policy cannot express is reported on standard error with its \
      line and the reason; nothing is guessed. If pam_access also reads files in access.d, name \
      them after access.conf, sorted by name. A file without any rule of access.conf is not \
      imported.

      Give the options that the pam_access line in /etc/pam.d has. gatehouse(1) says which files \
      can be imported completely.

      Exit status: 0 if the policy decides every login from an address as pam_access does, 1 if \
      something could not be imported, 2 if a file is not in the format of access.conf, 3 if it \
      cannot be read.
      """)

  @Argument(
    help: ArgumentHelp(
      "The files to import, in the order in which pam_access reads them.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Flag(help: "Only words in parentheses are groups; a plain word is only a user.")
  var nodefgroup = false

  @Option(
    help: ArgumentHelp(
      "The characters that separate fields (default: colon).", valueName: "characters"))
  var fieldsep: String?

  @Option(
    help: ArgumentHelp(
      "The characters that separate words (default: space, comma and tab).",
      valueName: "characters"))
  var listsep: String?

  @Flag(
    name: .customLong("no-lookup"),
    help: "Do not ask this machine which plain words are users and which are groups.")
  var noLookup = false

  @Flag(help: "Print JSON: the policy and what to know about it.")
  var json = false

  func run() throws {
    var options = AccessOptions()
    options.groupsInParenthesesOnly = nodefgroup
    if let fieldsep { options.fieldSeparators = Array(fieldsep.utf8) }
    if let listsep { options.listSeparators = Array(listsep.utf8) }
    if !noLookup { options.lookup = ThisDirectory.kind }
    let files = try files.map(Self.read)
    if let problem = UnreadableAccess(files, options: options) {
      throw CommandFailure.misuse(
        "\(problem)", remedy: "import reads files in the format of access.conf(5) alone")
    }
    let result = Import(files, options: options)
    if json {
      try Terminal.print(Self.json(result))
    } else {
      for diagnostic in result.diagnostics {
        Terminal.say("\(diagnostic.description.escapedForTerminal)\n")
      }
      try Terminal.print(Array(result.policy.utf8))
      if !result.isComplete {
        let count = result.diagnostics.count { $0.kind != .note }
        Terminal.say(
          "incomplete: \(count) of the findings above \(count == 1 ? "is" : "are") not in the policy, "
            + "which is in monitor mode\n")
      }
    }
    throw ExitCode(result.isComplete ? 0 : 1)
  }

  /// In bytes: far beyond any access.conf.
  private static let longestFile = 64 << 20

  private static func read(_ path: String) throws(CommandFailure) -> AccessFile {
    do throws(SystemError) {
      return AccessFile(name: path, content: try Files.contentOrPipe(of: path, atMost: longestFile))
    } catch {
      throw .unreadable(path, error)
    }
  }

  private static func json(_ result: Import) -> [UInt8] {
    JSONWriter.line { writer in
      writer.member("complete") { $0.literal("\(result.isComplete)") }
      writer.member("policy") { $0.string(result.policy.utf8) }
      writer.member("findings") { writer in
        writer.array { writer in
          for diagnostic in result.diagnostics { write(diagnostic, to: &writer) }
        }
      }
    }
  }

  private static func write(_ diagnostic: ImportDiagnostic, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("file") { $0.string(diagnostic.file.utf8) }
      writer.member("line") { $0.literal("\(diagnostic.line)") }
      writer.member("kind") { $0.string(diagnostic.kind.rawValue.utf8) }
      writer.member("name") { $0.string(diagnostic.name.utf8) }
      writer.member("opens") { $0.literal("\(diagnostic.opens)") }
      writer.member("message") { $0.string(diagnostic.message.utf8) }
    }
  }
}
