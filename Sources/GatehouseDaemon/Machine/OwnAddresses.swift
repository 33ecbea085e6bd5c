import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// What knows whether an address is one of the machine's own.
protocol MachineAddresses: AnyObject {
  /// Whether an address is the machine's own: of loopback, or of an interface now.
  ///
  /// `zone` is the zone id of the address, an interface's name or number.
  func isOwn(_ address: IPAddress, zone: String?) -> Bool

  /// Why the addresses of the interfaces are not all known; nil if they are.
  var problem: String? { get }
}

extension IPAddress {
  /// Whether it is in fe80::/10: an address of one link.
  var isLinkLocal: Bool { family == .ipv6 && bits >> 118 == 0x3FA }
}

/// The addresses that the machine has now, followed by netlink (rtnetlink(7)).
///
/// The kernel tells each change before it can matter to a login, and what it has told is read before
/// a login is judged: the loop handles it before everything else, and whoever takes what may have come
/// since the loop looked, reads the news first. Without netlink only loopback is the machine's own,
/// which is logged. Lives on the loop.
final class OwnAddresses: MachineAddresses {
  /// How long the start waits for the kernel's first answer, which comes at once.
  private static let startTime = Duration.seconds(2)
  /// The most datagrams that are read in a row: more than the kernel keeps for a socket.
  private static let datagramLimit = 1024
  /// How long it waits before it asks again, after an answer was lost.
  private static let retryTime = Duration.milliseconds(500)

  private let loop: EventLoop
  private let log: Log
  private let connect: () throws(SystemError) -> AddressSocket
  private var socket: AddressSocket?
  private var source: EventSource?
  private var retry: EventSource?
  private var table = InterfaceTable()
  private var request: UInt32 = 0
  private var failure: SystemError?
  private var loggedProblem: String?
  /// A datagram of the kernel's has at most 32 KiB.
  private var buffer = [UInt8](repeating: 0, count: 32_768)

  /// Connects, and waits for the kernel's first answer.
  init(
    loop: EventLoop, log: Log,
    connect: @escaping () throws(SystemError) -> AddressSocket = { () throws(SystemError) in
      try AddressSocket()
    }
  ) throws(SystemError) {
    self.loop = loop
    self.log = log
    self.connect = connect
    retry = try loop.timer { [unowned self] in start() }
    start()
    let end = Uptime.now + Self.startTime
    while problem != nil, failure == nil, .now < end, socket?.wait(atMost: end - .now) == true {
      readNews()
    }
    logProblem()
  }

  var problem: String? {
    if let failure { return "the machine's addresses cannot be read: \(failure)" }
    switch table.completeness {
    case .complete: return nil
    case .incomplete: return "the machine's addresses are not known yet"
    case .tooMany: return "the machine has more than \(InterfaceTable.limit) addresses"
    }
  }

  func isOwn(_ address: IPAddress, zone: String?) -> Bool {
    if address.isLoopback { return true }
    let interface = address.isLinkLocal ? zone.flatMap { Machine.interface(zone: $0) } : nil
    return table.contains(address, on: interface)
  }

  // MARK: What the kernel tells

  /// Connects anew and asks for all addresses; what is known stays in effect until they have come.
  private func start() {
    source = nil
    socket = nil
    request &+= 1
    do throws(SystemError) {
      let socket = try connect()
      table.begin()
      try socket.request(request)
      source = try loop.onReadable(socket.descriptor, goesFirst: true) { [unowned self] in
        readNews()
        logProblem()
      }
      self.socket = consume socket
      failure = nil
    } catch {
      failure = error
      retry?.set(after: .seconds(60))
    }
  }

  /// Reads what the kernel has told until now.
  func readNews() {
    do throws(SystemError) {
      for _ in 0..<Self.datagramLimit {
        switch try socket?.receive(into: &buffer) {
        case .datagram(let length):
          let buffer = buffer
          take(AddressMessage.messages(in: buffer.span.extracting(first: length), dump: request))
        case .overflow: askAgain()
        case .nothing, nil: return
        }
      }
    } catch {
      failure = error
      askAgain()
    }
  }

  private func take(_ messages: [AddressMessage]) {
    for message in messages where table.take(message) == .askAgain { return askAgain() }
  }

  /// Something was lost: asks for all addresses again, over a new connection.
  private func askAgain() {
    source = nil
    socket = nil
    retry?.set(after: Self.retryTime)
  }

  private func logProblem() {
    let problem = problem
    guard problem != loggedProblem else { return }
    loggedProblem = problem
    if let problem {
      log.post(
        .warning, .originsUnknown,
        "\(problem); a login from one of them that is not known, and not of loopback, is judged as "
          + "one from that address, and not as one from the machine itself")
    } else {
      log.post(.notice, .originsKnown, "the machine's addresses are known")
    }
  }
}
