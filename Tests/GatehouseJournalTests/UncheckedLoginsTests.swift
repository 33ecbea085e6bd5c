import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseJournal

@Suite(
  "Logins that onerr=succeed let in",
  .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
struct UncheckedLoginsTests {
  private static let start: Int64 = 1_790_000_000_000_000

  /// A line as the module writes it in a process of root's; `more` adds or replaces fields.
  private func entry(
    _ second: Int64, _ line: String, _ more: [String: String] = [:]
  ) -> JournalFolder.Entry {
    let usual = ["_UID": "0", "SYSLOG_FACILITY": "10", "PRIORITY": "4", "MESSAGE": line]
    return JournalFolder.Entry(
      time: Self.start + second * 1_000_000, usual.merging(more) { $1 }.map { ($0, $1) })
  }

  private static func line(_ user: String) -> String {
    "pam_gatehouse(sshd:account): gatehoused cannot be asked: nobody listens; unchecked, as "
      + "onerr=succeed says, goes on user \"\(user)\""
  }

  @Test("are those of root's processes in that time, lines that are alike together")
  func lines() throws {
    let journal = try JournalFolder([
      entry(0, Self.line("early")), entry(10, Self.line("ann")), entry(11, Self.line("bob")),
      entry(12, Self.line("ann")), entry(13, Self.line("eve"), ["_UID": "1000"]),
      entry(14, "sshd says \(Self.line("eve"))"),
      entry(15, "pam_gatehouse(sshd:account): denied user \"eve\""),
      entry(16, Self.line("eve"), ["PRIORITY": "6"]), entry(90, Self.line("late")),
    ])
    func time(_ second: Int64) -> Instant {
      Instant(microsecondsSinceEpoch: Self.start + second * 1_000_000)
    }
    let found = try UncheckedLogins(.folder(journal.path), from: time(5), until: time(60))
    #expect(found.lines.map(\.text) == [Self.line("ann"), Self.line("bob")])
    #expect(found.lines.map(\.count) == [2, 1])
    #expect(found.lines.first?.last == time(12))
    #expect(found.others == 0)
  }
}
