import GatehousePlatform
import GatehousePolicy

/// Whether those whom a policy names in `notify` can be told on this machine.
enum NotifyDiagnostics {
  private static let unit = "gatehouse-notify.path"

  /// A warning for each thing in the way.
  static func all(of policy: Policy) -> [Diagnostic] {
    guard let settings = policy.notify else { return [] }
    return obstacles(settings).map { message, remedy in
      Diagnostic(
        warning: .nobodyIsTold, location: settings.location, message: "notify: \(message)",
        remedy: remedy)
    }
  }

  private static func obstacles(_ settings: NotifySettings) -> [(message: String, remedy: String)] {
    var obstacles: [(String, String)] = []
    if !settings.mail.isEmpty, Programs.find("sendmail") == nil {
      obstacles.append(
        (
          "this machine has no sendmail",
          "install a mail system, such as postfix, or msmtp-mta to hand mail to another machine"
        ))
    }
    if let command = settings.command {
      if !Files.isExecutable(command) {
        obstacles.append(("\(command) cannot be run", "put an executable program there"))
      } else if !Files.isWritableByRootAlone(command) {
        obstacles.append(
          (
            "\(command) is not run, since others than root can write to it or to its folder",
            "chown it to root, and take the right to write from everybody else"
          ))
      }
    }
    if isActive(unit) == false {
      obstacles.append(
        ("\(unit) is not active", "systemctl enable --now \(unit) gatehouse-notify.service"))
    }
    return obstacles
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
