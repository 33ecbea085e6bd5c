import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// A policy that is read from its path.
struct PolicyFiles {
  /// The policy; nil if there is an error.
  let policy: Policy?
  /// All diagnostics of reading and loading, sorted by location.
  let diagnostics: [Diagnostic]
  /// The folder that locations are relative to; empty for the current one.
  let folder: String

  /// Reads and loads a file, or a folder laid out like /etc/gatehouse.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - insecure: The severity if users other than root can write it.
  /// - Throws: If it cannot be opened.
  init(path: String, insecure: Diagnostic.Severity) throws(CommandFailure) {
    let isFolder = try Self.isFolder(path)
    self.init(
      PolicySnapshot.read(path: path, insecure: insecure),
      folder: isFolder ? path : path.lastIndex(of: "/").map { String(path[...$0]) } ?? "")
  }

  /// Reads and loads the policy in /etc/gatehouse, as the daemon does, and with what it can read of it.
  ///
  /// - Throws: If it cannot be opened.
  private init(ofTheDaemon: Void) throws(CommandFailure) {
    _ = try Self.isFolder(Check.standardPath)
    let reading = PolicySnapshot.read(path: Check.standardPath, insecure: .error)
    self.init(
      reading, folder: Check.standardPath, besides: DaemonReading.diagnostics(of: reading.snapshot))
  }

  /// Reads and loads a file from standard input; a list that it names is read from /etc/gatehouse.
  ///
  /// - Throws: If standard input cannot be read.
  init(fromStandardInput: Void) throws(CommandFailure) {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try StandardStream.input(atMost: PolicySnapshot.maximumPolicyLength)
    } catch {
      throw .unreadable("standard input", error)
    }
    self.init(
      PolicySnapshot.read(["policy.yaml": bytes], folder: Check.standardPath, insecure: .warning),
      folder: "")
  }

  private init(_ reading: PolicyReading, folder: String, besides others: [Diagnostic] = []) {
    let load = Policy.load(reading)
    let found = (reading.diagnostics + load.diagnostics + others).sorted()
    policy = found.contains { $0.severity == .error } ? nil : load.policy
    diagnostics = found
    self.folder = folder
  }

  /// The policy that an argument names: a path, `-` for standard input, nil for the machine's own.
  ///
  /// The daemon refuses files that others could have written; a policy that is named is not served.
  static func named(_ path: String?) throws(CommandFailure) -> PolicyFiles {
    switch path {
    case nil, Check.standardPath?: try PolicyFiles(ofTheDaemon: ())
    case "-"?: try PolicyFiles(fromStandardInput: ())
    case let path?: try PolicyFiles(path: path, insecure: .warning)
    }
  }

  /// The policy at a path.
  ///
  /// - Throws: If it has errors; they are printed on standard error.
  static func usable(path: String) throws(CommandFailure) -> Policy {
    try usable(PolicyFiles(path: path, insecure: .warning), path: path)
  }

  /// The policy of files that were read from a path, or from standard input (`-`).
  ///
  /// - Throws: If it has errors; they are printed on standard error.
  static func usable(_ files: PolicyFiles, path: String) throws(CommandFailure) -> Policy {
    if let policy = files.policy {
      for warning in policy.unsilenced(policy.foreignNames.map(\.warning)) {
        Terminal.say("\(String(describing: warning).escapedForTerminal)\n")
      }
      return policy
    }
    let errors = files.diagnostics.filter { $0.severity == .error }
    for error in errors.prefix(3) {
      Terminal.say("\(String(describing: error).escapedForTerminal)\n")
    }
    throw .unreachable(
      "the policy \(path == "-" ? "on standard input" : path) has \(errors.count) "
        + "error\(errors.count == 1 ? "" : "s")",
      remedy: "`gatehouse check \(path)` lists them all")
  }

  /// Whether the policy is a folder; throws if it, or its main file, cannot be opened.
  static func isFolder(_ path: String) throws(CommandFailure) -> Bool {
    let remedy =
      path.hasPrefix(Check.standardPath)
      ? "gatehouse-policy(5) shows a first policy"
      : "a policy is a file, or a folder laid out like \(Check.standardPath)"
    guard try isFolder(opening: path, "the policy", ifAbsent: remedy) else { return false }
    let mainFile = path + (path.hasSuffix("/") ? "" : "/") + "policy.yaml"
    _ = try isFolder(opening: mainFile, "the policy", ifAbsent: remedy)
    return true
  }

  /// Throws if the policy's folder does not exist.
  static func requireFolder(_ path: String) throws(CommandFailure) {
    guard
      try isFolder(opening: path, "the policy's folder", ifAbsent: "make it first: mkdir \(path)")
    else { throw .unreachable("the policy's folder \(path) is not a folder") }
  }

  private static func isFolder(
    opening path: String, _ subject: String, ifAbsent remedy: String
  ) throws(CommandFailure) -> Bool {
    do throws(SystemError) {
      return try ReadableFile(path).status.kind == .folder
    } catch {
      let isForbidden = error.isDenied && !CurrentProcess.isRoot
      throw .unreachable(
        "\(subject) \(path) cannot be read: \(error.reason)",
        remedy: error.isAbsent ? remedy : isForbidden ? "run this as root" : nil)
    }
  }
}
