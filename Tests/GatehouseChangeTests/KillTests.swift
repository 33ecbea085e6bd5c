import GatehouseChange
import GatehousePolicy
import TestKit
import Testing

@Suite("A change that is killed", .enabled(if: isRoot && KillHost.works, "needs root and ptrace"))
struct KillTests {
  private static let old = [
    "policy.yaml": "version: 1\nmode: monitor\n", "policy.d/a.yaml": "version: 1\n",
    "policy.d/b.yaml": "version: 1\nblock: [192.0.2.1]\n",
  ]
  private static let new = [
    "policy.yaml": "version: 1\nmode: off\nblock: [{file: lists/x.txt}]\n",
    "policy.d/b.yaml": "version: 1\nblock: [192.0.2.2]\n", "policy.d/c.yaml": "version: 1\n",
    "lists/x.txt": "192.0.2.3\n",
  ]

  private func candidateFolder() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("gatehouse-candidate")
    for (name, text) in Self.new { try folder.write(text, to: name) }
    return folder
  }

  private func inside(_ files: [String: String]) -> [String: [UInt8]] {
    files.mapValues { Array($0.utf8) }
  }

  /// Applies the new policy, and kills that at a step; 0 lets it run.
  private func apply(_ candidate: TemporaryDirectory, _ bench: ChangeBench, step: Int) throws
    -> ProcessResult
  {
    try KillHost.run(
      builtProgram("gatehouse"),
      [
        "apply", candidate.path, "--allow-lockout=all", "--folder", bench.path,
        "--history", bench.history.path, "--socket", bench.folder.file("none"), "--reason", "try",
      ],
      at: step,
      environment: ["SSH_CONNECTION": "", "SSH_CLIENT": "", "SUDO_USER": "carol"])
  }

  @Test(
    "before and after each write, fsync and rename: one policy or the other, and a true history")
  func everyStep() throws {
    let candidate = try candidateFolder()
    let whole = try apply(candidate, ChangeBench(Self.old), step: 0)
    let steps = try #require(whole.output.split(separator: "\n").last.flatMap { Int($0) })
    #expect(steps > 60)
    var sawNew = false
    for step in 1...steps {
      let bench = try ChangeBench(Self.old)
      #expect(try apply(candidate, bench, step: step).status == 0)
      let seen = bench.read
      #expect(seen == Self.old || seen == Self.new, "step \(step): \(seen)")
      // Never back to the old one.
      #expect(!sawNew || seen == Self.new, "step \(step)")
      sawNew = seen == Self.new

      // The next change sees the same, and leaves nothing of this one but what it came to.
      try bench.change().recordPresent()
      #expect(bench.read == seen, "step \(step)")
      let entries = try bench.history.numbers().map { try #require(try bench.history.entry($0)) }
      #expect(entries.map(\.record.means) == (sawNew ? [.hand, .apply] : [.hand]), "step \(step)")
      if sawNew {
        #expect(entries.last?.record.author != nil)
        #expect(entries.last?.record.isAccepted == false)
        #expect(entries.last?.record.reason == "try")
        #expect(entries.last?.archive.snapshot.inside == inside(Self.new))
      }
      let hidden = try bench.files().filter { $0.contains("/.") || $0.hasPrefix(".") }
      #expect(hidden == [], "step \(step)")
    }
    #expect(sawNew)
  }
}
