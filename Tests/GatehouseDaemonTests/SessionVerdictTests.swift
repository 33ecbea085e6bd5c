import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite(
  "What the daemon says of the sessions that are open",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct SessionVerdictTests {
  private func told(
    _ sessions: [LoginSession],
    policy: String = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"
  ) throws -> [String: SessionVerdicts.Session] {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.sessions.change { $0.all = sessions }
    let reply: SessionVerdicts = try SeqpacketSocket.reply(
      to: SessionsRequest(), at: daemon.folder.file("run/socket"))
    return Dictionary(uniqueKeysWithValues: reply.sessions.map { ($0.id, $0) })
  }

  private func reason(_ session: SessionVerdicts.Session?) -> String? {
    switch session?.standing {
    case .decided(let decision, _)?: decision.reason.rawValue
    case .unjudged(let cause)?: "unjudged \(cause.rawValue)"
    case nil: nil
    }
  }

  @Test("each session of a person is told, and judged by where it was opened")
  func origins() throws {
    func ssh(_ id: String, _ host: String?) -> LoginSession {
      LoginSession.ssh(host).with {
        $0.id = id
        $0.openedAt = 1_800_000_000_000_000
      }
    }
    let told = try told([
      .console, ssh("7", "203.0.113.9"), ssh("8", "198.51.100.7"), ssh("9", "cafe.example"),
      ssh("10", "127.0.0.1"), ssh("11", nil),
      .opened(by: "cron", kind: "background"),
      .opened(by: "gdm", kind: "greeter").with { $0.id = "c4" },
      ssh("12", "203.0.113.9").with { $0.state = "closing" },
    ])
    #expect(told.keys.sorted() == ["1", "10", "11", "7", "8", "9"])
    #expect(reason(told["1"]) == "unjudged local")
    #expect(reason(told["7"]) == "listed")
    #expect(reason(told["8"]) == "not_listed")
    #expect(reason(told["9"]) == "unjudged origin_unknown")
    #expect(reason(told["11"]) == "unjudged origin_unknown")
    #expect(told["10"]?.origin == .machine && reason(told["10"]) == "not_listed")
    #expect(told["7"]?.terminal == "pts/0" && told["7"]?.user == "alice")
    #expect(told["7"]?.since == Instant(microsecondsSinceEpoch: 1_800_000_000_000_000))
    #expect(told["1"]?.terminal == "tty1" && told["1"]?.since == nil)
  }

  @Test("without a policy they are told, and not judged")
  func noPolicy() throws {
    let told = try told([.ssh("203.0.113.9"), .console], policy: "version: 1\nevryone: {}\n")
    #expect(told.count == 2)
    #expect(told.values.allSatisfy { reason($0) == "unjudged no_policy" })
  }
}
