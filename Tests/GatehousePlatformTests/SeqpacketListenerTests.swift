import GatehousePlatform
import Glibc
import TestKit
import Testing

@Suite("A socket that a path is bound to")
struct SeqpacketListenerTests {
  /// What the kernel says of this process's umask, without setting it.
  private func umaskLine() throws -> Substring? {
    try readText("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("Umask:") }
  }

  @Test("is for this user alone, and the umask stays, however many are bound at once")
  func mode() throws {
    let before = try umaskLine()
    let folder = try TemporaryDirectory("gatehouse-listener")
    let paths = (0..<8).map { folder.file("socket\($0)") }
    let threads = try paths.map { path in
      try Thread("bind") {
        for _ in 0..<100 {
          _ = try? SeqpacketListener(binding: path)
          try? Files.remove(path)
        }
        _ = try? SeqpacketListener(binding: path)
      }
    }
    for thread in threads { thread.join() }
    for path in paths {
      var status = stat()
      // SAFETY: the path is a C string, and the structure one of this frame.
      try #require(unsafe lstat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
    #expect(try umaskLine() == before)
  }
}
