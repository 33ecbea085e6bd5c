internal import GatehouseSystem
public import GatehouseWire

/// Why there is no usable answer.
public enum NoAnswer: Error, Hashable, Sendable {
  /// There is no socket at the path.
  case absent
  /// There is a socket, and nobody listens at it.
  case refused
  /// Nothing came before the deadline.
  case timedOut
  /// The daemon closed the connection before the answer, each time until the deadline.
  case lost
  /// The listener is this user, who is neither root nor the owner of the socket's folder.
  case untrusted(user: UInt32)
  /// What came is not an answer.
  case senseless(WireError)
  /// An error of the system, by its `errno`.
  case system(CInt)

  /// Whether nobody listens at the socket, which no user but root can bring about.
  ///
  /// Whoever starts a program can bring about most of the others: by taking its processor time, its
  /// descriptors or its connections away.
  public var isNobodyListening: Bool {
    switch self {
    case .absent, .refused: true
    case .timedOut, .lost, .untrusted, .senseless, .system: false
    }
  }

  init(_ error: SocketError) {
    switch error {
    case .absent: self = .absent
    case .refused: self = .refused
    case .timedOut: self = .timedOut
    case .ended: self = .lost
    case .tooLong: self = .senseless(.tooLong)
    case .system(let code): self = .system(code)
    }
  }

  /// Adds what happened, as a clause that follows "gatehoused cannot be asked at PATH: ".
  public func describe<let capacity: Int>(in line: inout BoundedBytes<capacity>) {
    switch self {
    case .absent: line.append("there is no such socket; is gatehoused installed and started?")
    case .refused: line.append("nobody listens there; is gatehoused running?")
    case .timedOut: line.append("no answer came in time")
    case .lost: line.append("it closed each connection until the deadline")
    case .untrusted(let user):
      line.append("the listener there is user ")
      line.append(decimal: user)
      line.append(", neither root nor the owner of the socket's folder")
    case .senseless(let error):
      line.append("what came is not an answer: ")
      line.append(error.phrase)
    case .system(let code):
      line.append("the system says: ")
      SystemErrorText.append(code, to: &line)
      if code == SystemErrorText.permissionDenied { line.append("; only root may ask") }
    }
  }
}
