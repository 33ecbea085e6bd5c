import GatehousePlatform

/// Saves records on a thread, whose owner on the loop goes on meanwhile.
///
/// What is written is what there is when the writing begins, so that however many changes come at
/// once, the last write has them all.
final class SavedRecords {
  /// What came of a save; nil is well.
  typealias Completion = (SystemError?) -> Void

  private let file: RecordFile
  private let worker: Worker
  private let records: () -> [[[UInt8]]]
  private var isWriting = false
  private var waiting: [Completion] = []

  /// `records` gives what is to be kept, on the loop.
  init(
    _ file: RecordFile, worker: Worker, records: @escaping () -> [[[UInt8]]]
  ) {
    self.file = file
    self.worker = worker
    self.records = records
  }

  /// Saves what there is, and calls back once it is on the disk or could not be brought there.
  ///
  /// Where it could not be, the file with the older records is taken away: something in it may be
  /// over, and must not be believed by a later start.
  func save(_ completion: @escaping Completion) {
    waiting.append(completion)
    if !isWriting { write() }
  }

  private func write() {
    isWriting = true
    let asking = waiting
    waiting = []
    let bytes = file.encode(records())
    worker.run { [file = file.file] () -> SystemError? in
      do throws(SystemError) {
        try file.write(bytes)
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
