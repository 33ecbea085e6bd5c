import GatehousePolicy
import Glibc
import TestKit
import Testing

@testable import GatehouseImport

/// Imports of hosts.allow and hosts.deny against tcpdmatch, which is TCP wrappers' own answer.
@Suite(.enabled(if: RealTCPWrappers.obstacle == nil, "\(RealTCPWrappers.obstacle ?? "")"))
struct RealHostsTests {
  @Test(
    "imported hosts.allow and hosts.deny decide as tcpdmatch says, or the import says what it leaves out"
  )
  func random() throws {
    let wrappers = try RealTCPWrappers()
    var made: [(files: (allow: String, deny: String), made: Import, policy: Policy)] = []
    var questions: [HostsQuestion] = []
    for index in 0..<fileCount {
      var random = RandomHostsFiles(Difficulty.allCases[index % 3], seed: UInt64(index))
      let files = random.next()
      guard let result = try? importedHosts(allow: files.allow, deny: files.deny) else {
        // Nothing is refused, whoever it is.
        questions += [HostsQuestion(files: files, daemon: "sshd", address: "192.0.2.1")]
        continue
      }
      made.append((files, result, try loaded(result.policy)))
      var picks = SeededRandom(seed: UInt64(index))
      let named = namedDaemons(files)
      for _ in 0..<2 {
        questions.append(
          HostsQuestion(
            files: files, daemon: picks.pick(RandomHostsFiles.daemons.always + named),
            address: picks.pick(RandomHostsFiles.addresses)))
      }
    }
    let answers = try wrappers.ask(questions)
    var compared = 0
    let imports = Dictionary(made.map { ($0.files.allow + "\0" + $0.files.deny, $0) }) { first, _ in
      first
    }
    for (question, expected) in zip(questions, answers) {
      let files = question.files
      guard let one = imports[files.allow + "\0" + files.deny] else {
        #expect(expected, "not imported, and \(question) is refused")
        continue
      }
      compared += 1
      for service in HostsServices.services(of: Name(question.daemon)) {
        let isAllowed = one.policy.allows(
          "alice", ["users"], question.address, service: service.description)
        let isRight =
          one.made.isComplete
          ? isAllowed == expected
          : expected || !isAllowed || one.made.diagnostics.contains(where: \.opens)
        #expect(
          isRight,
          """
          \(question.daemon) from \(question.address): tcpdmatch \(expected), the policy \(isAllowed)
          \(files.allow)---\n\(files.deny)---
          \(one.made.policy)
          \(one.made.diagnostics)
          """)
      }
    }
    // If too few were compared or complete, the test would show nothing.
    #expect(compared > fileCount)
    #expect(made.count { $0.made.isComplete } > fileCount / 3)
  }
}

/// How many random pairs are compared.
private let fileCount = rounds("GATEHOUSE_HOSTS_FILES", usually: 1000)

/// A connection about which tcpdmatch is asked.
struct HostsQuestion {
  let files: (allow: String, deny: String)
  let daemon: String
  let address: String
}

/// The library of TCP wrappers, as tcpdmatch asks it.
struct RealTCPWrappers {
  private let directory: TemporaryDirectory

  /// Why it cannot be asked on this machine; nil if it can.
  static let obstacle: String? = {
    do {
      let questions = ["192.0.2.1", "192.0.2.2"].map {
        HostsQuestion(files: ("sshd: 192.0.2.1\n", "ALL: ALL\n"), daemon: "sshd", address: $0)
      }
      return try RealTCPWrappers().ask(questions) == [true, false]
        ? nil : "tcpdmatch does not answer"
    } catch {
      return "this needs tcpdmatch of Debian's tcpd: \(error)"
    }
  }()

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// Whether each connection is granted.
  func ask(_ questions: [HostsQuestion]) throws -> [Bool] {
    for (number, question) in questions.enumerated() {
      _ = try directory.write(question.files.allow, to: "\(number)/hosts.allow")
      _ = try directory.write(question.files.deny, to: "\(number)/hosts.deny")
    }
    // Names are not looked up: tcpdmatch is given addresses alone.
    let script = """
      number=0
      while read -r daemon address; do
        cd "$1/$number" || exit
        /usr/sbin/tcpdmatch -d "$daemon" "$address" || exit
        echo END
        number=$((number + 1))
      done
      """
    let outcome = try run(
      "/bin/sh", ["-c", script, "sh", directory.path],
      input: questions.map { "\($0.daemon) \($0.address)\n" }.joined(), seconds: 600)
    let answers = outcome.output.split(separator: "END\n", omittingEmptySubsequences: false)
      .dropLast()
    guard outcome.status == 0, answers.count == questions.count,
      answers.allSatisfy({ $0.contains("\naccess:") })
    else {
      throw TestKitError(
        "tcpdmatch: status \(outcome.status), \(answers.count) answers: \(outcome.errors)")
    }
    return answers.map { $0.contains("access:   granted") }
  }
}
