import GatehousePolicy
import Testing

@testable import GatehouseRecord

@Suite("Logins whose processes still run")
struct OpenLoginTests {
  private func login(_ process: Int32, of user: Name = "alice", start: UInt64 = 7) -> OpenLogin {
    OpenLogin(process: process, start: start, user: user, origin: .machine, service: "sshd")
  }

  @Test("are forgotten once their process has ended")
  func ended() {
    var open = OpenLogins([(login(1), instant(1)), (login(2), instant(2))])
    open.keep { $0.process != 1 }
    #expect(Array(open.times.keys) == [login(2)])
    open.keep { _ in false }
    #expect(open == OpenLogins())
  }

  @Test("are one for each process and login, with the time of its last answer")
  func same() {
    let open = OpenLogins([
      (login(1), instant(1)), (login(1), instant(5)), (login(1, start: 8), instant(2)),
    ])
    #expect(open.times == [login(1): instant(5), login(1, start: 8): instant(2)])
  }

  @Test("of one user are bounded, and the oldest of that user gives way")
  func perUser() {
    var open = OpenLogins([(login(1, of: "bob"), instant(0))])
    for number in 0...OpenLogins.limitPerUser {
      open.add(login(Int32(number + 10)), at: instant(Int64(number + 1)))
    }
    #expect(open.times.count == OpenLogins.limitPerUser + 1)
    #expect(open.times[login(10)] == nil)
    #expect(open.times[login(1, of: "bob")] != nil)
  }

  @Test("are bounded in all, and nobody takes another's room")
  func bounded() {
    var open = OpenLogins()
    for number in 0..<OpenLogins.limit {
      open.add(login(Int32(number + 1), of: Name("user\(number)")), at: instant(1))
    }
    open.add(login(9_999, of: "late"), at: instant(2))
    #expect(open.times.count == OpenLogins.limit)
    #expect(open.times[login(9_999, of: "late")] == nil)
    open.keep { $0.process != 1 }
    open.add(login(9_999, of: "late"), at: instant(2))
    #expect(open.times[login(9_999, of: "late")] != nil)
  }
}
