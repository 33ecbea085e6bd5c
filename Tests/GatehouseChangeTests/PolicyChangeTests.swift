import GatehousePlatform
import GatehousePolicy
import GatehouseState
import Glibc
import TestKit
import Testing

@testable import GatehouseChange

@Suite("A change of a policy")
struct PolicyChangeTests {
  private let new = ["policy.yaml": "version: 1\nmode: off\n", "policy.d/b.yaml": "version: 1\n"]

  @Test("the folder holds exactly the new policy; what is no part of a policy stays")
  func put() throws {
    let bench = try ChangeBench()
    try bench.write(["policy.d/notes.txt": "mine", "README": "mine", "policy.d/.hidden.yaml": "x"])
    let put = try bench.put(new)
    #expect(put.unsettled == nil)
    #expect(bench.read == new)
    #expect(
      try bench.files() == [
        "README", "policy.d", "policy.d/.hidden.yaml", "policy.d/b.yaml", "policy.d/notes.txt",
        "policy.yaml",
      ])
  }

  @Test("lists go with the policy, into folders that are made; those outside stay as they are")
  func lists() throws {
    let bench = try ChangeBench()
    try bench.folder.write("192.0.2.1\n", to: "elsewhere.txt")
    let text = "version: 1\nblock: [{file: lists/deep/x.txt}, {file: ../elsewhere.txt}]\n"
    let files = ["policy.yaml": text, "lists/deep/x.txt": "192.0.2.2\n"]
    let archive = try bench.archive(files)
    #expect(archive.outsideNames == ["../elsewhere.txt"])
    #expect(try bench.change().put(archive, means: .apply, reason: nil).unsettled == nil)
    #expect(bench.read == files)
    #expect(try readText(bench.folder.file("elsewhere.txt")) == "192.0.2.1\n")
  }

  @Test("what was got takes the place of what was got before only once it is accepted")
  func folded() throws {
    let bench = try ChangeBench()
    let path = bench.folder.file("got.txt")
    try bench.folder.write("192.0.2.1\n", to: "got.txt")
    let policy = "version: 1\nblock: [{file: \(path)}]\n"
    try bench.write(["policy.yaml": policy, "policy.d/a.yaml": "version: 1\n"])
    func put(_ text: String, by change: PolicyChange) throws -> PolicyChange.Put {
      let archive = try bench.archive([
        "policy.yaml": policy, "policy.d/a.yaml": "version: 1\n", path: text,
      ])
      return try change.put(contents: [path: Array(text.utf8)], archive, reason: "home")
    }
    func standing() throws -> Int { try #require(try bench.history.newest()).number }
    func accepted(_ text: String) throws -> Int {
      let change = try bench.change()
      let done = try put(text, by: change)
      try change.accept(done)
      return done.number
    }
    let first = try accepted("192.0.2.2\n")
    do {
      let change = try bench.change()
      let refused = try put("192.0.2.3\n", by: change)
      try change.takeBack(refused, contents: [path])
    }
    #expect(try readText(path) == "192.0.2.2\n")
    #expect(try standing() == first)
    let second = try accepted("192.0.2.4\n")
    #expect(try standing() == second)
    #expect(try !bench.history.numbers().contains(first))
  }

  @Test("what was got and cannot be written for each network is written for none")
  func unwritten() throws {
    let bench = try ChangeBench()
    let path = bench.folder.file("got.txt")
    try bench.folder.write("192.0.2.1\n", to: "got.txt")
    let archive = try bench.archive(["policy.yaml": "version: 1\nblock: [{file: \(path)}]\n"])
    let contents = [path: Array("192.0.2.2\n".utf8), bench.folder.file("none/got.txt"): []]
    let change = try bench.change()
    #expect(throws: SystemError.self) {
      try change.put(contents: contents, archive, reason: "home")
    }
    #expect(try readText(path) == "192.0.2.1\n")
    #expect(try !Files.names(in: bench.history.path).contains(".pending"))
    #expect(try bench.history.newest()?.record.means == .hand)
  }

  @Test("files keep their mode, but for who else could write them; new ones are readable by all")
  func modes() throws {
    let bench = try ChangeBench()
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe chmod(bench.folder.file("etc/policy.yaml"), 0o660) == 0)
    try bench.put(new)
    func mode(_ name: String) throws -> String {
      try run("/usr/bin/stat", ["--format=%a %u", bench.folder.file("etc/\(name)")]).output
    }
    #expect(try mode("policy.yaml") == "640 \(geteuid())\n")
    #expect(try mode("policy.d/b.yaml") == "644 \(geteuid())\n")
  }

  @Test(
    "an entry from before it was kept whether a policy was accepted is read",
    arguments: [
      (ChangeRecord.Means.apply, true), (.hand, false),
    ])
  func earlierEntry(means: ChangeRecord.Means, isAccepted: Bool) throws {
    let bench = try ChangeBench()
    try bench.put(new)
    let number = try #require(try bench.history.newest()).number
    let record = ChangeRecord(author: nil, means: means, reason: "why")
    let pieces = try KeptChange.entryVersion1.pieces(KeptPolicy(record, bench.archive(new)))
    try writeFile(bench.folder.file("history/\(number)"), Array(pieces.joined()))
    let entry = try #require(try bench.history.newest())
    #expect(entry.number == number && entry.record.reason == "why")
    #expect(entry.record.isAccepted == isAccepted)
    #expect(try entry.archive.digest == bench.archive(new).digest)
  }

  @Test("the history says who, from where, when, how and why; what was written by hand comes first")
  func history() throws {
    let bench = try ChangeBench()
    let before = Instant.now()
    try bench.put(new, reason: "less\nnoise")
    #expect(try bench.entries == ["1 hand monitor", "2 apply off"])
    let entry = try #require(try bench.history.newest())
    #expect(entry.record.author?.user == "alice")
    #expect(entry.record.author?.address == IPAddress("192.0.2.7"))
    #expect(entry.record.reason == "less\\u{a}noise")
    #expect(entry.record.time >= before && entry.record.time <= .now())
    try bench.write(["policy.yaml": "version: 1\nmode: enforce\n"])
    try bench.put(ChangeBench.old)
    #expect(
      try bench.entries == ["1 hand monitor", "2 apply off", "3 hand enforce", "4 apply monitor"])
  }

  @Test("the last twenty are kept, and keep their numbers")
  func bound() throws {
    let bench = try ChangeBench()
    for number in 1...25 { try bench.put(["policy.yaml": "version: 1\n# \(number)\n"]) }
    #expect(try bench.history.numbers() == Array(7...26))
  }

  @Test("a damaged entry is none, and hides no other")
  func damage() throws {
    let bench = try ChangeBench()
    try bench.put(new)
    try bench.folder.write("gatehouse change, format 1\n", to: "history/2")
    #expect(try bench.history.entry(2) == nil)
    #expect(try bench.history.newest()?.number == 1)
  }

  @Test("a change that is taken back leaves no trace in folder and history")
  func takeBack() throws {
    let bench = try ChangeBench()
    let change = try bench.change()
    let put = try change.put(try bench.archive(new), means: .apply, reason: nil)
    #expect(try change.takeBack(put))
    #expect(bench.read == ChangeBench.old)
    #expect(try bench.entries == ["1 hand monitor"])
  }

  @Test("one changes at a time; the other is told who it is")
  func lock() throws {
    let bench = try ChangeBench()
    let first = try bench.change()
    let error = #expect(throws: PolicyChange.Obstacle.self) { try bench.begin(by: "bob") }
    guard case .busy(let holder) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holder.hasPrefix("gatehouse test, pid \(getpid()), alice from 192.0.2.7, since 20"))
    #expect(first.present.snapshot.policyFiles.count == 2)
  }

  @Test("what could not be staged leaves the policy, and nothing else, as it was")
  func obstructed() throws {
    let bench = try ChangeBench()
    try bench.write(["lists": "a file where a folder should be"])
    let archive = try bench.archive([
      "policy.yaml": "version: 1\nblock: [{file: lists/x.txt}]\n", "lists/x.txt": "",
    ])
    #expect(throws: SystemError.self) {
      try bench.change().put(archive, means: .apply, reason: nil)
    }
    #expect(bench.read == ChangeBench.old)
    #expect(try bench.entries == ["1 hand monitor"])
    #expect(try bench.files() == ["lists", "policy.d", "policy.d/a.yaml", "policy.yaml"])
  }

  @Test("what was committed and not finished is the policy, and the next change finishes it")
  func unfinished() throws {
    let bench = try ChangeBench()
    let archive = try bench.archive(new)
    try bench.history.prepare()
    _ = try bench.history.begin(.init(author: nil, means: .apply, reason: nil), archive)
    let folder = PolicyFolder(bench.path)
    try folder.stage(archive.snapshot)
    #expect(bench.read == ChangeBench.old)
    try folder.commit()
    #expect(bench.read == new)
    let reading = PolicySnapshot.read(path: bench.path, insecure: .warning)
    #expect(reading.diagnostics.contains { $0.name == "unfinished_change" })
    _ = try bench.change()
    #expect(bench.read == new)
    #expect(try bench.files() == ["policy.d", "policy.d/b.yaml", "policy.yaml"])
    #expect(try bench.entries == ["1 apply off"])
  }

  @Test("what was written by hand over an unfinished change is not lost")
  func handOverUnfinished() throws {
    let bench = try ChangeBench()
    try bench.change().recordPresent()
    let archive = try bench.archive(new)
    _ = try bench.history.begin(.init(author: nil, means: .apply, reason: nil), archive)
    let folder = PolicyFolder(bench.path)
    try folder.stage(archive.snapshot)
    try folder.commit()
    try bench.write(["policy.yaml": "version: 1\nmode: enforce\n"])
    try bench.change().recordPresent()
    #expect(bench.read["policy.yaml"] == "version: 1\nmode: enforce\n")
    #expect(try bench.entries == ["1 hand monitor", "2 apply off", "3 hand enforce"])
  }

  @Test(
    "a reader sees one policy or the other, however often they are swapped", .timeLimit(.minutes(1))
  )
  func race() async throws {
    let bench = try ChangeBench([
      "policy.yaml": "version: 1\n# 0\n", "policy.d/a.yaml": "version: 1\n# 0\n",
    ])
    let path = bench.path
    async let torn = Task.detached {
      var torn = 0
      for _ in 0..<2000 {
        let reading = PolicySnapshot.read(path: path, insecure: .warning)
        let contents = Set(reading.snapshot.policyFiles.map(\.content))
        if contents.count > 1
          && !reading.diagnostics.contains(where: { $0.name == "changing_files" })
        {
          torn += 1
        }
      }
      return torn
    }.value
    for number in 1...60 {
      let text = "version: 1\n# \(number)\n"
      try bench.put(["policy.yaml": text, "policy.d/a.yaml": text])
    }
    #expect(await torn == 0)
  }
}
