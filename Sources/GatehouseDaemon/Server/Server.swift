import GatehouseJournal
import GatehousePlatform
import GatehouseWire

/// Takes connections, reads their requests and hands them on.
///
/// A fault of one client ends that client's connection and nothing else. Lives on the loop.
final class Server {
  /// How long a client may be silent.
  static let silenceLimit = Duration.seconds(5)
  /// The same while the daemon is stopping: a client that has connected has its question ready.
  static let silenceLimitWhenStopping = Duration.seconds(1)
  /// The most connections that are accepted before the loop looks at other events.
  private static let acceptedAtOnce = 64

  private let loop: EventLoop
  private let listener: ListeningSocket
  private let limit: Int
  private let catchUp: () -> Void
  private let handle: (Span<UInt8>, ClientConnection) throws(WireError) -> Void
  private var listenerSource: EventSource?
  private var sweep: EventSource?
  private var retry: EventSource?
  /// What each connection calls at its end; one closure for all.
  private var onEnd: (UInt64) -> Void = { _ in }
  private var accepted: UInt64 = 0
  private var openCount = 0
  /// Connections whose request has not come yet.
  ///
  /// The others are kept by the code that will reply.
  private var silent: [UInt64: Silent] = [:]
  private var onEmpty: (() -> Void)?
  // One byte more than a frame: a longer message is told from one that fits exactly.
  private var buffer = [UInt8](repeating: 0, count: WireLimit.frame + 1)

  private struct Silent {
    let connection: ClientConnection
    let since: Uptime
    /// The source by which the loop waits for it.
    let source: EventSource
  }

  private let ownUser = CurrentProcess.effectiveUser
  private let log: Log
  private var complaints = RateLimit(every: .seconds(60))

  /// Starts to listen.
  ///
  /// At most `limit` connections are open at once. If there are more, the oldest silent one is
  /// closed; if none is silent, new clients wait in the kernel's queue.
  ///
  /// `handle` gets each request, and replies to the connection now or later. Before it gets one that
  /// may be newer than the loop's last look at what there is to do, `catchUp` is called, which reads
  /// what else the daemon has to know by then. Everything older the loop has handled before.
  init(
    loop: EventLoop, listener: ListeningSocket, limit: Int, log: Log,
    catchUp: @escaping () -> Void,
    handle: @escaping (Span<UInt8>, ClientConnection) throws(WireError) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.log = log
    self.listener = listener
    self.limit = limit
    self.catchUp = catchUp
    self.handle = handle
    onEnd = { [unowned self] in forget($0) }
    sweep = try loop.timer(accuracy: .milliseconds(250)) { [unowned self] in
      closeSilent()
    }
    retry = try loop.timer { [unowned self] in listenerSource?.setEnabled(true) }
    listenerSource = try loop.onReadable(listener.descriptor) { [unowned self] in
      acceptSome(afterLook: true)
    }
  }

  /// A limit for the connections that leaves descriptors for everything else: policy files, NSS,
  /// the journal.
  static func connectionLimit() -> Int {
    guard let descriptors = CurrentProcess.descriptorLimit else { return 64 }
    return max(4, min(512, descriptors - 48))
  }

  /// Accepts no new clients, and calls back once every client that has come has its reply.
  ///
  /// Clients that wait in the queue of the daemon's own socket have come: the path is gone, so the
  /// queue ends. The queue of systemd's socket is for the next daemon.
  func stop(onEmpty: @escaping () -> Void) {
    self.onEmpty = onEmpty
    listener.withdraw()
    closeSilent()
    if listener.isOwn {
      acceptSome(afterLook: false)
    } else {
      listenerSource = nil
      endIfEmpty()
    }
  }

  // MARK: Accepting

  private enum Acceptance { case accepted(ClientConnection), refused, nobody, noDescriptors }

  /// Accepts clients that wait, and reads their requests.
  ///
  /// If the loop has just found that somebody waits, the first had come before it looked. The others
  /// may have come since: once they are accepted, what they may depend on is caught up with, once for
  /// all of them.
  private func acceptSome(afterLook: Bool) {
    var hadCome = afterLook
    var newer: [ClientConnection] = []
    accepting: for _ in 0..<Self.acceptedAtOnce {
      if openCount >= limit, !closeOldestSilent() {
        // All are waiting for their answers. The next that gets one makes room.
        if newer.isEmpty { listenerSource?.setEnabled(false) }
        break accepting
      }
      switch accept() {
      case .accepted(let connection):
        if hadCome { begin(connection) } else { newer.append(connection) }
      case .refused: break
      case .nobody:
        if onEmpty != nil {
          listenerSource = nil
          endIfEmpty()
        }
        break accepting
      case .noDescriptors:
        if closeOldestSilent() { continue }
        if newer.isEmpty {
          // Otherwise the loop would be woken for the same connection again and again.
          listenerSource?.setEnabled(false)
          retry?.set(after: .milliseconds(100))
        }
        break accepting
      }
      hadCome = false
    }
    guard !newer.isEmpty else { return }
    catchUp()
    for connection in newer { begin(connection) }
  }

