import GatehousePlatform
import GatehousePolicy

/// Whether those whom a policy names in `notify` can be told on this machine, and those of `authorize`
/// sent a code.
enum NotifyDiagnostics {
  private static let unit = "gatehouse-notify.path"

  /// A warning for each thing in the way.
  static func all(of policy: Policy) -> [Diagnostic] {
    func warnings(
      _ key: String, _ location: SourceLocation?, sendsMail: Bool, command: String?
    ) -> [Diagnostic] {
      let obstacles = [sendsMail ? missingSendmail : nil, command.flatMap(obstacle), inactiveUnit]
      return obstacles.compactMap(\.self).map { message, remedy in
        Diagnostic(
          warning: .nobodyIsTold, location: location, message: "\(key): \(message)",
          remedy: remedy)
      }
    }
    var found: [Diagnostic] = []
    if let settings = policy.notify {
      found += warnings(
        "notify", settings.location, sendsMail: !settings.mail.isEmpty, command: settings.command)
    }
    if let settings = policy.codeSettings {
      var command: String?
      if case .command(let path) = settings.way { command = path }
      found += warnings(
        "authorize", settings.location, sendsMail: command == nil, command: command)
    }
    return found
  }

  private typealias Obstacle = (message: String, remedy: String)

  private static var missingSendmail: Obstacle? {
    guard Programs.find("sendmail") == nil else { return nil }
    return (
      "this machine has no sendmail",
      "install a mail system, such as postfix, or msmtp-mta to hand mail to another machine"
    )
  }

  /// Why a program is not run; nil if it is.
  private static func obstacle(_ command: String) -> Obstacle? {
    if !Files.isExecutable(command) {
      return ("\(command) cannot be run", "put an executable program there")
    }
    guard !Files.isWritableByRootAlone(command) else { return nil }
    return (
      "\(command) is not run, since others than root can write to it or to its folder",
      "chown it to root, and take the right to write from everybody else"
    )
  }

  private static var inactiveUnit: Obstacle? {
    guard isActive(unit) == false else { return nil }
    return ("\(unit) is not active", "systemctl enable --now \(unit) gatehouse-notify.service")
  }

  /// Whether a unit is active; nil if systemd does not say.
  static func isActive(_ unit: String) -> Bool? {
    guard Files.isFolder("/run/systemd/system"), let program = Programs.find("systemctl"),
      let result = try? Programs.result(
        of: program, [program, "--quiet", "is-active", unit], within: .seconds(10))
    else { return nil }
    return result.ending == .exited(0)
  }
}
