import Glibc
import TestKit
import Testing

@testable import GatehousePolicy

@Suite("Reading a policy's files")
struct SnapshotReadingTests {
  private func found(_ reading: PolicyReading) -> [String] {
    (reading.diagnostics + Policy.load(reading.snapshot).diagnostics).map {
      "\($0.location?.fileAndLine ?? "-") \($0.severity.rawValue) \($0.name)"
    }
  }

  // SAFETY of every use: the paths are C strings for the time of the call.
  private func call(_ body: () -> CInt) throws {
    try #require(body() == 0, "errno \(errno)")
  }

  private func temporaryFolder() throws -> TemporaryDirectory {
    try TemporaryDirectory("gatehouse-policy")
  }

  @Test("A folder is policy.yaml, policy.d and the lists that they name", .enabled(if: isRoot))
  func folder() throws {
    let folder = try temporaryFolder()
    try folder.write("version: 1\nblock: [{file: lists/x.txt}]\n", to: "policy.yaml")
    try folder.write(
      "version: 1\nusers: {u: {only_from: [{file: ../lists/y.txt}]}}", to: "policy.d/b.yaml")
    try folder.write("version: 1\nmode: monitor", to: "policy.d/a.yaml")
    try folder.write("version: 1\nmode: off", to: "policy.d/.hidden.yaml")
    try folder.write("192.0.2.1\n", to: "lists/x.txt")
    try folder.write("192.0.2.2\n", to: "lists/y.txt")
    let reading = PolicySnapshot.read(path: folder.path, insecure: .error)
    #expect(found(reading) == [])
    // What was parsed to find the lists is not parsed again.
    #expect(Set(reading.documents.keys) == ["policy.yaml", "policy.d/b.yaml"])
    #expect(Policy.load(reading).diagnostics == Policy.load(reading.snapshot).diagnostics)
    #expect(
      reading.snapshot.policyFiles.map(\.name) == [
        "policy.yaml", "policy.d/a.yaml", "policy.d/b.yaml",
      ])
    #expect(Set(reading.snapshot.listFiles.keys) == ["lists/x.txt", "lists/y.txt"])
    #expect(Policy.load(reading.snapshot).policy?.mode == .monitor)
  }

  @Test(
    "The file of addresses of authorize is read, judged and kept like a list", .enabled(if: isRoot))
  func addressBook() throws {
    let folder = try temporaryFolder()
    try folder.write(
      "version: 1\nauthorize: {users: [al], addresses: ../book}\n", to: "policy.d/a.yaml")
    try folder.write("version: 1\n", to: "policy.yaml")
    try folder.write("al: al@example.org\n", to: "book")
    let read = { PolicySnapshot.read(path: folder.path, insecure: .error) }
    let snapshot = read().snapshot
    #expect(found(read()) == [] && Array(snapshot.listFiles.keys) == ["book"])
    let policy = try #require(Policy.load(snapshot).policy)
    let archive = try #require(SnapshotArchive(snapshot))
    #expect(archive.digest == policy.digest)
    #expect(Policy.load(try SnapshotArchive(decoding: archive.bytes).snapshot).policy != nil)
    try call { unsafe chmod(folder.file("book"), 0o666) }
    #expect(found(read()) == ["book:1 error insecure_file"])
    try call { unsafe unlink(folder.file("book")) }
    #expect(Policy.load(read()).diagnostics.map(\.name) == ["unreadable_file"])
  }

  @Test(
    "The digest that is begun while a list is read is that of all files",
    arguments: [1, 20_000, 40_000, 400_000])
  func digest(lines: Int) throws {
    let folder = try temporaryFolder()
    try folder.write(
      "version: 1\nblock: [{file: b.txt}, {file: a.txt}, {file: c.txt}]\n", to: "policy.yaml")
    try folder.write("version: 1\nmode: monitor", to: "policy.d/a.yaml")
    try folder.write(
      (0..<lines).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)\n" }.joined(), to: "a.txt")
    try folder.write("192.0.2.1\n", to: "b.txt")
    try folder.write(String(repeating: "192.0.2.2\n", count: 100_000), to: "c.txt")
    let reading = PolicySnapshot.read(path: folder.path, insecure: .warning)
    let digest = try #require(Policy.load(reading).policy?.digest)
    #expect(digest == Policy.load(reading.snapshot).policy?.digest)
  }

  @Test("A file stands alone", .enabled(if: isRoot))
  func file() throws {
    let folder = try temporaryFolder()
    try folder.write("version: 1\nmode: off", to: "policy.d/a.yaml")
    let path = try folder.write("version: 1\nblock: [{file: x.txt}]", to: "other.yaml")
    try folder.write("192.0.2.1", to: "x.txt")
    let reading = PolicySnapshot.read(path: path, insecure: .error)
    #expect(found(reading) == [])
    #expect(reading.snapshot.policyFiles.map(\.name) == ["other.yaml"])
  }

  @Test("What cannot be read is said, with its place")
  func unreadable() throws {
    let folder = try temporaryFolder()
    #expect(
      found(PolicySnapshot.read(path: folder.path, insecure: .warning)).contains(
        "policy.yaml:1 error unreadable_file"))
    #expect(
      found(PolicySnapshot.read(path: folder.file("none.yaml"), insecure: .warning)).contains(
        "none.yaml:1 error unreadable_file"))
    try folder.directory("policy.yaml")
    #expect(
      found(PolicySnapshot.read(path: folder.path, insecure: .warning)).contains(
        "policy.yaml:1 error unreadable_file"))
    let path = try folder.write("version: 1\nblock: [{file: none.txt}]", to: "p.yaml")
    #expect(
      found(PolicySnapshot.read(path: path, insecure: .warning)).contains(
        "p.yaml:2 error unreadable_file"))
    // Nor does a FIFO without a writer hold anybody up.
    try call { unsafe mkfifo(folder.file("fifo.yaml"), 0o600) }
    #expect(
      found(PolicySnapshot.read(path: folder.file("fifo.yaml"), insecure: .warning)).contains(
        "fifo.yaml:1 error unreadable_file"))
  }

  @Test(
    "A file or folder that looks like a policy and is not read is warned of",
    arguments: [
      "policy.yml", "policy", "policy.yaml.bak", "policy.yaml~", "bob.yaml", "bob.YAML", "bob.json",
      "conf.d/a.yaml", "policy.d/a.yml", "policy.d/bob", "policy.d/x.yaml.bak",
      "policy.d/sub/a.yaml",
    ])
  func ignoredFile(name: String) throws {
    let folder = try temporaryFolder()
    try folder.write("version: 1", to: "policy.yaml")
    try folder.write("version: 1", to: "policy.d/read.yaml")
    try folder.write("version: 1", to: name)
    let parts = name.split(separator: "/")
    let shown =
      name.hasPrefix("policy.d/")
      ? parts.prefix(2).joined(separator: "/") : String(parts[0])
    #expect(
      found(PolicySnapshot.read(path: folder.path, insecure: .warning))
        .filter { $0.hasSuffix("ignored_file") } == ["\(shown):1 warning ignored_file"])
  }

  @Test(
    "A list that the policy names, a hidden file and what has nothing of a policy are no such file")
  func otherFiles() throws {
    let folder = try temporaryFolder()
    try folder.write(
      "version: 1\nblock: [{file: lists/x.yaml}, {file: policy.d/y.txt}, {file: z.json}]",
      to: "policy.yaml")
    for name in [
      "lists/x.yaml", "policy.d/y.txt", "z.json", ".policy.yaml.swp", "policy.d/.a.yaml.swp",
      "notes.txt", "lists/other.txt",
    ] {
      try folder.write("192.0.2.1", to: name)
    }
    #expect(
      !found(PolicySnapshot.read(path: folder.path, insecure: .warning))
        .contains { $0.hasSuffix("ignored_file") })
  }

  @Test("Files and folders must be root's and writable by nobody else", .enabled(if: isRoot))
  func insecure() throws {
    let folder = try temporaryFolder()
    let policy = try folder.write("version: 1\nblock: [{file: x.txt}]", to: "policy.yaml")
    let list = try folder.write("192.0.2.1", to: "x.txt")
    let read = { self.found(PolicySnapshot.read(path: folder.path, insecure: .error)) }
    #expect(read() == [])
    try call { unsafe chmod(policy, 0o664) }
    #expect(read() == ["policy.yaml:1 error insecure_file"])
    try call { unsafe chmod(policy, 0o646) }
    #expect(read() == ["policy.yaml:1 error insecure_file"])
    try call { unsafe chmod(policy, 0o644) }
    try call { unsafe chown(list, 1, 0) }
    #expect(read() == ["x.txt:1 error insecure_file"])
    try call { unsafe chown(list, 0, 0) }
    try call { unsafe chmod(folder.path, 0o770) }
    #expect(read() == ["- error insecure_file"])
    #expect(
      found(PolicySnapshot.read(path: folder.path, insecure: .warning))
        == ["- warning insecure_file"])
  }

  @Test("Of a symbolic link the target is judged", .enabled(if: isRoot))
  func symbolicLink() throws {
    let folder = try temporaryFolder()
    let target = try folder.write("version: 1", to: "real.yaml")
    try call { unsafe symlink(target, folder.file("policy.yaml")) }
    let read = { self.found(PolicySnapshot.read(path: folder.path, insecure: .error)) }
    #expect(read() == [])
    try call { unsafe chmod(target, 0o666) }
    #expect(read() == ["policy.yaml:1 error insecure_file"])
  }
}
