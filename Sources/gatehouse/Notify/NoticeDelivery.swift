import GatehouseIdentity
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Hands messages to sendmail and to the policy's command, each as a user without rights.
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
      guard let program = Programs.find("sendmail") else {
        return "no mail can be sent: this machine has no sendmail"
      }
      let mail = MailMessage(to: settings.mail, subject: message.subject, text: message.text)
      return run(program, ["-i", "-t"], mail.bytes)
    case .command:
      guard let command = settings.command else { return "the policy names no command" }
      guard Files.isExecutable(command) else {
        return "\(command) cannot be run: there is no such program"
      }
      guard Files.isWritableByRootAlone(command) else {
        return "\(command) is not run: others than root can write to it or to its folder"
      }
      return run(command, [], message.json)
    }
  }

  private func run(_ program: String, _ arguments: [String], _ input: [UInt8]) -> String? {
    Handover.problem(
      handing: input, to: program, prefix + [program] + arguments, environment: Self.environment)
  }
}
