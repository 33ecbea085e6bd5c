import GatehouseControl
import GatehouseGuard
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import TestKit

@testable import GatehouseDaemon

/// The daemon's parts on a thread of the test's own, with a directory that does what a test wants.
final class InProcessDaemon: Sendable {
  let directory: FakeDirectory
  let sessions: FakeSessions
  let news: FakeSessionNews
  let collector = LogCollector()
  let folder: TemporaryDirectory
  private let orders: Mailbox<Order>
  private let thread: Thread

  private enum Order { case reload, stop }

  convenience init(policy: String) throws {
    let folder = try TemporaryDirectory("gatehouse-in-process")
    try folder.write(policy, to: "etc/policy.yaml")
    try self.init(in: folder)
  }

  /// Starts with what lies in a folder: its `etc`, and the `state` that an earlier one has left.
  init(
    in folder: TemporaryDirectory, clock: any TrialClock = MachineClock(boot: "this"),
    machine: String? = "one", directory: FakeDirectory = FakeDirectory(),
    sessions: FakeSessions = FakeSessions()
  ) throws {
    self.directory = directory
    self.sessions = sessions
    self.folder = folder
    orders = try Mailbox()
    news = try FakeSessionNews()
    let isUp = try Mailbox<Bool>()
    thread = try Thread("daemon") { [folder, directory, sessions, news, collector, orders] in
      try? Self.serve(folder, clock, machine, directory, sessions, news, collector, orders, isUp)
    }
    try wait { !isUp.take().isEmpty }
  }

  /// Waits until the log holds a text.
  func waitForLog(_ text: String) throws {
    do {
      try wait { collector.messages.contains { $0.contains(text) } }
    } catch {
      throw TestKitError("\"\(text)\" is not in the log: \(collector.messages)")
    }
  }

  /// Sends an administrator's request, and gives what the command would make of the reply.
  func report<R: Request>(
    _ request: R, as format: ReportFormat = .json, attaching attached: Int32 = -1
  ) throws -> Printed where R.Reply: Report {
    try SeqpacketSocket.report(
      request, as: format, at: folder.file("run/socket"), attaching: attached)
  }

  func reload() { orders.post(.reload) }

  /// Asks for a reload, and gives the verdict.
  func verdictOnReload(
    by asker: Name? = nil, allowing allow: Name?, digest: String? = nil
  ) throws -> ReloadVerdict {
    var request = ReloadRequest()
    request.asker = asker
    request.allow = allow
    request.digest = digest
    return try SeqpacketSocket.reply(to: request, at: folder.file("run/socket"))
  }

  func connect() throws -> SeqpacketSocket {
    try SeqpacketSocket(connectingTo: folder.file("run/socket"))
  }

  /// Sends a question and gives the reason of its answer.
  func ask(_ frame: [UInt8]) throws -> String {
    let connection = try connect()
    connection.send(frame)
    return try reason(on: connection)
  }

  func reason(on connection: SeqpacketSocket) throws -> String {
    let frame = try connection.receive()
    let answer = try Answer(decoding: frame.span)
    return String(decoding: frame.span.array(of: answer.reason), as: UTF8.self)
  }

  private static func serve(
    _ folder: TemporaryDirectory, _ clock: any TrialClock, _ machine: String?,
    _ directory: FakeDirectory, _ sessions: FakeSessions, _ news: FakeSessionNews,
    _ collector: LogCollector,
    _ orders: Mailbox<Order>, _ isUp: Mailbox<Bool>
  ) throws {
    let log = try collector.makeLog()
    defer { log.close() }
    let listener = try ListeningSocket.acquire(folder.file("run/socket"))
    let loop = try EventLoop()
    var options = Options()
    options.config = folder.file("etc")
    options.state = folder.file("state")
    let components = try DaemonComponents(
      options, loop: loop, listener: listener, limit: 100, directory: directory, fit: nil,
      sessions: sessions, monitor: news, clock: clock, machine: machine,
      scene: { .standIn(directory, sessions) }, hostName: "host", log: log,
      manager: ServiceManager())
    defer { components.close() }
    let source = try loop.onReadable(orders.descriptor) {
      for order in orders.take() {
        switch order {
        case .reload: components.keeper.reload(LoadOrder(occasion: .signal))
        case .stop: components.stop { loop.exit(0) }
        }
      }
    }
    isUp.post(true)
    _ = try withExtendedLifetime(source) { try loop.run() }
  }

  deinit {
    directory.change { $0.isStuck = false }
    sessions.change { $0.isStuck = false }
    orders.post(.stop)
    thread.join()
  }
}

extension SceneSources {
  /// Of a machine on which sudo has no line of ours.
  static func standIn(_ directory: FakeDirectory, _ sessions: FakeSessions) -> SceneSources {
    SceneSources(
      sessions: { () throws(SystemError) in try sessions.sessions() },
      sessionOfProcess: { process throws(SystemError) in
        try sessions.session(ofProcess: process)
      },
      userName: { _ in nil }, isOwn: \.isLoopback, directory: directory,
      members: { group throws(DirectoryError) in
        try directory.group(named: group)?.members ?? []
      },
      roleLines: { [] })
  }
}
