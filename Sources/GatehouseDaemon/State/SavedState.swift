import GatehousePlatform
import GatehouseState

/// Saves a value on a thread, whose owner on the loop goes on meanwhile.
///
/// What is written is what there is when the writing begins, so that however many changes come at
/// once, the last write has them all.
final class SavedState<Value: Sendable> {
  /// What came of a save; nil is well.
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

  /// Saves what there is, and calls back once it is on the disk or could not be brought there.
  ///
  /// If it could not be, the file with the older value is removed: something in it may be over, and
  /// must not be believed by a later start.
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
  /// What was kept; nil if there is none, or it cannot be used, which goes to the log with what that
  /// means for whoever reads it.
  func value(reportingTo log: Log, _ priority: LogPriority = .error, ifLost loss: String) -> Value?
  {
    do throws(SystemError) {
      switch try read() {
      case .absent: return nil
      case .value(let value): return value
      case .setAside(let problem): log.post(priority, "\(loss): \(problem)")
      }
    } catch {
      log.post(priority, "\(loss): \(path) cannot be used: \(error)")
    }
    return nil
  }
}
