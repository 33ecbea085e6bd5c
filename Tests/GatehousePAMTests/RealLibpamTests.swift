import GatehousePAM
import Glibc
import PAMKit
import TestKit
import Testing

/// The model against the libpam of this machine, on random files.
@Suite(.enabled(if: RealLibpam.obstacle == nil, "\(RealLibpam.obstacle ?? "")"))
struct RealLibpamTests {
  @Test(
    "random stacks return what libpam returns", arguments: RandomService.Kind.allCases)
  func random(kind: RandomService.Kind) throws {
    let dialect = try RealLibpam.dialect()
    let size = 250
    var known = 0
    for round in 0..<RealLibpam.folders {
      var files = FolderFiles()
      files.modules = ["pam_debug.so", "pam_permit.so", "pam_deny.so"]
      let names = (0..<size).map { "s\($0)" }
      for (number, name) in names.enumerated() {
        var service = RandomService(kind, seed: UInt64(round * size + number), name: name)
        files.files.merge(service.next()) { first, _ in first }
      }
      // What every service of a folder shares; an error in it would refuse all of them.
      if round % 3 == 1 {
        var other = RandomService(.tidy, seed: UInt64(round), name: "other")
        files.files.merge(other.next()) { first, _ in first }
      }
      // What makes libpam crash or hang is not asked.
      let expectations = names.compactMap { name in
        StackReader.read(name, by: dialect, from: files).answer.map { (name: name, answer: $0) }
      }
      known += expectations.count
      let answers = try RealLibpam.ask(expectations.map(\.name), files)
      for ((name, expected), answer) in zip(expectations, answers) {
        guard answer != expected else { continue }
        let written = files.files.filter { path, _ in
          path.hasSuffix("/\(name)") || path.contains("/\(name)-")
        }
        let texts = written.map { "== \($0)\n\(String(decoding: $1, as: UTF8.self))" }.sorted()
        Issue.record(
          """
          round \(round), \(name): libpam says \(answer), the model \(expected)
          \(texts.joined(separator: "\n"))
          """)
        return
      }
    }
    // Else the test would show nothing.
    #expect(known >= RealLibpam.folders * size * (kind == .tidy ? 95 : 80) / 100)
  }
}

enum RealLibpam {
  /// So many folders of 250 services each, of either kind.
  static let folders = rounds("GATEHOUSE_STACK_ROUNDS", usually: 4)

  /// A folder with another Debian, whose libpam is asked instead: `GATEHOUSE_STACK_ROOT`. It has
  /// stack-host in it, made by `cc -o ROOT/stack-host Tests/StackHost/main.c -lpam`.
  // SAFETY: getenv() gives a C string, or nil; nothing changes the environment meanwhile.
  private static let root =
    unsafe getenv("GATEHOUSE_STACK_ROOT").map { unsafe String(cString: $0) } ?? ""

  /// Why libpam cannot be asked here, or nil.
  static let obstacle: String? = {
    if !isRoot { return "it takes root, for a mount namespace" }
    do {
      let answers = try ask(
        ["s"], FolderFiles(["s": "account required pam_debug.so acct=cred_err\n"]))
      return answers == ["17"] ? nil : "pam_debug.so does not answer: \(answers)"
    } catch {
      return "libpam cannot be asked: \(error)"
    }
  }()

  /// The dialect of that libpam: Debian 12's or 13's.
  static func dialect() throws -> PAMDialect {
    try readText("\(root)/etc/os-release").contains("VERSION_ID=\"12\"") ? .debian12 : .debian13
  }

  /// What libpam says of each of the services.
  static func ask(_ services: [String], _ files: FolderFiles) throws -> [String] {
    let directory = try TemporaryDirectory()
    let etc = try directory.directory("etc")
    let vendor = try directory.directory("vendor")
    for (path, bytes) in files.files {
      let name = String(path.split(separator: "/").last ?? "")
      try writeFile("\(path.hasPrefix("/etc/") ? etc : vendor)/\(name)", bytes)
    }
    let host = try builtProgram("stack-host")
    let outcome = try run(
      host, [etc, vendor] + (root.isEmpty ? [] : [root]),
      input: services.map { "\($0)\n" }.joined(), seconds: 300)
    let answers = outcome.output.split(separator: "\n").map(String.init)
    guard outcome.status == 0, answers.count == services.count else {
      throw TestKitError(
        "stack-host: status \(outcome.status), \(answers.count) answers: \(outcome.errors)")
    }
    return answers
  }
}
