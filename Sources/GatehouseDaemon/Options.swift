import GatehouseControl
import GatehousePolicy

/// What the daemon's command line asks for.
public struct Options: Equatable, Sendable {
  /// The folder of the policy.
  public var config = "/etc/gatehouse"
  /// The socket that it binds if systemd hands none over.
  public var socket = "/run/gatehouse/gatehouse.sock"
  /// The folder where what outlives a restart is kept, such as the last good policy.
  public var state = "/var/lib/gatehouse"
  /// What tells this boot of the machine from others; nil: the kernel is asked.
  public var boot: String?
  /// Where log entries go.
  public var log = LogTarget.auto

  /// Where log entries go.
  public enum LogTarget: String, CaseIterable, Sendable {
    /// The journal if there is one, else syslog.
    case auto
    /// The systemd journal.
    case journal
    /// syslog(3).
    case syslog
    /// Standard error.
    case stderr
  }

  /// What a command line comes to.
  public enum Invocation: Equatable, Sendable {
    /// Serve.
    case serve(Options)
    /// Print this and be done.
    case print(String)
    /// Say what is wrong with the command line, and exit 2.
    case misuse(String)
  }

  /// The default options.
  public init() {}

  /// Reads a command line, the program's own name left out.
  public static func parse(_ arguments: [String]) -> Invocation {
    var options = Options()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return .print(help) }
      if argument == "--version" { return .print("gatehoused \(gatehouseVersion)\n") }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard ["--config", "--socket", "--state", "--boot-id", "--log"].contains(name) else {
        return .misuse("there is no option \"\(displayText(of: argument))\"")
      }
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
        return .misuse("\(name) needs a value")
      }
      if let problem = options.set(name, value) { return .misuse(problem) }
    }
    return .serve(options)
  }

  private mutating func set(_ name: String, _ value: String) -> String? {
    if name == "--log" {
      guard let target = LogTarget(rawValue: value) else {
        let known = LogTarget.allCases.map(\.rawValue).joined(separator: ", ")
        return "--log \"\(displayText(of: value))\" is not one of: \(known)"
      }
      log = target
      return nil
    }
    if name == "--boot-id" {
      guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        return "--boot-id \"\(displayText(of: value))\" is not a boot id"
      }
      boot = value
      return nil
    }
    // A relative path would depend on the folder in which the daemon is started.
    guard value.hasPrefix("/") else {
      return "\(name) \"\(displayText(of: value))\" is not an absolute path"
    }
    if name == "--socket" && value.utf8.count > 107 {
      return "--socket: a Unix socket's path has at most 107 bytes, this one \(value.utf8.count)"
    }
    switch name {
    case "--config": config = value
    case "--socket": socket = value
    default: state = value
    }
    return nil
  }

  static let help = """
    Usage: gatehoused [OPTION]...

    Answers whether a login may come from where it comes from. pam_gatehouse.so asks it; the
    policy is read from /etc/gatehouse, again on SIGHUP, and kept if it is good.

      --config DIR    the policy's folder (/etc/gatehouse)
      --socket PATH   the socket to bind if systemd hands none over
                      (/run/gatehouse/gatehouse.sock)
      --state DIR     where what outlives a restart is kept: the last good policy, grants, counts
                      (/var/lib/gatehouse)
      --boot-id ID    what tells this boot of the machine from others
                      (/proc/sys/kernel/random/boot_id)
      --log TARGET    auto, journal, syslog or stderr (auto: the journal if there is one,
                      else syslog)
      --help          print this
      --version       print the version

    Signals: SIGHUP reads the policy again; SIGTERM and SIGINT answer what is in flight and end.
    Exit status: 0 ended by a signal, 1 could not start or go on, 2 misuse.

    """
}
