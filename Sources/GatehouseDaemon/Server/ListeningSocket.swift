import GatehousePlatform

/// Why the daemon cannot start, and what to do about it.
struct StartError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The socket that questions arrive on: handed over by systemd, or bound by the daemon itself.
final class ListeningSocket {
  private let listener: SeqpacketListener
  let path: String
  /// Held while the daemon's own socket is bound; nil for a socket of systemd.
  private let lock: OwnedDescriptor?

  /// The descriptor that the loop waits for.
  var descriptor: Int32 { listener.descriptor }

  /// The inode of the socket, which each has another of in a boot; nil if the system does not say.
  var inode: Int? { listener.inode }

  /// Whether the daemon bound it, and so removes it at its end.
  let isOwn: Bool

  /// Takes the socket that systemd hands over, else binds one at `path`.
  static func acquire(_ path: String) throws -> ListeningSocket {
    let handedOver = try SeqpacketListener.countOfHandedOver()
    switch handedOver {
    case 0: return try ListeningSocket(binding: path)
    case 1:
      guard let listener = try SeqpacketListener.handedOver() else {
        throw StartError(
          "the socket that was handed over is no listening Unix seqpacket socket; "
            + "gatehoused.socket wants ListenSequentialPacket=")
      }
      let path = try listener.path()
      return ListeningSocket(listener, path: path, lock: nil)
    default:
      throw StartError(
        "systemd handed over \(handedOver) sockets; gatehoused.socket may have one "
          + "ListenSequentialPacket= line only")
    }
  }

  private init(
    _ listener: consuming SeqpacketListener, path: String, lock: consuming OwnedDescriptor?
  ) {
    self.listener = listener
    self.path = path
    isOwn = lock != nil
    self.lock = lock
  }

  /// Binds and listens, and holds a lock as long as it does.
  ///
  /// If two daemons start at once, the lock lets one of them through. Only root may open the lock's
  /// file, because everybody who can open a file can lock it.
  private convenience init(binding path: String) throws {
    let folder = Files.parent(of: path)
    if folder != ".", !Files.exists(folder) { try Files.makeFolder(folder, ifAbsent: true) }
    let lock = try Files.openForLock(path + ".lock")
    guard try lock.lock(path + ".lock") else { throw Self.inUse(path) }
    try Self.removeStale(path)
    self.init(try SeqpacketListener(binding: path), path: path, lock: lock)
  }

  private static func inUse(_ path: String) -> StartError {
    StartError("another daemon answers on \(path); stop it first, or choose another --socket")
  }

  /// Removes a socket that nobody listens on any more; throws if somebody does.
  private static func removeStale(_ path: String) throws {
    guard let status = Files.status(of: path, followingLinks: false) else { return }
    guard status.kind == .socket else {
      throw StartError("\(path) is in the way and no socket; remove it, or choose another --socket")
    }
    switch try SeqpacketListener.holder(of: path) {
    case .nobody: try Files.remove(path)
    case .listener: throw inUse(path)
    case .otherProgram:
      throw StartError("\(path) belongs to another program; choose another --socket")
    }
  }

  /// Accepts the next client that waits; returns at once if there is none.
  func accept() -> SeqpacketListener.Acceptance { listener.accept() }

  /// Removes the path, so that no new client can connect.
  ///
  /// Clients that have connected already can still be accepted. A socket of systemd stays, and new
  /// clients wait there for the next daemon.
  func withdraw() {
    if isOwn { try? Files.remove(path) }
  }
}
