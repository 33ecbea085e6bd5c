import GatehouseControl
import GatehousePlatform
import Glibc
import SystemPackage
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("A file that comes with a request")
struct AttachmentTests {
  /// A connection of the daemon's, and the asker's end.
  private func pair() throws -> (ClientConnection, SeqpacketSocket) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: the call writes two numbers into the array.
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    let connection = ClientConnection(
      number: 1, socket: SeqpacketConnection(adopting: OwnedDescriptor(adopting: ends[0])), peer: 0,
      isOfRoot: true, onEnd: { _ in })
    return (connection, SeqpacketSocket(owning: ends[1]))
  }

  private func receive(_ connection: ClientConnection) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 4097)
    return connection.receive(into: &buffer)
  }

  @Test("is taken once, and closes on exec")
  func one() throws {
    let (connection, asker) = try pair()
    let file = try SealedMemoryFile(Array("policy".utf8))
    asker.send([1, 2, 3], attaching: file.descriptor)
    #expect(receive(connection) == 3)
    let taken = try #require(try connection.takeFile(atMost: 100))
    #expect(try taken.bytes() == Array("policy".utf8))
    #expect(fcntl(taken.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    #expect(try connection.takeFile(atMost: 100) == nil)
  }

  @Test("is not there where none came")
  func none() throws {
    let (connection, asker) = try pair()
    asker.send([1])
    #expect(receive(connection) == 1)
    #expect(try connection.takeFile(atMost: 100) == nil)
  }

  @Test("is refused where it is too long or could be changed")
  func unusable() throws {
    let (connection, asker) = try pair()
    let file = try SealedMemoryFile([UInt8](repeating: 0, count: 101))
    asker.send([1], attaching: file.descriptor)
    #expect(receive(connection) == 1)
    #expect(
      throws: SystemError(
        "read the file that was sent", .fileTooLarge, because: "it is longer than 100 bytes")
    ) {
      try connection.takeFile(atMost: 100)
    }
    asker.send([1], attaching: 0)
    #expect(receive(connection) == 1)
    #expect(
      throws: SystemError(
        "read the file that was sent", .invalidArgument,
        because: "it is not a sealed memory file")
    ) { try connection.takeFile(atMost: 100) }
  }

  @Test("a reply that could not be made is sent without one")
  func unmade() throws {
    let (connection, asker) = try pair()
    connection.reply(nil)
    let (message, attached) = try asker.receiveWithDescriptor()
    #expect(message == ReplyFrame.bytes)
    #expect(attached == nil)
    #expect(try asker.receive().isEmpty)
  }

  @Test("of two with one message the first is let in")
  func two() throws {
    let (connection, asker) = try pair()
    let files = try ["first", "second"].map { try SealedMemoryFile(Array($0.utf8)) }
    try send([1], attaching: files.map { $0.descriptor }, over: asker.descriptor)
    #expect(receive(connection) == 1)
    let taken = try #require(try connection.takeFile(atMost: 100))
    #expect(try taken.bytes() == Array("first".utf8))
  }

  /// A message with any number of descriptors, laid out as cmsg(3) says.
  private func send(_ message: [UInt8], attaching numbers: [Int32], over socket: Int32) throws {
    var message = message
    var control = [Int](repeating: 0, count: 2 + (numbers.count * 4 + 7) / 8)
    control[0] = 16 + numbers.count * 4
    // SAFETY: header (length, then level and type) and numbers lie in the array, whose count is
    // given; all pointers are valid for the length of the calls.
    let sent = unsafe control.withUnsafeMutableBytes { control in
      unsafe control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
      unsafe control.storeBytes(of: 1, toByteOffset: 12, as: Int32.self)
      for (place, number) in numbers.enumerated() {
        unsafe control.storeBytes(of: number, toByteOffset: 16 + place * 4, as: Int32.self)
      }
      return unsafe message.withUnsafeMutableBytes { bytes in
        var part = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return unsafe withUnsafeMutablePointer(to: &part) { part in
          var whole = unsafe msghdr()
          unsafe whole.msg_iov = part
          unsafe whole.msg_iovlen = 1
          unsafe whole.msg_control = control.baseAddress
          unsafe whole.msg_controllen = control.count
          return unsafe sendmsg(socket, &whole, 0)
        }
      }
    }
    try #require(sent == message.count)
  }
}
