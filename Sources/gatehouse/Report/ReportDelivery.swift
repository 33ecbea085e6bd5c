import GatehouseNotify
import GatehousePlatform
import GatehouseReport

/// Where a report goes but to the terminal.
enum ReportDelivery {
  /// Writes the page into a file of its owner's alone, whole or not at all.
  ///
  /// What is there is replaced if it is a file; a link is not followed.
  static func write(_ page: [UInt8], to path: String) throws(CommandFailure) {
    if let present = Files.status(of: path, followingLinks: false), present.kind != .regular {
      throw .unreachable(
        "\(path) is not written: what has that name is not a regular file",
        remedy: "name another file")
    }
    do throws(SystemError) {
      try Files.replace(path, with: [page], .init(mode: 0o600))
    } catch {
      throw .unreachable("\(path) cannot be written: \(error.reason)")
    }
  }

  /// How long sendmail may take.
  private static let patience = Duration.seconds(120)

  /// Hands a mail to the machine's sendmail.
  static func send(_ mail: MailMessage) throws(CommandFailure) {
    guard let program = Programs.find("sendmail") else {
      throw .unreachable(
        "the report cannot be mailed: this machine has no sendmail",
        remedy:
          "install a mail system, such as postfix, or msmtp-mta to hand mail to another machine")
    }
    let result: ProgramResult
    do throws(SystemError) {
      result = try Programs.result(
        of: program, ["sendmail", "-i", "-t"], within: patience, atMost: 4096,
        input: SealedMemoryFile(mail.bytes))
    } catch { throw .cannotRun(program, error) }
    if let problem = result.failure(of: program, within: patience) { throw failure(problem) }
  }

  private static func failure(_ problem: String) -> CommandFailure {
    .unreachable(
      "the report cannot be mailed: \(problem)", remedy: "the log of the mail system says more")
  }
}
