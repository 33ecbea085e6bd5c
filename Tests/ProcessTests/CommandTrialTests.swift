import CPosix
import GatehouseControl
import GatehousePolicy
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(
  "apply --confirm-within beside a daemon",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct CommandTrialTests {
  /// A policy that keeps out one address, from which nobody who runs the tests is connected.
  private static let old = "version: 1\nblock: [192.0.2.66]\n"
  private static let new = "version: 1\nblock: [192.0.2.77]\n"

  private func run(
    _ bench: DaemonBench, _ arguments: [String], input: String = ""
  ) throws -> ProcessResult {
    // Nobody has come whom the guard could judge.
    let allowed = arguments[0] == "apply" ? ["--allow-lockout=unjudged"] : []
    return try gatehouse(
      arguments + allowed + [
        "--folder", bench.config, "--history", bench.folder.file("history"), "--socket",
        bench.socket,
      ], input: input)
  }

  /// Puts the new policy on trial.
  private func apply(_ bench: DaemonBench, for length: String = "1h") throws {
    let applied = try run(bench, ["apply", "-", "--confirm-within", length], input: Self.new)
    #expect(applied.status == 0, "\(applied)")
    #expect(applied.output.contains("on trial  standard input: \(bench.config) is as it was\n"))
    #expect(applied.output.contains("run `gatehouse confirm` there"))
  }

  private func servesNew(_ bench: DaemonBench) throws -> Bool {
    try bench.ask("games", from: "192.0.2.66").decision == .allow
  }

  @Test("the candidate serves, the folder is as it was, and nothing else changes it meanwhile")
  func trial() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    try apply(bench)
    #expect(try servesNew(bench))
    #expect(try readText(bench.policy) == Self.old)

    let status = try gatehouse(["status", "--socket", bench.socket])
    #expect(status.status == 1)
    #expect(status.output.hasPrefix("on trial  "))
    let another = try run(bench, ["apply", "-"], input: "version: 1\n")
    #expect(another.status == 1)
    #expect(another.output.contains("refused  standard input: a candidate of "))
    #expect(another.output.contains("`gatehouse rollback` ends it now"))
    let json = try run(bench, ["apply", "-", "--json"], input: "version: 1\n")
    #expect(
      json.output.hasPrefix(#"{"version":1,"outcome":"refused_for_trial","error":{"message":""#))
    let reload = try gatehouse(["reload", "--socket", bench.socket])
    #expect(reload.status == 1)
    #expect(reload.output.hasPrefix("refused  a candidate of "))
    // Whoever runs the tests is in a session that was open before, or in none.
    let confirm = try run(bench, ["confirm"])
    #expect(confirm.status == 1)
    #expect(confirm.output.contains("open another ssh session and run `gatehouse confirm` there"))
    #expect(try readText(bench.policy) == Self.old)
    #expect(try servesNew(bench))
    #expect(daemon.poll() == nil)
  }

  @Test("confirm with another history than the trial's is refused: it would write something else")
  func otherContent() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    let none = try run(bench, ["confirm"])
    #expect(none.status == 1)
    #expect(none.output.hasPrefix("refused  no candidate is on trial\n"))
    try apply(bench)
    let confirm = try gatehouse([
      "confirm", "--folder", bench.config, "--history", bench.folder.file("elsewhere"),
      "--socket", bench.socket,
    ])
    #expect(confirm.status == 1)
    #expect(
      confirm.output.hasPrefix(
        "refused  the policy on trial is not the one that was applied here last\n"))
    #expect(try readText(bench.policy) == Self.old)
    #expect(try servesNew(bench))
    #expect(daemon.poll() == nil)
  }

  /// A daemon that puts every candidate on trial, lets anybody confirm it, and ends the trial as the
  /// folder stands then.
  private func obligingDaemon(folder: String) throws -> FakeDaemon {
    let trial = TrialState(
      generation: 2, digest: "0123", mode: .enforce, author: "root", exempt: nil, since: .now(),
      until: .now(), timeLeft: .seconds(60))
    return try FakeDaemon { client, _ in
      guard let (frame, attached) = try? client.receiveWithDescriptor() else { return }
      if let attached { close(attached) }
      var value: (any Encodable)?
      switch try? RequestKind(of: frame.span) {
      case .status:
        value = DaemonStatus(
          processID: 1, startedAt: .now(), now: .now(), socket: "/x", folder: folder,
          serving: nil, refusal: nil, counts: .init(), identity: .init(users: 0, failing: nil),
          lostEntries: 0)
      case .judge:
        value = JudgeReply(digest: nil, guardVerdict: GuardVerdict(judgedCount: 1))
      case .trial: value = TrialVerdict(folder: folder, outcome: .begun(trial))
      case .confirm: value = TrialVerdict(folder: folder, outcome: .confirmable(trial))
      case .endTrial:
        let isCandidate = (try? readText("\(folder)/policy.yaml")) == Self.new
        value = TrialVerdict(
          folder: folder,
          outcome: .over(generation: 3, digest: "0123456789abcdef", confirmed: isCandidate))
      default: break
      }
      guard let value, let bytes = try? ValueEncoder.encode(value) else { return }
      // SAFETY: a literal is a C string for the length of the call.
      let file = unsafe gh_memory_file("test")
      defer { close(file) }
      // SAFETY: the pointer is valid for the count of the array.
      _ = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      _ = gh_seal(file)
      client.send(ReplyFrame.bytes, attaching: file)
    }
  }

  @Test("confirm writes the candidate as it was applied, once, and the history knows why")
  func confirmed() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try obligingDaemon(folder: bench.config)
    func ask(_ arguments: [String], input: String = "") throws -> ProcessResult {
      try gatehouse(
        arguments + [
          "--folder", bench.config, "--history", bench.folder.file("history"), "--socket",
          daemon.path,
        ], input: input)
    }
    let applied = try ask(
      ["apply", "-", "--confirm-within", "1m", "--reason", "move"], input: Self.new)
    #expect(applied.status == 0, "\(applied)")
    #expect(try readText(bench.policy) == Self.old)
    let confirmed = try ask(["confirm"])
    #expect(confirmed.status == 0, "\(confirmed)")
    #expect(confirmed.output.contains("applied  the candidate on trial: change 2 of "))
    #expect(
      confirmed.output.hasSuffix(
        "confirmed  generation 3 (0123456789ab) serves from \(bench.config)\n"))
    #expect(try readText(bench.policy) == Self.new)
    let history = try gatehouse(
      ["history", "--folder", bench.config, "--history", bench.folder.file("history")])
    #expect(history.output.contains(/2 .* confirm .* move/))
    // It is not kept any longer: whatever the daemon says, there is nothing to confirm again.
    #expect(try ask(["confirm"]).output.hasPrefix("confirmable  "))
  }

  @Test("a rollback goes on trial, too, and writes nothing until it is confirmed")
  func rollbackOnTrial() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    #expect(try run(bench, ["apply", "-"], input: Self.new).status == 0)
    let back = try run(
      bench, ["rollback", "--confirm-within", "1h", "--allow-lockout=unjudged"])
    #expect(back.status == 0, "\(back)")
    #expect(back.output.contains("on trial  change 1: \(bench.config) is as it was\n"))
    #expect(try readText(bench.policy) == Self.new)
    #expect(try !servesNew(bench))
    #expect(try run(bench, ["rollback"]).status == 0)
    #expect(try servesNew(bench))
    #expect(daemon.poll() == nil)
  }

  @Test("rollback ends it now")
  func rollback() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    try apply(bench)
    let ended = try run(bench, ["rollback"])
    #expect(ended.status == 0)
    #expect(ended.output.contains("\nended  generation 3 ("))
    #expect(try !servesNew(bench))
    let confirm = try run(bench, ["confirm"])
    #expect(confirm.status == 1)
    #expect(confirm.output.hasPrefix("refused  no candidate is on trial\n"))
    #expect(daemon.poll() == nil)
  }

  @Test("the daemon goes back by itself")
  func timeUp() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    try apply(bench, for: "1s")
    try wait { try !servesNew(bench) }
    try bench.waitForLog("since nobody confirmed it in time")
    #expect(daemon.poll() == nil)
  }

  @Test("a daemon that is killed and started again goes on with it, but not after a boot")
  func killed() throws {
    let bench = try DaemonBench(policy: Self.old)
    var daemon = try bench.start("exec \"$@\" --boot-id=this")
    try apply(bench)
    daemon.signal(SIGKILL)
    try daemon.wait()
    daemon = try bench.start("exec \"$@\" --boot-id=this")
    #expect(try servesNew(bench))
    try bench.waitForLog("also after this start of gatehoused")
    daemon.signal(SIGKILL)
    try daemon.wait()
    daemon = try bench.start("exec \"$@\" --boot-id=another")
    #expect(try !servesNew(bench))
    try bench.waitForLog("since the machine has been booted")
    #expect(daemon.poll() == nil)
  }

  @Test("a candidate with an error, or the same policy, is not put on trial")
  func unfit() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    let broken = try run(
      bench, ["apply", "-", "--confirm-within", "1h"], input: "version: 1\nblock: [x]\n")
    #expect(broken.status == 1)
    let same = try run(bench, ["apply", "-", "--confirm-within", "1h"], input: Self.old)
    #expect(same.status == 0)
    #expect(same.output.contains("unchanged  standard input"))
    #expect(try bench.status().contains("\"trial\":null"))
    #expect(daemon.poll() == nil)
  }

  @Test("without a daemon there is no trial")
  func noDaemon() throws {
    let bench = try DaemonBench(policy: Self.old)
    let applied = try run(bench, ["apply", "-", "--confirm-within", "1h"], input: Self.new)
    #expect(applied.status == 3)
    #expect(applied.errors.contains("gatehoused cannot be asked"))
    #expect(try run(bench, ["confirm"]).status == 3)
    #expect(try readText(bench.policy) == Self.old)
  }

  @Test("nor with one that reads another folder")
  func anotherFolder() throws {
    let bench = try DaemonBench(policy: Self.old)
    let daemon = try bench.start()
    let other = try TemporaryDirectory()
    for arguments in [["apply", "-", "--confirm-within", "1h"], ["confirm"]] {
      let outcome = try gatehouse(
        arguments + [
          "--folder", other.path, "--history", other.file("history"), "--socket", bench.socket,
        ], input: Self.new)
      #expect(outcome.status == 3)
      #expect(outcome.errors.contains("reads \(bench.config), not \(other.path)"))
    }
    #expect(try bench.status().contains("\"trial\":null"))
    #expect(daemon.poll() == nil)
  }

  @Test("what is not a duration is misuse", arguments: ["0s", "8d", "10", "m", "1.5h", ""])
  func lengths(length: String) throws {
    let outcome = try gatehouse(["apply", "-", "--confirm-within", length])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("not a duration from 1s to 7d, such as 10m"))
  }
}
