import GatehousePlatform
import Synchronization

/// The way back from the threads to the loop: messages, and a descriptor that wakes it.
final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let bell: Bell

  init() throws(SystemError) {
    bell = try Bell()
  }

  /// Readable while there are messages.
  var descriptor: Int32 { bell.descriptor }

  /// Leaves a message; from any thread.
  func post(_ message: Message) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(message)
      return waiting.count == 1
    }
    // Whoever takes them takes all: one ring is enough.
    if isFirst { bell.ring() }
  }

  /// Takes every message, oldest first.
  func take() -> [Message] {
    bell.silence()
    return waiting.withLock { waiting in
      let messages = waiting
      waiting = []
      return messages
    }
  }
}
