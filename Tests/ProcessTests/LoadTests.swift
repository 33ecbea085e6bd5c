import GatehouseControl
import GatehouseWire
import Glibc
import Synchronization
import TestKit
import Testing

/// Questions without a pause, while the policy changes all the time.
///
/// `GATEHOUSE_QUESTIONS=10000000` asks as many; `GATEHOUSED` names another daemon than the one of this
/// build, an optimised one for instance.
@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct LoadTests {
  /// The users whom each generation allows from 192.0.2.0/24; every second one refuses `daemon`.
  private static func policy(_ generation: Int) -> String {
    let confined = generation % 2 == 0 ? "" : "users: {daemon: {only_from: [nowhere]}}\n"
    return """
      version: 1
      message: "g\(generation) {id}"
      everyone: {from: [192.0.2.0/24]}
      roles: {g\(generation): {members: {users: [games, daemon]}}}

      """ + confined
  }

  /// What the askers and the one who reloads know of each other.
  private final class Progress: Sendable {
    /// The newest generation that has taken effect for sure, and the newest that may have.
    let loaded = Atomic<Int>(1)
    let begun = Atomic<Int>(1)
    let answered = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    private let problems = Mutex<[String]>([])

    /// The first few problems.
    var found: [String] { problems.withLock { $0 } }

    func note(_ problem: String) {
      problems.withLock { if $0.count < 10 { $0.append(problem) } }
      isOver.store(true, ordering: .sequentiallyConsistent)
    }
  }

  /// Asks until there have been so many answers, and checks each.
  private static func ask(_ socket: String, first: Int, atMost count: Int, _ progress: Progress) {
    let kinds = [("games", "192.0.2.7"), ("games", "203.0.113.5"), ("daemon", "192.0.2.8")]
    let questions = kinds.map { DaemonBench.question($0.0, from: $0.1) }
    var turn = first
    while !progress.isOver.load(ordering: .relaxed) {
      turn += 1
      let (user, address) = kinds[turn % kinds.count]
      let lowest = progress.loaded.load(ordering: .sequentiallyConsistent)
      do {
        let connection = try SeqpacketSocket(connectingTo: socket)
        connection.send(questions[turn % kinds.count])
        let answer = try DaemonBench.answer(on: connection)
        let highest = progress.begun.load(ordering: .sequentiallyConsistent)
        // An allow names its generation by the role, a denial by the text.
        let name = answer.decision == .allow ? answer.roles : answer.message
        let number = Int(name.dropFirst().prefix { $0 != " " }) ?? -1
        let isAllowed = address != "203.0.113.5" && (user == "games" || number % 2 == 0)
        if !(lowest...highest).contains(number) || (answer.decision == .allow) != isAllowed {
          progress.note("\(user) from \(address), \(lowest)...\(highest): \(answer)")
        }
      } catch {
        progress.note("\(user) from \(address): \(error)")
      }
      if progress.answered.wrappingAdd(1, ordering: .relaxed).newValue >= count {
        progress.isOver.store(true, ordering: .sequentiallyConsistent)
      }
    }
  }

  /// Loads one generation after the other, ten in a second.
  private static func reload(_ bench: DaemonBench, _ progress: Progress) {
    var generation = 1
    while !progress.isOver.load(ordering: .relaxed) {
      generation += 1
      do {
        try bench.folder.write(policy(generation), to: "etc/policy.yaml")
        progress.begun.store(generation, ordering: .sequentiallyConsistent)
        let verdict = try bench.reload()
        guard verdict.exitStatus == 0 else { return progress.note(verdict.text) }
        progress.loaded.store(generation, ordering: .sequentiallyConsistent)
      } catch {
        return progress.note("reload \(generation): \(error)")
      }
      usleep(100_000)
    }
  }

  @Test("under full load every answer is of a generation that was live, and nothing grows")
  func fullLoad() throws {
    let count = rounds("GATEHOUSE_QUESTIONS", usually: 20_000)
    let bench = try DaemonBench(policy: Self.policy(1))
    let launcher = "exec \"$@\" 2>/dev/null"
    let daemon =
      if let other = environment("GATEHOUSED") {
        try bench.start("shift; set -- '\(other)' \"$@\"; \(launcher)")
      } else {
        try bench.start(launcher)
      }
    let progress = Progress()
    let mark = min(count / 2, 1_000_000)
    var before = (memory: 0, descriptors: 0)
    do {
      let threads = try (0..<4).map { first in
        try BackgroundThread {
          Self.ask(bench.socket, first: first, atMost: count, progress)
        }
      }
      let reloader = try BackgroundThread { Self.reload(bench, progress) }
      while !progress.isOver.load(ordering: .relaxed) {
        if before.memory == 0, progress.answered.load(ordering: .relaxed) >= mark {
          before = (try memory(of: daemon), try daemon.openDescriptorCount())
        }
        usleep(10_000)
      }
      withExtendedLifetime((threads, reloader)) {}
    }
    #expect(progress.found == [])
    #expect(progress.answered.load(ordering: .relaxed) >= count)
    #expect(progress.loaded.load(ordering: .relaxed) > 1)
    #expect(daemon.poll() == nil)
    // In KiB. What is freed between two loads is not all given back at once.
    #expect(try memory(of: daemon) <= before.memory + 4096)
    try wait { try daemon.openDescriptorCount() <= before.descriptors }
  }

  /// Resident memory in KiB.
  private func memory(of process: ChildProcess) throws -> Int {
    let status = try readText("/proc/\(process.pid)/status").split(separator: "\n")
    let line = try #require(status.first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
  }

  private func environment(_ name: String) -> String? {
    // SAFETY: `getenv` gives a C string that nothing in the tests changes; it is copied at once.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
