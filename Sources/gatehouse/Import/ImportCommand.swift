import ArgumentParser
import GatehouseImport
import GatehouseReport
import Glibc

/// `gatehouse import`: a policy from pam_access's access.conf.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a policy from pam_access's access.conf.",
    discussion: """
      The policy goes to standard output. What it cannot say goes to standard error, each with \
      its line and the reason; nothing is guessed. Where pam_access also reads files in access.d, \
      name them after access.conf, in the order of their names.

      Give the options that the pam_access line in /etc/pam.d has. gatehouse(1) says which files \
      can be imported completely.

      Exit status: 0 where the policy decides every login from an address as pam_access does, \
      1 where something could not be said, 3 where a file cannot be read.
      """)

  @Argument(
    help: ArgumentHelp("The files to import, in the order that they apply in.", valueName: "file"))
  var files: [String]

  @Flag(help: "A group stands in parentheses; a plain word is a user alone.")
  var nodefgroup = false

  @Option(
    help: ArgumentHelp("The characters that part the fields (default: :).", valueName: "characters")
  )
  var fieldsep: String?

  @Option(
    help: ArgumentHelp(
      "The characters that part the words (default: space, comma and tabulator).",
      valueName: "characters"))
  var listsep: String?

  @Flag(help: "Print JSON: the policy and the findings.")
  var json = false

  func run() throws {
    var options = AccessOptions()
    options.groupsInParenthesesOnly = nodefgroup
    if let fieldsep { options.fieldSeparators = Array(fieldsep.utf8) }
    if let listsep { options.listSeparators = Array(listsep.utf8) }
    let result = Import(try files.map(Self.read), options: options)
    if json {
      try Terminal.print(Self.json(result))
    } else {
      for finding in result.findings {
        Terminal.say("\(finding.description.escapedForTerminal)\n")
      }
      try Terminal.print(Array(result.policy.utf8))
    }
    throw ExitCode(result.isComplete ? 0 : 1)
  }

  private static func read(_ path: String) throws(CommandFailure) -> AccessFile {
    guard let content = Files.content(path) else {
      throw .unreachable("\(path) cannot be read: \(lastSystemError())")
    }
    return AccessFile(name: path, content: content)
  }

  private static func json(_ result: Import) -> [UInt8] {
    JSONWriter.line { writer in
      writer.member("complete") { $0.literal("\(result.isComplete)") }
      writer.member("policy") { $0.string(result.policy.utf8) }
      writer.member("findings") { writer in
        writer.array { writer in
          for finding in result.findings { write(finding, to: &writer) }
        }
      }
    }
  }

  private static func write(_ finding: Finding, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("file") { $0.string(finding.file.utf8) }
      writer.member("line") { $0.literal("\(finding.line)") }
      writer.member("kind") { $0.string(finding.kind.rawValue.utf8) }
      writer.member("name") { $0.string(finding.name.utf8) }
      writer.member("opens") { $0.literal("\(finding.opens)") }
      writer.member("message") { $0.string(finding.message.utf8) }
    }
  }
}
