import GatehousePolicy
import GatehouseReport
import Glibc

/// A policy that was named by its path.
struct PolicyFiles {
  /// The policy; nil where there is any error.
  let policy: Policy?
  /// Everything that reading and loading said, sorted by place.
  let diagnostics: [Diagnostic]

  /// Reads and loads a file, or a folder laid out like /etc/gatehouse.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - insecure: How bad it is that others than root could have written it.
  /// - Throws: That it cannot be reached.
  init(path: String, insecure: Diagnostic.Severity) throws(CommandFailure) {
    try Self.requireReadable(path)
    let reading = PolicySnapshot.read(path: path, insecure: insecure)
    let load = Policy.load(reading.snapshot)
    let found = (reading.diagnostics + load.diagnostics).sorted()
    policy = found.contains { $0.severity == .error } ? nil : load.policy
    diagnostics = found
  }

  /// The policy, where it is for use: its errors go to standard error and end the command.
  static func usable(path: String) throws(CommandFailure) -> Policy {
    let files = try PolicyFiles(path: path, insecure: .warning)
    if let policy = files.policy { return policy }
    for error in files.diagnostics where error.severity == .error {
      Terminal.say("\(String(describing: error).escapedForTerminal)\n")
    }
    throw .unreachable("the policy \(path) has errors", remedy: "gatehouse check --policy \(path)")
  }

  private static func requireReadable(_ path: String) throws(CommandFailure) {
    // SAFETY: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let remedy =
        switch errno {
        case ENOENT: "gatehouse-policy(5) shows a first policy"
        case EACCES where geteuid() != 0: "run this as root"
        default: nil as String?
        }
      throw .unreachable(
        "the policy \(path) cannot be read: \(lastSystemError())", remedy: remedy)
    }
    close(descriptor)
  }
}
