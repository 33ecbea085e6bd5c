import GatehousePlatform
import Glibc
import SystemPackage
import TestKit
import Testing

@Suite("Files, as the daemon and the command read and write them")
struct FilesTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func code(_ path: String, atMost limit: Int) -> Errno? {
    do throws(SystemError) {
      _ = try Files.content(of: path, atMost: limit)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("a file is read as far as its bound, and one byte more is an error")
  func bound() throws {
    let path = try folder.write("0123456789", to: "file")
    #expect(try Files.content(of: path, atMost: 10) == Array("0123456789".utf8))
    #expect(code(path, atMost: 9) == .fileTooLarge)
    #expect(try Files.contentIfPresent(of: folder.file("none"), atMost: 9) == nil)
  }

  @Test("a sparse file of a terabyte is an error before anything is read")
  func sparse() throws {
    let path = folder.file("sparse")
    try Files.create(path, [], .init(mode: 0o600))
    // SAFETY: the path is a C string for the length of the call.
    try #require(unsafe truncate(path, 1 << 40) == 0)
    let start = ContinuousClock.now
    #expect(code(path, atMost: 256 << 20) == .fileTooLarge)
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  @Test("a file that grows while it is read is read no further than its bound")
  func growing() throws {
    let path = try folder.write("0123456789", to: "file")
    let file = try ReadableFile(path)
    try folder.write(String(repeating: "0123456789", count: 100), to: "file")
    do throws(SystemError) {
      _ = try file.bytes(atMost: 20)
      Issue.record("it was read whole")
    } catch {
      #expect(error.code == .fileTooLarge)
      #expect(error.description == "read \(path): it is longer than 20 bytes")
    }
  }

  @Test("a FIFO, a device and a folder are errors at once")
  func otherKinds() throws {
    let fifo = folder.file("fifo")
    // SAFETY: the path is a C string for the length of the call.
    try #require(unsafe mkfifo(fifo, 0o600) == 0)
    #expect(code(fifo, atMost: 100) == .invalidArgument)
    #expect(code("/dev/zero", atMost: 100) == .invalidArgument)
    #expect(code(folder.path, atMost: 100) == .isDirectory)
  }

  @Test("a file without a size is read to its end, and no further than its bound")
  func withoutSize() throws {
    #expect(try !Files.content(of: "/proc/self/status", atMost: 1 << 20).isEmpty)
    #expect(code("/proc/self/status", atMost: 10) == .fileTooLarge)
  }

  @Test("a replaced file has the new content, its mode, and nothing is left beside it")
  func replacing() throws {
    let path = try folder.write("old", to: "file")
    try Files.replace(path, with: [Array("ne".utf8), Array("w".utf8)], .init(mode: 0o640))
    #expect(try Files.content(of: path, atMost: 3) == Array("new".utf8))
    #expect(Files.status(of: path)?.mode == 0o640)
    #expect(try Files.names(in: folder.path) == ["file"])
    #expect(try ReadableFile(path).holds([Array("n".utf8), [], Array("ew".utf8)]))
    #expect(try !ReadableFile(path).holds([Array("ne".utf8)]))
    #expect(try !ReadableFile(path).holds([Array("newer".utf8)]))
  }

  @Test("a file that cannot be replaced stays as it was, and nothing is left beside it")
  func failedReplacing() throws {
    try Files.makeFolder(folder.file("folder"))
    try folder.write("x", to: "folder/inner")
    #expect(throws: SystemError.self) {
      try Files.replace(folder.file("folder"), with: [[1]], .init(mode: 0o600))
    }
    #expect(try Files.names(in: folder.path) == ["folder"])
    #expect(throws: SystemError.self) {
      try Files.replace(folder.file("none/file"), with: [[1]], .init(mode: 0o600))
    }
  }

  @Test("of several files none is replaced if one cannot be written, and nothing is left of them")
  func replacingSeveral() throws {
    let first = try folder.write("old", to: "a")
    let second = folder.file("b")
    #expect(throws: SystemError.self) {
      try Files.replace([first: [1], folder.file("none/c"): [2]], .init(mode: 0o644))
    }
    #expect(try readText(first) == "old")
    #expect(try Files.names(in: folder.path) == ["a"])
    try Files.replace([first: [1], second: [2]], .init(mode: 0o644))
    #expect(try readFile(first) == [1])
    #expect(try readFile(second) == [2])
    #expect(Files.status(of: second)?.mode == 0o644)
    #expect(try Files.names(in: folder.path).sorted() == ["a", "b"])
  }

  @Test("a file is readable by all if its mode and every folder above it let them")
  func readableByAll() throws {
    #expect(Files.isReadableByAll("/etc/passwd"))
    #expect(!Files.isReadableByAll(folder.file("none")))
    let path = try folder.write("x", to: "file")
    // SAFETY: the path is a C string for the length of the call.
    try #require(unsafe chmod(path, 0o600) == 0)
    #expect(!Files.isReadableByAll(path))
  }

  @Test("a lock is held by one at a time")
  func locking() throws {
    let path = folder.file("lock")
    do {
      let first = try Files.openForLock(path)
      #expect(try first.lock(path))
      let second = try Files.openForLock(path)
      #expect(try !second.lock(path))
    }
    let third = try Files.openForLock(path)
    #expect(try third.lock(path))
  }

  @Test("an error names what was tried, where, and why, and what to do")
  func errors() {
    let error = SystemError("write", "/x", .noSpace)
    #expect(error.description == "write /x: No space left on device")
    #expect(error.remedy == "make room there, then try again")
    #expect(SystemError("fork", .permissionDenied).description == "fork: Permission denied")
  }
}

@Suite("Lengths of time")
struct DurationTests {
  @Test(
    "whole microseconds stay within Int64",
    arguments: [
      (Duration.zero, Int64(0)), (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
      (.nanoseconds(1_999), 1), (.nanoseconds(-1_999), -1), (.microseconds(Int64.max), .max),
      (.microseconds(Int64.min), .min), (.seconds(1), 1_000_000),
    ])
  func microseconds(duration: Duration, count: Int64) {
    #expect(duration.wholeMicroseconds == count)
  }

  @Test("seconds are rounded up")
  func seconds() {
    #expect(Duration.milliseconds(1).wholeSecondsRoundedUp == 1)
    #expect(Duration.seconds(2).wholeSecondsRoundedUp == 2)
    #expect(Duration.zero.wholeSecondsRoundedUp == 0)
    #expect((Duration.seconds(Int64.max) * 4).wholeSecondsRoundedUp == .max)
  }
}