  private func accept() -> Acceptance {
    switch listener.accept() {
    case .accepted(let socket): take(socket)
    case .nobody: .nobody
    case .noRoom: .noDescriptors
    case .failed: .refused
    }
  }

  private func take(_ socket: consuming SeqpacketConnection) -> Acceptance {
    let peer = (try? socket.peer()) ?? (process: 0, user: .max)
    guard peer.user == 0 || peer.user == ownUser else {
      complain("a connection of user id \(peer.user) was closed: only root and the daemon may ask")
      return .refused
    }
    accepted += 1
    openCount += 1
    return .accepted(
      ClientConnection(
        number: accepted, socket: socket, peer: peer.process, isOfRoot: peer.user == 0,
        onEnd: onEnd))
  }

  // MARK: Connections

  /// Reads the request of a new connection, or waits for it.
  private func begin(_ connection: ClientConnection) {
    // What was sent before this client came is read before its request.
    if !silent.isEmpty { readSilent() }
    // Most often the request is there already, and the loop need not know of the connection.
    if let length = connection.receive(into: &buffer) {
      handOn(length, connection)
    } else {
      wait(for: connection)
    }
  }

  /// Hands on the request of a connection, which is in the buffer; none if the client has gone.
  private func handOn(_ length: Int, _ connection: ClientConnection) {
    guard length > 0 else { return connection.close() }
    do throws(WireError) {
      let buffer = buffer
      // A message that is too long was cut to one byte more than a frame may have.
      try handle(buffer.span.extracting(0..<min(length, buffer.count)), connection)
    } catch {
      complain("a request of process \(connection.peer) was closed unanswered: \(error.phrase)")
      connection.close()
    }
  }

  /// Reads the requests of older connections that have come by now.
  private func readSilent() {
    for number in silent.keys.sorted() { readSilent(number) }
  }

  /// Reads and hands on the request of a connection that was silent, if it has come by now.
  private func readSilent(_ number: UInt64) {
    guard let entry = silent[number], let length = entry.connection.receive(into: &buffer) else {
      return
    }
    // Whoever replies may wait for the connection in a way of their own.
    entry.source.setEnabled(false)
    silent[number] = nil
    handOn(length, entry.connection)
  }

  private func wait(for connection: ClientConnection) {
    let number = connection.number
    do {
      let source = try loop.onReadable(connection.descriptor) { [unowned self] in
        readSilent(number)
      }
      silent[number] = Silent(connection: connection, since: .now, source: source)
      if !isSweeping { startSweep() }
    } catch {
      // Out of memory for the loop: as good as no descriptors.
      connection.close()
    }
  }

  private func forget(_ number: UInt64) {
    if !silent.isEmpty { silent[number] = nil }
    openCount -= 1
    if openCount == limit - 1 { listenerSource?.setEnabled(true) }
    endIfEmpty()
  }

  private func endIfEmpty() {
    if openCount == 0, listenerSource == nil { onEmpty?() }
  }

  /// Logs what is wrong with a client, once a minute: a broken one comes again and again.
  private func complain(_ text: String) {
    guard let unsaid = complaints.take(at: .now) else { return }
    log.post(
      .warning, .client,
      unsaid > 0 ? "\(text) (and \(unsaid) more since the last such entry)" : text)
  }

  // MARK: Silence

  private var isSweeping = false

  private func startSweep() {
    isSweeping = true
    sweep?.set(after: .milliseconds(500))
  }

  private func closeSilent() {
    isSweeping = false
    let now = Uptime.now
    let limit = onEmpty == nil ? Self.silenceLimit : Self.silenceLimitWhenStopping
    for entry in silent.values where now - entry.since >= limit { entry.connection.close() }
    if !silent.isEmpty { startSweep() }
  }

  private func closeOldestSilent() -> Bool {
    guard let oldest = silent.min(by: { $0.key < $1.key }) else { return false }
    oldest.value.connection.close()
    return true
  }
}
