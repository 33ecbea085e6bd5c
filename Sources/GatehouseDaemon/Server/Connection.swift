import CPosix
import GatehouseWire
import Glibc

/// One asker: one request comes in, one reply goes out, and it is closed.
final class Connection {
  /// Counts up, so that a smaller one is older.
  let number: UInt64
  /// The process that connected.
  let peer: Int32
  let openedAt: MonotonicTime
  /// What wakes the loop for it, while its request has not come yet.
  var source: EventSource?
  private let descriptor: Descriptor
  private let onEnd: (Connection) -> Void

  init(
    number: UInt64, descriptor: consuming Descriptor, peer: Int32,
    onEnd: @escaping (Connection) -> Void
  ) {
    self.number = number
    self.descriptor = descriptor
    self.peer = peer
    self.onEnd = onEnd
    openedAt = .now()
  }

  var isSilent: Bool { source != nil }
  var descriptorNumber: Int32 { descriptor.number }

  /// Reads a message: its length, nil where there is none yet, 0 where the asker has gone.
  func receive(into buffer: inout [UInt8]) -> Int? {
    // SAFETY: the pointer is valid for the count of the array.
    let length = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive(descriptor.number, $0.baseAddress, $0.count)
    }
    if length == -Int(EAGAIN) || length == -Int(EINTR) { return nil }
    return max(length, 0)
  }

  /// Whether the asker's end is still open.
  var isOpen: Bool { gh_is_open(descriptor.number) }

  /// Sends the reply and ends the connection; false where the asker had gone.
  func reply(_ frame: Span<UInt8>) -> Bool { send(frame, attaching: -1) }

  /// Sends a report: its text goes along as a memory file that nobody can change any more.
  func reply(report text: [UInt8], exitStatus: UInt8) throws(SystemError) {
    // SAFETY: a literal is a C string for the length of the call.
    let opened = unsafe gh_memory_file("gatehouse-report")
    let file = try Descriptor("memfd_create", opened: opened)
    var rest = text[...]
    while !rest.isEmpty {
      // SAFETY: the pointer is valid for the count of the slice.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file.number, $0.baseAddress, $0.count)
      }
      guard count > 0 else { throw SystemError("write to a memory file", errno) }
      rest = rest.dropFirst(count)
    }
    _ = try SystemError.check("seal a memory file", gh_seal(file.number))
    guard lseek(file.number, 0, SEEK_SET) == 0 else { throw SystemError("lseek", errno) }
    let frame = Frame.report(exitStatus: exitStatus)
    _ = send(frame.bytes, attaching: file.number)
  }

  /// Ends the connection without a reply.
  func close() { onEnd(self) }

  private func send(_ frame: Span<UInt8>, attaching attached: Int32) -> Bool {
    // SAFETY: the pointer is valid for the count of the span.
    let result = unsafe frame.withUnsafeBytes {
      unsafe gh_send(descriptor.number, $0.baseAddress, $0.count, attached)
    }
    onEnd(self)
    return result == 0
  }
}
