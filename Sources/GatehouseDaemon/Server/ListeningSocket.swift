import CPosix
import CSystemd
import Glibc

/// Why the daemon cannot start: what is in the way, and what to do about it.
struct StartError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The socket that questions arrive on: handed over by systemd, or bound by the daemon itself.
final class ListeningSocket {
  let descriptor: Int32
  let path: String
  /// The descriptor of the lock that goes with a socket of the daemon's own.
  private let lock: Int32?

  /// The daemon bound it, and takes it away at its end.
  var isOwn: Bool { lock != nil }

  /// Takes the socket that systemd hands over, else binds one at `path`.
  static func acquire(_ path: String) throws -> ListeningSocket {
    let handedOver = try SystemError.check("sd_listen_fds", sd_listen_fds(1))
    switch handedOver {
    case 0: return try ListeningSocket(binding: path)
    case 1: return try ListeningSocket(handedOver: SD_LISTEN_FDS_START)
    default:
      throw StartError(
        "systemd handed over \(handedOver) sockets; gatehoused.socket may have one "
          + "ListenSequentialPacket= line only")
    }
  }

  private init(owning descriptor: Int32, path: String, lock: Int32?) {
    self.descriptor = descriptor
    self.path = path
    self.lock = lock
  }

  private convenience init(handedOver descriptor: Int32) throws {
    let isRight = sd_is_socket_unix(descriptor, Int32(SOCK_SEQPACKET.rawValue), 1, nil, 0)
    guard isRight > 0 else {
      throw StartError(
        "the socket that was handed over is no listening Unix seqpacket socket; "
          + "gatehoused.socket wants ListenSequentialPacket=")
    }
    guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw SystemError("fcntl", errno) }
    var path = [CChar](repeating: 0, count: 128)
    // SAFETY: the count is the array's.
    let result = unsafe gh_bound_path(descriptor, &path, path.count)
    _ = try SystemError.check("getsockname", result)
    let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    self.init(
      owning: descriptor, path: String(decoding: bytes, as: UTF8.self), lock: nil)
  }

  /// Binds and listens, and holds a lock as long as it does.
  ///
  /// Of two daemons that start at once the lock lets one through. It is a file of root's alone, for
  /// who can open a file can lock it.
  private convenience init(binding path: String) throws {
    let oldMask = umask(0o022)
    defer { umask(oldMask) }
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let folder = String(path[..<slash])
    // SAFETY: the paths are C strings for the length of the calls.
    if !folder.isEmpty, unsafe mkdir(folder, 0o755) != 0, errno != EEXIST {
      throw SystemError("mkdir \(folder)", errno)
    }
    let opened = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw SystemError("open \(path).lock", errno) }
    let lock = Descriptor(owning: opened)
    guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else { throw Self.inUse(path) }

    try Self.removeStale(path)
    let bound = try Descriptor("socket", opened: gh_seqpacket_socket())
    umask(0o177)
    _ = try SystemError.check("bind \(path)", unsafe gh_bind(bound.number, path))
    guard listen(bound.number, SOMAXCONN) == 0, fcntl(bound.number, F_SETFL, O_NONBLOCK) == 0
    else {
      let error = SystemError("listen \(path)", errno)
      _ = unsafe unlink(path)
      throw error
    }
    self.init(owning: bound.take(), path: path, lock: lock.take())
  }

  private static func inUse(_ path: String) -> StartError {
    StartError("another daemon answers on \(path); stop it first, or choose another --socket")
  }

  /// Removes a socket that nobody listens on any more; throws where somebody does.
  private static func removeStale(_ path: String) throws {
    var status = stat()
    // SAFETY: the paths are C strings for the length of the calls, `status` is of this frame.
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw SystemError("stat \(path)", errno) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw StartError("\(path) is in the way and no socket; remove it, or choose another --socket")
    }
    let probe = try Descriptor("socket", opened: gh_seqpacket_socket())
    // A full queue of connections must not hold up the start: somebody listens, then.
    _ = fcntl(probe.number, F_SETFL, O_NONBLOCK)
    switch unsafe gh_connect(probe.number, path) {
    case -ECONNREFUSED, -ENOENT:
      guard unsafe unlink(path) == 0 || errno == ENOENT else {
        throw SystemError("unlink \(path)", errno)
      }
    case 0, -EAGAIN:
      throw inUse(path)
    case -EPROTOTYPE:
      throw StartError("\(path) belongs to another program; choose another --socket")
    case let error: throw SystemError("connect \(path)", -error)
    }
  }

  /// Takes the name away, so that nobody new comes.
  ///
  /// Who has connected already can still be accepted. A socket of systemd's stays, and keeps who
  /// comes for the next daemon.
  func withdraw() {
    // SAFETY: the path is a C string for the length of the call.
    if isOwn { _ = unsafe unlink(path) }
  }

  deinit {
    close(descriptor)
    if let lock { close(lock) }
  }
}
