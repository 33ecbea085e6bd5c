import CPosix
import GatehouseSystem
import GatehouseWire
import Glibc

/// One asker: one request comes in, one reply goes out, and it is closed.
final class Connection {
  /// Counts up, so that a smaller one is older.
  let number: UInt64
  /// The process that connected.
  let peer: Int32
  /// Negative once it has ended.
  private(set) var descriptor: Int32
  /// What came with the request.
  private var attached: GatehouseSystem.Descriptor?
  private let onEnd: (UInt64) -> Void

  /// `onEnd` is called with the number at its end, once.
  init(
    number: UInt64, descriptor: consuming Descriptor, peer: Int32,
    onEnd: @escaping (UInt64) -> Void
  ) {
    self.number = number
    self.descriptor = descriptor.take()
    self.peer = peer
    self.onEnd = onEnd
  }

  /// Reads a message: its length, nil where there is none yet, 0 where the asker has gone.
  func receive(into buffer: inout [UInt8]) -> Int? {
    var attached: Int32 = -1
    // SAFETY: the pointers are valid for the count of the array and the length of the call.
    let length = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive_with_descriptor(descriptor, $0.baseAddress, $0.count, &attached)
    }
    if attached >= 0 { self.attached = GatehouseSystem.Descriptor(adopting: attached) }
    if length == -Int(EAGAIN) || length == -Int(EINTR) { return nil }
    return max(length, 0)
  }

  /// Takes the file that came with the request, once; nil where none came.
  ///
  /// Nobody can change it any more, so that it can be read later, and elsewhere than on the loop.
  func takeFile(atMost limit: Int) throws(SealedFile.Failure) -> SealedFile? {
    guard let attached = attached.take() else { return nil }
    return try SealedFile(checking: attached, atMost: limit)
  }

  /// Whether the asker's end is still open.
  var isOpen: Bool { gh_is_open(descriptor) }

  /// Sends the reply and ends the connection; false where the asker had gone.
  ///
  /// The frame stays as it is: a borrowed one, though, would be copied, with all its room.
  func reply(_ frame: inout Frame) -> Bool { send(&frame, attaching: -1) }

  /// Sends a report: its text goes along as a file that nobody can change any more.
  func reply(report text: [UInt8], exitStatus: UInt8) throws(SealedFile.Failure) {
    let file = try SealedFile(text.span)
    var frame = Frame.report(exitStatus: exitStatus)
    _ = send(&frame, attaching: file.descriptor.rawValue)
  }

  /// Ends the connection, where it has not ended yet.
  func close() {
    guard descriptor >= 0 else { return }
    onEnd(number)
    Glibc.close(descriptor)
    descriptor = -1
  }

  private func send(_ frame: inout Frame, attaching attached: Int32) -> Bool {
    // SAFETY: the pointer is valid for the count of the span.
    let result = unsafe frame.bytes.withUnsafeBytes {
      unsafe gh_send(descriptor, $0.baseAddress, $0.count, attached)
    }
    close()
    return result == 0
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }
}
