import GatehousePlatform
import TestKit
import Testing

@Suite("Whether another user may read a file")
struct FileReaderTests {
  private let folder: TemporaryDirectory
  /// In the group of the files, and the owner of none.
  private let member: FileReader
  /// Neither.
  private let other = FileReader(id: 65_534, groups: [65_534])

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write("x", to: "a/file")
    try #require(try run("chmod", ["755", folder.path]).status == 0)
    let group = try #require(Files.status(of: folder.file("a/file"))).group
    member = FileReader(id: 65_534, groups: [group, 65_534])
  }

  @Test(
    "the permission bits of its class decide, for the file and each folder before it",
    arguments: [
      ("755", "644", nil, nil), ("755", "640", nil, "file o+r"),
      ("755", "604", "file g+r", nil), ("755", "600", "file g+r", "file o+r"),
      ("750", "644", nil, "a o+x"), ("701", "600", "a g+x", "file o+r"),
      ("711", "644", nil, nil),
    ] as [(String, String, String?, String?)])
  func bits(folderMode: String, fileMode: String, member: String?, other: String?) throws {
    for (mode, name) in [(fileMode, "a/file"), (folderMode, "a")] {
      #expect(try run("chmod", [mode, folder.file(name)]).status == 0)
    }
    for (reader, expected) in [(self.member, member), (self.other, other)] {
      let found = reader.obstacle(to: folder.file("a/file"))
      #expect(found.map { "\($0.path.split(separator: "/").last ?? "") \($0.missing)" } == expected)
      #expect(found?.isFolder == expected.map { $0.hasPrefix("a ") })
      #expect(found?.hasAccessList != true)
    }
  }

  @Test("a folder is read only if its names may be listed")
  func listing() throws {
    #expect(try run("chmod", ["711", folder.file("a")]).status == 0)
    #expect(other.obstacle(to: folder.file("a"))?.missing == "o+r")
    #expect(other.obstacle(to: folder.file("a/file")) == nil)
  }

  @Test("the folders before a link and those before what it names count")
  func links() throws {
    try folder.write("x", to: "closed/b/file")
    _ = try run("ln", ["-s", "../closed/b/file", folder.file("a/link")])
    _ = try run("ln", ["-s", folder.file("closed"), folder.file("a/far")])
    _ = try run("ln", ["-s", "loop", folder.file("a/loop")])
    #expect(try run("chmod", ["700", folder.file("closed")]).status == 0)
    for path in ["a/link", "a/far/b/file", "a/../closed/b/file"] {
      #expect(other.obstacle(to: folder.file(path))?.path == folder.file("closed"), "\(path)")
    }
    #expect(other.obstacle(to: folder.file("a/loop")) == nil)
    #expect(other.obstacle(to: folder.file("a/none")) == nil)
  }

  @Test("root may read everything")
  func root() throws {
    #expect(try run("chmod", ["000", folder.file("a/file")]).status == 0)
    #expect(FileReader(id: 0, groups: [0]).obstacle(to: folder.file("a/file")) == nil)
  }

  @Test(
    "an access list is no answer, but to the owner",
    .enabled(if: SchemaJudge.python != nil, "needs Python"))
  func accessList() throws {
    let set = """
      import os, struct, sys
      entries = [(1, 6, -1), (2, 4, 1), (4, 4, -1), (16, 4, -1), (32, 4, -1)]
      acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
      os.setxattr(sys.argv[1], "system.posix_acl_access", acl)
      """
    let path = folder.file("a/file")
    #expect(try run("python3", ["-c", set, path]).status == 0)
    #expect(other.obstacle(to: path)?.hasAccessList == true)
    let owner = try #require(Files.status(of: path)).owner
    #expect(FileReader(id: owner, groups: []).obstacle(to: path) == nil)
  }
}
