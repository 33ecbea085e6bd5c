import GatehouseJournal
import GatehousePlatform

/// Keeps other daemons out of the state folder as long as it lives.
///
/// Two daemons that write the same files would each lose what the other has kept, such as a grant.
/// The kernel releases the lock when the process ends, however it ends.
final class StateLock {
  private let lock: OwnedDescriptor?

  private init(_ lock: consuming OwnedDescriptor?) { self.lock = lock }

  /// Locks the folder, which is made if it is not there.
  ///
  /// If the folder cannot be used, that is logged, and the daemon serves without it: nobody must be
  /// locked out because a disk is full.
  ///
  /// - Throws: `StartError` if another daemon has the lock.
  static func acquire(folder: String, log: Log) throws(StartError) -> StateLock {
    let path = "\(folder)/lock"
    do throws(SystemError) {
      try Files.makeFolder(folder, mode: 0o700, ifAbsent: true)
      let lock = try Files.openForLock(path)
      if try lock.lock(path) { return StateLock(consume lock) }
    } catch {
      log.post(
        .error, .stateNotKept,
        "the state folder \(folder) cannot be used (\(error)): grants, trials and the last good policy "
          + "are not kept over a restart. Make it a folder of gatehoused's user, with free space, "
          + "then restart gatehoused")
      return StateLock(nil)
    }
    throw StartError(
      "another gatehoused uses the state folder \(folder); stop it first, or choose another --state"
    )
  }
}
