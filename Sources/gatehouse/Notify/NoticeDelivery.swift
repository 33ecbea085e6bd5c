import GatehouseControl
import GatehouseIdentity
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Hands messages to sendmail and to the policy's commands, each as a user without rights.
struct NoticeDelivery: Sendable {
  /// The user that both run as.
  static let standardUser = "gatehouse-notify"
  /// What they find in their environment.
  private static let environment = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent",
  ]

  /// A way in which somebody is told.
  enum Way: String, CaseIterable {
    case mail, command

    /// Whether the policy names it.
    func isWanted(_ settings: NotifySettings) -> Bool {
      switch self {
      case .mail: !settings.mail.isEmpty
      case .command: settings.command != nil
      }
    }

    /// What it is, for a message.
    func inWords(_ settings: NotifySettings) -> String {
      switch self {
      case .mail: "mail to \(settings.mail.map(\.text).joined(separator: ", "))"
      case .command: settings.command ?? ""
      }
    }
  }

  /// What is put before the words of a program to run it as that user.
  private let prefix: [String]

  /// As a user; throws if there is none of that name.
  init(as user: String) throws(CommandFailure) {
    guard user != "root" else {
      prefix = []
      return
    }
    guard let program = Programs.find("setpriv") else {
      throw .unreachable(
        "there is no setpriv, so nothing can be run as \(user)", remedy: "install util-linux")
    }
    guard let account = (try? SystemDirectory().account(of: Name(user))).flatMap(\.self) else {
      throw .unreachable(
        "there is no user \(user), as whom sendmail and the command run",
        remedy: "systemd-sysusers makes it; it comes with the package gatehouse")
    }
    prefix = [
      program, "--reuid=\(account.userID)", "--regid=\(account.primaryGroupID)", "--clear-groups",
      "--inh-caps=-all", "--",
    ]
  }

  /// Hands over a message; blocks for at most `Handover.patience`.
  ///
  /// - Returns: Why it was not taken; nil if it was.
  func send(_ message: NoticeMessage, by way: Way, _ settings: NotifySettings) -> String? {
    switch way {
    case .mail:
      send(MailMessage(to: settings.mail, subject: message.subject, text: message.text))
    case .command:
      settings.command.map { run($0, message.json) } ?? "the policy names no command"
    }
  }

  /// Hands over a letter by its own way; as the function above.
  func send(_ letter: Letter) -> String? {
    let report = LetterReport(letter, on: Machine.hostName)
    let problem: String? =
      switch letter.way {
      case .mail(let address):
        send(MailMessage(to: [address], subject: report.subject, text: report.text))
      case .command(let command):
        run(command, report.text, environment: report.environment)
      }
    return problem.map { report.problem($0) }
  }

  private func send(_ mail: MailMessage) -> String? {
    guard let program = Programs.find("sendmail") else {
      return "no mail can be sent: this machine has no sendmail"
    }
    return hand(mail.bytes, to: program, ["-i", "-t"])
  }

  private func run(_ command: String, _ input: [UInt8], environment: [String] = []) -> String? {
    guard Files.isExecutable(command) else {
      return "\(command) cannot be run: there is no such program"
    }
    guard Files.isWritableByRootAlone(command) else {
      return "\(command) is not run: others than root can write to it or to its folder"
    }
    return hand(input, to: command, [], environment: environment)
  }

  private func hand(
    _ input: [UInt8], to program: String, _ arguments: [String], environment: [String] = []
  ) -> String? {
    Handover.problem(
      handing: input, to: program, prefix + [program] + arguments,
      environment: Self.environment + environment)
  }
}
