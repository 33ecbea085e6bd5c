import GatehouseControl
import GatehousePolicy
import GatehouseReport
import GatehouseState
import GatehouseWire
import Glibc
import TestKit

extension Acceptance {
  /// Of a policy that was accepted on this machine a while ago.
  static let ofThisMachine = Acceptance(
    machine: nil, at: Instant(microsecondsSinceEpoch: 1_700_000_000_000_000), means: .judged)
}

/// A daemon in a private folder, with its policy, socket, state and log.
final class DaemonBench: Sendable {
  let folder: TemporaryDirectory
  var config: String { folder.file("etc") }
  var policy: String { folder.file("etc/policy.yaml") }
  var state: String { folder.file("state") }
  var socket: String { folder.file("run/gatehouse.sock") }

  /// A policy that allows 192.0.2.0/24, and for group root 198.51.100.0/24 too.
  ///
  /// The user `games` is one that each machine has.
  static let examplePolicy = """
    version: 1
    mode: enforce
    message: "Not from {address}, quote {id}."
    everyone:
      from: [192.0.2.0/24]
    groups:
      root: {also_from: [198.51.100.0/24]}
    roles:
      staff: {members: {users: [games]}}

    """

  /// The shell script that starts it if a test names none; see `launch`.
  private let launcher: String

  init(
    policy: String? = DaemonBench.examplePolicy, launcher: String = "exec \"$@\""
  ) throws {
    self.launcher = launcher
    folder = try TemporaryDirectory("gatehouse-daemon")
    try folder.directory("etc")
    if let policy { try folder.write(policy, to: "etc/policy.yaml") }
  }

  /// What the daemon has logged so far.
  var log: String { (try? readText(folder.file("log"))) ?? "" }

  var arguments: [String] {
    ["--config", config, "--socket", socket, "--state", state, "--log", "stderr"]
  }

  /// Starts a daemon without waiting for it; `launcher` is a shell script that may prepare things
  /// and ends in the daemon: `exec "$@"`.
  func launch(
    _ launcher: String? = nil, environment: [String: String] = [:],
    descriptors: [Int32: Int32] = [:]
  ) throws -> ChildProcess {
    // SAFETY: the path is a C string for the length of the call.
    let log = unsafe open(
      folder.file("log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard log >= 0 else { throw TestKitError("open log: errno \(errno)") }
    defer { close(log) }
    var descriptors = descriptors
    descriptors[2] = log
    let daemon = try builtProgram("gatehoused")
    return try ChildProcess(
      "/bin/sh", ["-c", launcher ?? self.launcher, "sh", daemon] + arguments,
      environment: environment,
      descriptors: descriptors)
  }

  /// Starts a daemon and waits until it answers.
  func start(
    _ launcher: String? = nil, environment: [String: String] = [:]
  ) throws -> ChildProcess {
    let daemon = try launch(launcher, environment: environment)
    do {
      try wait { (try? status()) != nil }
    } catch {
      throw TestKitError("the daemon does not answer: \(log)")
    }
    return daemon
  }

  /// Keeps a policy as the one that was accepted last, as an earlier daemon has left it.
  func accept(
    _ policy: String, _ acceptance: Acceptance = .ofThisMachine,
    as name: String = "last-good-policy"
  ) throws {
    let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(policy.utf8)))
    guard let archive = SnapshotArchive(PolicySnapshot(policyFiles: [file])) else {
      throw TestKitError("a file that is given cannot be read")
    }
    try folder.directory("state")
    let kept = KeptPolicy(acceptance, archive)
    try writeFile(
      "\(state)/\(name)", Array(try StateKinds.acceptedPolicy.pieces(kept).joined()))
  }

  // MARK: Asking

  struct Answered: Equatable {
    var decision: AnswerDecision
    var reason: String
    var message: String
    var id: String
    var roles: String
    var wouldDeny: Bool
  }

  static func question(
    _ user: String, from remoteHost: String?, service: String = "sshd", timeLeft: UInt32 = 10_000
  ) -> [UInt8] {
    var frame = Frame(.question)
    frame.append(.service, Array(service.utf8))
    frame.append(.user, Array(user.utf8))
    if let remoteHost { frame.append(.remoteHost, Array(remoteHost.utf8)) }
    frame.append(.timeLeft, word: timeLeft)
    return frame.bytes.array
  }

  /// Asks whether a user may log in from an address.
  func ask(
    _ user: String, from remoteHost: String?, service: String = "sshd", timeLeft: UInt32 = 10_000
  ) throws -> Answered {
    let connection = try SeqpacketSocket(connectingTo: socket)
    connection.send(
      Self.question(user, from: remoteHost, service: service, timeLeft: timeLeft))
    return try Self.answer(on: connection)
  }

  /// The answer that comes on a connection, whose question is sent.
  static func answer(on connection: SeqpacketSocket) throws -> Answered {
    let frame = try connection.receive()
    let answer = try Answer(decoding: frame.span)
    func text(_ field: Field?) -> String {
      String(decoding: frame.span.array(ifPresent: field) ?? [], as: UTF8.self)
    }
    return Answered(
      decision: answer.decision, reason: text(answer.reason), message: text(answer.message),
      id: text(answer.id), roles: text(answer.roles), wouldDeny: answer.flags.wouldDeny)
  }

  /// Sends an administrator's request, and gives what the command would make of the reply.
  func report<Asked: Request>(
    _ request: Asked, as format: ReportFormat = .json
  ) throws -> Printed where Asked.Reply: Report {
    try SeqpacketSocket.report(request, as: format, at: socket)
  }

  /// The daemon's status as JSON.
  func status() throws -> String { try report(StatusRequest()).text }

  /// Has the policy read again, and waits for what comes of it; by the way, nobody need be judged.
  func reload(allowing allow: Name? = "unjudged") throws -> (exitStatus: UInt8, text: String) {
    var request = ReloadRequest()
    request.allow = allow
    return try report(request, as: .text)
  }

  /// Waits until the log holds a text.
  func waitForLog(_ text: String) throws {
    do {
      try wait { log.contains(text) }
    } catch {
      throw TestKitError("\"\(text)\" is not in the log: \(log)")
    }
  }
}
