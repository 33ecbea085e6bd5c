import Glibc

/// What threads sleep at until others wake them (sem_overview(7)).
///
/// Each rise wakes one of them, where reading from an eventfd would wake all to let one go on.
@safe final class Semaphore: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    // SAFETY: room for one, at an address that stays until deinit.
    unsafe sem_init(semaphore, 0, 0)
  }

  /// Lets one thread go on, now or once it comes.
  func rise() {
    // SAFETY: made in init.
    unsafe sem_post(semaphore)
  }

  /// Sleeps until there is a rise that no other thread took.
  func sleep() {
    // SAFETY: made in init.
    while unsafe sem_wait(semaphore) != 0, errno == EINTR {}
  }

  deinit {
    // SAFETY: nobody sleeps at it any more, for whoever does holds it.
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }
}
