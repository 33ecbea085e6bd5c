import GatehouseControl
import GatehousePolicy
import GatehouseState
import Testing

@testable import GatehouseDaemon

@Suite("The denials that the daemon remembers")
struct DenialsTests {
  private func denial(_ id: String, user: Name = "bob", at second: Int64 = 0) -> Denial {
    Denial(
      id: id, time: time(second), user: user, service: "sshd", origin: Origin(kept: "203.0.113.7"),
      role: "admin", reason: .notListed, authentication: "publickey ssh-ed25519 AAAA\n")
  }

  private func time(_ second: Int64) -> Instant {
    Instant(microsecondsSinceEpoch: second * 1_000_000)
  }

  @Test("one user's flood pushes out that user's own, and nobody else's")
  func flood() {
    var denials = Denials()
    denials.add(denial("alice's", user: "alice"))
    for number in 0..<10_000 { denials.add(denial("\(number)", at: 1)) }
    #expect(denials.denial("alice's", at: time(1)) != nil)
    #expect(denials.all.count == 1 + Denials.limitPerUser)
    #expect(denials.denial("9999", at: time(1)) != nil)
    #expect(denials.denial("\(9999 - Denials.limitPerUser)", at: time(1)) == nil)
  }

  @Test("there are never more than their bound")
  func bound() {
    var denials = Denials()
    for number in 0..<2000 { denials.add(denial("\(number)", user: Name("user\(number)"))) }
    #expect(denials.all.count == Denials.limit)
    #expect(denials.denial("1999", at: time(0)) != nil)
  }

  @Test("they are forgotten after a day, and are nothing where the clock is before them")
  func age() {
    var denials = Denials()
    denials.add(denial("one", at: 100))
    #expect(denials.denial("one", at: time(100 + 86_399)) != nil)
    #expect(denials.denial("one", at: time(100 + 86_400)) == nil)
    #expect(denials.denial("one", at: time(99)) == nil)
    denials.add(denial("two", at: 100 + 86_400))
    #expect(denials.all.map(\.id) == ["two"])
  }

  @Test("everything is kept, also what there is not")
  func records() throws {
    let whole = denial("one")
    let bare = Denial(
      id: "two", time: time(1), user: "bob", service: "su", origin: nil, role: nil,
      reason: .originUnknown, authentication: nil)
    let bytes = try KeptState.denials.pieces([whole, bare]).joined()
    #expect(try KeptState.denials.decode(Array(bytes)) == [whole, bare])
  }
}
