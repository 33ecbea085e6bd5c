import CPosix
import GatehouseClient
import GatehouseSystem
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite("A file that travels beside a frame")
struct SealedFileTests {
  @Test("what is put in comes out, again and again", arguments: [0, 1, 65_536, 3_000_000])
  func roundTrip(size: Int) throws {
    let content = [UInt8](repeating: 0x61, count: size)
    let file = try SealedFile(content.span)
    #expect(try file.bytes() == content)
    #expect(try file.bytes() == content)
    #expect(try readAll(file.descriptor.rawValue, from: "file") == content)
  }

  @Test("nobody can change it any more")
  func unchangeable() throws {
    let file = try SealedFile(Array("abc".utf8).span)
    let number = file.descriptor.rawValue
    // SAFETY: one byte of this frame.
    #expect(unsafe write(number, "x", 1) == -1)
    #expect(ftruncate(number, 1) == -1)
    #expect(ftruncate(number, 9) == -1)
    #expect(try file.bytes() == Array("abc".utf8))
  }

  @Test(
    "one that could still be changed is not taken", arguments: ["unsealed", "/etc/passwd", "/"])
  func notSealed(kind: String) throws {
    // SAFETY: the paths are C strings for the length of the calls.
    let number =
      unsafe kind == "unsealed"
      ? gh_memory_file("test") : open(kind, O_RDONLY | O_CLOEXEC)
    try #require(number >= 0)
    #expect(throws: SealedFile.Failure.notSealed) {
      try SealedFile(checking: Descriptor(adopting: number), atMost: 1 << 20)
    }
  }

  @Test("one that is too long is not taken")
  func tooLong() throws {
    let file = try SealedFile([UInt8](repeating: 0, count: 11).span)
    func taken(_ limit: Int) throws -> SealedFile {
      try SealedFile(
        checking: Descriptor(adopting: dup(file.descriptor.rawValue)), atMost: limit)
    }
    #expect(throws: SealedFile.Failure.tooLong) { try taken(10) }
    #expect(try taken(11).bytes().count == 11)
  }

  @Test("it arrives with its request, also after a lost connection")
  func sending() throws {
    let daemon = try FakeDaemon { client, number in
      guard let (_, attached) = try? client.receiveWithDescriptor(), let attached else { return }
      defer { close(attached) }
      // The first connection is lost before the answer.
      if number > 0 { client.send(bytes(.report(exitStatus: 0)), attaching: attached) }
    }
    #expect(try Self.text(back: "a policy", from: daemon.path) == Array("a policy".utf8))
    #expect(daemon.connections == 2)
  }

  /// Sends a file, and gives the text of the report.
  private static func text(back content: String, from path: String) throws -> [UInt8] {
    let bytes = Array(path.utf8)
    guard let path = SocketPath(bytes.span) else { throw TestKitError("no path of a socket") }
    let file = try SealedFile(Array(content.utf8).span)
    let report = try Daemon.report(
      on: .status(.text), attaching: file, at: path, deadline: Deadline(milliseconds: 10_000))
    return try readAll(report.text.rawValue, from: "report")
  }
}
