import GatehouseJournal
import GatehousePlatform
import GatehouseState

/// Saves a value on a thread, while its owner on the loop goes on.
///
/// It writes the value of the moment when the write begins. So if many changes come at once, the last
/// write has them all.
final class SavedState<Value: Sendable> {
  /// Gets the error of a save; nil if it succeeded.
  typealias Completion = (SystemError?) -> Void

  private let file: StateFile<Value>
  private let worker: Worker
  private let value: () -> Value
  private var isWriting = false
  private var waiting: [Completion] = []

  /// `value` gives what is to be kept, on the loop.
  init(_ file: StateFile<Value>, worker: Worker, value: @escaping () -> Value) {
    self.file = file
    self.worker = worker
    self.value = value
  }

  /// Saves the value, and calls back once it is on the disk or has failed.
  ///
  /// If it fails, the file with the older value is removed: something in it may have ended, and a
  /// later start must not believe it.
  func save(_ completion: @escaping Completion) {
    waiting.append(completion)
    if !isWriting { write() }
  }

  private func write() {
    isWriting = true
    let asking = waiting
    waiting = []
    let value = value()
    worker.run { [file] () -> SystemError? in
      do throws(SystemError) {
        try file.write(value)
        return nil
      } catch {
        try? file.remove()
        return error
      }
    } then: { [unowned self] error in
      isWriting = false
      for completion in asking { completion(error) }
      if !waiting.isEmpty, !isWriting { write() }
    }
  }
}

extension StateFile {
  /// The value of the file; nil if there is none or it cannot be used.
  ///
  /// The latter is logged, with `loss`: what it means for the administrator.
  func value(reportingTo log: Log, _ priority: LogPriority = .error, ifLost loss: String) -> Value?
  {
    do throws(SystemError) {
      switch try read() {
      case .absent: return nil
      case .value(let value): return value
      case .setAside(let problem): log.post(priority, .stateNotKept, "\(loss): \(problem)")
      }
    } catch {
      log.post(priority, .stateNotKept, "\(loss): \(path) cannot be used: \(error)")
    }
    return nil
  }
}
