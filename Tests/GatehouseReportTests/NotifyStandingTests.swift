import GatehouseNotify
import GatehousePolicy
import Testing

@testable import GatehouseReport

@Suite("How those are told whom the policy names")
struct NotifyStandingTests {
  private static let now = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private static func standing(
    isRunning: Bool?, told: Int64? = nil, failing: Int64? = nil
  ) -> NotifyStanding {
    var state = NoticeState.Way()
    state.lastTold = told.map { now - .seconds($0) }
    state.failure = failing.map { .init(since: now - .seconds($0), problem: "sendmail failed") }
    return NotifyStanding(isRunning: isRunning, ways: [.init("mail", state)])
  }

  private func text(_ standing: NotifyStanding) -> String {
    var page = TextPage(coloured: false)
    page.rows(standing.rows(at: Self.now))
    return String(decoding: page.bytes, as: UTF8.self)
  }

  private func json(_ standing: NotifyStanding) -> String {
    String(decoding: JSONWriter.line { $0.member("notify", standing) }, as: UTF8.self)
  }

  @Test("needs nobody while the service runs and messages are taken")
  func good() {
    let standing = Self.standing(isRunning: true, told: 120)
    #expect(standing.attention.isEmpty)
    #expect(
      text(standing) == "  notify  mail: last told 2026-11-18T11:04:40Z (2 minutes ago)\n")
    #expect(
      json(standing) == """
        {"notify":{"running":true,"ways":[{"way":"mail","last_told":"2026-11-18T11:04:40Z",\
        "failing_since":null,"problem":null,"waiting":0}]}}

        """)
    #expect(text(Self.standing(isRunning: true)) == "  notify  mail: nothing told yet\n")
  }

  @Test("needs somebody if the service does not run, but not if that is not known")
  func stopped() {
    let standing = Self.standing(isRunning: false)
    #expect(standing.attention.map(\.name) == [.notTold])
    #expect(standing.attention[0].remedy?.contains("gatehouse-notify.path") ?? false)
    #expect(text(standing).hasSuffix("  the service does not run\n"))
    let unknown = Self.standing(isRunning: nil)
    #expect(unknown.attention.isEmpty && json(unknown).contains(#""running":null"#))
    #expect(text(unknown).hasSuffix("  whether the service runs is not known\n"))
  }

  @Test("needs somebody if messages are not taken, and says since when and why")
  func failing() {
    let standing = Self.standing(isRunning: true, told: 7200, failing: 3600)
    #expect(
      standing.attention.map(\.text) == [
        "notify: no message by mail is taken since 2026-11-18T10:06:40Z: sendmail failed"
      ])
    #expect(text(standing).hasSuffix("  failing since 2026-11-18T10:06:40Z (1 hour ago)\n"))
    #expect(
      json(standing).contains(
        #""failing_since":"2026-11-18T10:06:40Z","problem":"sendmail failed","#))
  }
}
