import CPosix
import Glibc
import Synchronization

/// The way back from the threads to the loop: messages, and a descriptor that wakes it.
final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let bell: Descriptor

  init() throws(SystemError) {
    bell = try Descriptor("eventfd", opened: gh_eventfd())
  }

  /// Readable while there are messages.
  var descriptor: Int32 { bell.number }

  /// Leaves a message; from any thread.
  func post(_ message: Message) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(message)
      return waiting.count == 1
    }
    // Whoever takes them takes all: one ring is enough.
    if isFirst { eventfd_write(bell.number, 1) }
  }

  /// Takes every message, oldest first.
  func take() -> [Message] {
    var rings: eventfd_t = 0
    // SAFETY: `rings` is a value of this frame.
    unsafe eventfd_read(bell.number, &rings)
    return waiting.withLock { waiting in
      let messages = waiting
      waiting = []
      return messages
    }
  }
}
