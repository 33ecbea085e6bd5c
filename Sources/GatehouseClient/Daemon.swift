public import GatehouseSystem
public import GatehouseWire

/// The daemon, seen from those who ask it.
///
/// One request, one answer, one deadline for everything. If nobody listens at the first attempt, that
/// is an error at once. If a connection is lost before the answer (the daemon was killed or
/// restarted), it is made anew until the deadline, after pauses of 1, 2, 4 … 100 ms.
public enum Daemon {
  /// Asks whether a login may go on.
  ///
  /// - Parameters:
  ///   - question: A whole question, except for the time left, which is set here.
  ///   - path: The daemon's socket.
  ///   - deadline: When to give up.
  ///   - storage: Where the answer's frame goes, for its fields.
  /// - Returns: The answer.
  /// - Throws: Why there is none.
  public static func ask(
    _ question: inout Frame, at path: SocketPath, deadline: Deadline,
    into storage: inout FrameStorage
  ) throws(NoAnswer) -> Answer {
    let count = try exchange(at: path, deadline: deadline) {
      (connection: borrowing Connection) throws(SocketError) -> Int in
      question.setTimeLeft(milliseconds: deadline.millisecondsLeft)
      try connection.send(question.bytes, deadline: deadline)
      return try connection.receive(into: &storage, deadline: deadline)
    }
    do throws(WireError) {
      return try Answer(decoding: storage.span.bytes(from: 0, count: count))
    } catch { throw .senseless(error) }
  }

  /// Connects and exchanges messages, and does so again if the connection was lost before the end.
  ///
  /// - Parameters:
  ///   - path: The daemon's socket.
  ///   - deadline: When to give up.
  ///   - exchange: What to do over a connection to root, or to the owner of the socket's folder.
  /// - Returns: What came of it.
  /// - Throws: Why nothing did.
  public static func exchange<Result: ~Copyable>(
    at path: SocketPath, deadline: Deadline,
    _ exchange: (borrowing Connection) throws(SocketError) -> Result
  ) throws(NoAnswer) -> Result {
    var losses: UInt32 = 0
    while true {
      do throws(NoAnswer) {
        return try attempt(at: path, deadline: deadline, exchange)
      } catch {
        switch error {
        case .lost: break
        case .absent, .refused: guard losses > 0 else { throw error }
        case .timedOut: throw losses > 0 ? .lost : .timedOut
        default: throw error
        }
      }
      guard deadline.pause(milliseconds: min(1 &<< losses, 100)) else { throw .lost }
      losses = min(losses &+ 1, 7)
    }
  }

  /// One connection to whom it should be to, and one exchange over it.
  private static func attempt<Result: ~Copyable>(
    at path: SocketPath, deadline: Deadline,
    _ exchange: (borrowing Connection) throws(SocketError) -> Result
  ) throws(NoAnswer) -> Result {
    let stranger: UInt32
    do throws(SocketError) {
      let connection = try Connection(to: path, deadline: deadline)
      let peer = try connection.peer()
      if peer.user == 0 || peer.user == path.folderOwner() { return try exchange(connection) }
      stranger = peer.user
    } catch { throw NoAnswer(error) }
    throw .untrusted(user: stranger)
  }
}
