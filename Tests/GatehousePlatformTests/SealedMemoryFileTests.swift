import CPosix
import GatehousePlatform
import Glibc
import TestKit
import Testing

@Suite("A file that travels beside a frame")
struct SealedMemoryFileTests {
  @Test("what is put in comes out, again and again", arguments: [0, 1, 65_536, 3_000_000])
  func roundTrip(size: Int) throws {
    let content = [UInt8](repeating: 0x61, count: size)
    let file = try SealedMemoryFile(content)
    #expect(try file.bytes() == content)
    #expect(try file.bytes() == content)
    #expect(try readAll(file.descriptor, from: "file") == content)
  }

  @Test("nobody can change it any more")
  func unchangeable() throws {
    let file = try SealedMemoryFile(Array("abc".utf8))
    let number = file.descriptor
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
    #expect(throws: SystemError.self) {
      try SealedMemoryFile(checking: OwnedDescriptor(adopting: number), atMost: 1 << 20)
    }
  }

  @Test("one that is too long is not taken")
  func tooLong() throws {
    let file = try SealedMemoryFile([UInt8](repeating: 0, count: 11))
    func taken(_ limit: Int) throws -> SealedMemoryFile {
      try SealedMemoryFile(
        checking: OwnedDescriptor(adopting: dup(file.descriptor)), atMost: limit)
    }
    #expect(throws: SystemError.self) { try taken(10) }
    #expect(try taken(11).bytes().count == 11)
  }
}
