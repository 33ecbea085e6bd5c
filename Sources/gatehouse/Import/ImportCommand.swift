public import ArgumentParser
public import GatehouseImport
import GatehousePlatform
import GatehouseReport
import GatehouseSSHConfig

/// `gatehouse import`: a policy from files of other tools.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a policy from access.conf, sshd_config or hosts.allow.",
    discussion: """
      Writes the policy to standard output, in monitor mode: it refuses nobody until you write \
      `mode: enforce`. What a file is, is found out and said on standard error, and so is whatever \
      the policy cannot express, with its line and the reason; nothing is guessed. A file that is \
      none of these, or says nothing, is not imported.

      access.conf of pam_access: if pam_access also reads files in access.d, name them after \
      access.conf, sorted by name. Give the options that the pam_access line in /etc/pam.d has.

      sshd_config of OpenSSH: AllowUsers, DenyUsers, AllowGroups and DenyGroups become lists for \
      sshd alone, also those in Match blocks. Files that it includes are read with it.

      hosts.allow and hosts.deny of TCP wrappers become lists for the services that they name. They \
      are one policy: name one of them, and the other is read from the same folder; or name both, \
      hosts.allow first.

      gatehouse(1) says what can be imported completely.

      Exit status: 0 if the policy decides every login from an address as the files do, 1 if \
      something could not be imported, 2 if a file is nothing that is imported, 3 if it cannot be \
      read.
      """)

  @Argument(
    help: ArgumentHelp(
      "The files to import, in the order in which they are read.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("What the files are, if they could be several.", valueName: "format"))
  var format: ImportFormat?

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
    let files = try read()
    let result = try made(from: files, options)
    if json {
      try Terminal.print(Self.json(result))
    } else {
      for (index, file) in result.files.enumerated() {
        let what = index < files.count ? "is \(result.format)" : "is included"
        Terminal.say("\(file.escapedForTerminal) \(what)\n")
      }
      if result.format == .hosts, files.count == 1, let other = HostsPair.other(of: files[0].name) {
        Terminal.say("\(other.escapedForTerminal) is not there\n")
      }
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

  private func made(from files: [ImportFile], _ options: AccessOptions) throws -> Import {
    do throws(UnreadableImport) {
      switch try ImportFormat.of(files, wanted: format, options: options) {
      case .access: return Import(access: files, options: options)
      case .sshd:
        let file = files[0]
        guard files.count == 1 else {
          throw UnreadableImport(
            file: files[1].name, line: nil,
            "one sshd_config is imported at a time; what it includes is read without being named")
        }
        return try Import(sshd: SSHConfig(file.name, from: SSHConfigOnDisk(given: file)))
      case .hosts:
        let (allow, deny) = try HostsPair.of(files)
        return try Import(
          hostsAllow: allow, deny: deny, hasService: noLookup ? nil : ThisMachine.hasService)
      }
    } catch {
      throw CommandFailure.misuse(
        "\(error)", remedy: "nothing was imported; gatehouse(1) says which files import reads")
    }
  }

  /// In bytes: far beyond any of these files.
  fileprivate static let longestFile = 64 << 20

  /// The files that were named, and the other one of hosts.allow and hosts.deny.
  private func read() throws(CommandFailure) -> [ImportFile] {
    var read: [ImportFile] = []
    for path in files { read.append(try Self.read(path)) }
    guard files.count == 1, format ?? .hosts == .hosts, let other = HostsPair.other(of: files[0]),
      Files.exists(other)
    else { return read }
    return HostsPair.inOrder(read[0], try Self.read(other))
  }

  private static func read(_ path: String) throws(CommandFailure) -> ImportFile {
    do throws(SystemError) {
      return ImportFile(name: path, content: try Files.contentOrPipe(of: path, atMost: longestFile))
    } catch {
      throw .unreadable(path, error)
    }
  }

  private static func json(_ result: Import) -> [UInt8] {
    JSONWriter.report(outcome: result.isComplete ? "yes" : "no") { writer in
      writer.member("text") { $0.string(result.policy.utf8) }
      writer.member("format") { $0.string(result.format.rawValue.utf8) }
      writer.member("files") { writer in
        writer.array { writer in
          for file in result.files { writer.string(file.utf8) }
        }
      }
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
      writer.member("severity") { $0.string(diagnostic.kind.rawValue.utf8) }
      writer.member("name") { $0.string(diagnostic.name.utf8) }
      writer.member("opens") { $0.literal("\(diagnostic.opens)") }
      writer.member("message") { $0.string(diagnostic.message.utf8) }
    }
  }
}

extension ImportFormat: ExpressibleByArgument {}

/// The files of this machine, as sshd includes them.
private struct SSHConfigOnDisk: SSHConfigSource {
  /// The file that was read already, perhaps from a pipe.
  let given: ImportFile

  func paths(matching pattern: String) -> [String] { Files.matching(pattern) }

  func content(of path: String) -> [UInt8]? {
    path == given.name
      ? given.content : try? Files.content(of: path, atMost: ImportCommand.longestFile)
  }
}
