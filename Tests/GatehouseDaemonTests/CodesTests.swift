import GatehousePlatform
import GatehousePolicy
import GatehouseState
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The codes by which users authorise a place of their own")
struct CodesTests {
  private let noon = Instant(microsecondsSinceEpoch: 1_795_262_400_000_000)
  private let boot = Uptime.now
  private let home: IPAddress
  private let other: IPAddress

  init() throws {
    home = try #require(IPAddress("203.0.113.7"))
    other = try #require(IPAddress("203.0.113.8"))
  }

  private func make(
    _ codes: inout Codes, _ user: Name = "alice", denial: String = "d1", role: Name? = nil
  ) throws -> [UInt8] {
    Array(
      try codes.add(
        for: user, from: home, by: "sshd", role: role, denial: denial, noon, boot
      ).text.utf8)
  }

  private func enter(
    _ text: [UInt8], _ codes: inout Codes, _ user: Name = "alice", from address: IPAddress? = nil,
    by service: Name = "sshd", after time: Duration = .zero, up: Duration = .zero
  ) -> String {
    switch codes.enter(
      text, for: user, from: [address ?? home], by: service, noon + time, boot + up)
    {
    case .none: "none"
    case .right: "right"
    case .wrong: "wrong"
    case .ended: "ended"
    }
  }

  @Test("a code has ten characters that cannot be taken for others, each as often as the others")
  func alphabet() throws {
    var codes = Codes()
    var counts: [UInt8: Int] = [:]
    for index in 0..<1000 {
      let text = try make(&codes, denial: "d\(index)")
      #expect(text.count == 10)
      for byte in text { counts[byte, default: 0] += 1 }
    }
    #expect(Set(counts.keys) == Set("23456789ABCDEFGHJKMNPQRSTUVWXYZ".utf8))
    // 323 of each are to be expected; this is more than six times the deviation.
    #expect(counts.values.allSatisfy { (210...440).contains($0) }, "\(counts)")
  }

  @Test("only the user, from the address and at the service of the denial, can use it, once")
  func bound() throws {
    var codes = Codes()
    let text = try make(&codes)
    #expect(enter(text, &codes, "bob") == "none")
    #expect(enter(text, &codes, from: other) == "none")
    #expect(enter(text, &codes, by: "vsftpd") == "none")
    #expect(enter(text, &codes) == "right")
    #expect(enter(text, &codes) == "none")
  }

  @Test("one user's code is wrong for another's")
  func mixedUp() throws {
    var codes = Codes()
    let text = try make(&codes)
    _ = try make(&codes, "bob", denial: "d2")
    #expect(enter(text, &codes, "bob") == "wrong")
    #expect(enter(text, &codes) == "right")
  }

  @Test("three wrong ones end it, and the right one is too late")
  func tries() throws {
    var codes = Codes()
    let text = try make(&codes)
    let wrong = Array("AAAAAAAAAA".utf8)
    #expect(enter(wrong, &codes) == "wrong")
    #expect(enter([], &codes) == "wrong")
    #expect(enter(wrong, &codes) == "ended")
    #expect(enter(text, &codes) == "none")
  }

  @Test("it ends after ten minutes by either clock")
  func lifetime() throws {
    for (time, up, expected) in [
      (599, 599, "right"), (600, 0, "none"), (0, 600, "none"), (-3600, 600, "none"),
    ] {
      var codes = Codes()
      let text = try make(&codes)
      #expect(
        enter(text, &codes, after: .seconds(time), up: .seconds(up)) == expected, "\(time) \(up)")
    }
  }

  private func standing(
    _ codes: inout Codes, of user: Name = "alice", from address: IPAddress? = nil,
    by service: Name = "sshd", perDay: Int = 3, after time: Duration = .zero
  ) -> Codes.Standing {
    codes.standing(
      of: user, from: address ?? home, by: service, role: nil, perDay: perDay, noon + time,
      boot + max(.zero, time))
  }

  @Test("there is one for a user and address, and as many in a day as the policy says")
  func limits() throws {
    var codes = Codes()
    #expect(standing(&codes) == .mayHave)
    _ = try make(&codes)
    #expect(standing(&codes) == .has)
    #expect(standing(&codes, by: "vsftpd") == .hasAnother)
    #expect(standing(&codes, from: other) == .mayHave)
    #expect(standing(&codes, from: other, perDay: 1) == .overLimit)
    #expect(standing(&codes, of: "bob", perDay: 1) == .mayHave)
    let day = Duration.seconds(86_400)
    #expect(standing(&codes, perDay: 1, after: day - .seconds(1)) == .overLimit)
    #expect(standing(&codes, perDay: 1, after: day) == .mayHave)
  }

  @Test("a clock that was ahead does not keep anybody out for longer than a day")
  func clockSetBack() throws {
    var codes = Codes()
    _ = try make(&codes)
    let year = Duration.seconds(365 * 86_400)
    #expect(standing(&codes, from: other, perDay: 1, after: .zero - year) == .overLimit)
    #expect(
      standing(&codes, from: other, perDay: 1, after: .seconds(86_400) - year) == .mayHave)
  }

  @Test("there are at most so many at once, and in a day")
  func bounds() throws {
    var codes = Codes()
    for index in 0..<Codes.mostOpen {
      #expect(standing(&codes, of: Name("u\(index)")) == .mayHave)
      _ = try make(&codes, Name("u\(index)"), denial: "d\(index)")
    }
    #expect(standing(&codes, of: "late") == .overLimit)
    #expect(standing(&codes, of: "late", after: Codes.lifetime) == .mayHave)
    let causes = (0..<Codes.mostCaused).map { Codes.Cause(user: Name("u\($0)"), time: noon) }
    codes.takeUp(Codes.Kept(open: [], causes: causes), noon, boot)
    #expect(standing(&codes, of: "late") == .overLimit)
  }

  @Test(
    "after a restart a code counts whose letter was taken, with its tries and its end, and no other"
  )
  func restart() throws {
    var codes = Codes()
    let text = try make(&codes)
    let untaken = try make(&codes, "bob", denial: "d2")
    let isChanged = codes.note(sent: ["d1", "d9"])
    let isChangedAgain = codes.note(sent: ["d1"])
    #expect(isChanged && !isChangedAgain)
    #expect(enter([], &codes) == "wrong")
    #expect(enter([], &codes) == "wrong")
    let kept = try KeptState.codes.decode(
      Array(try KeptState.codes.pieces(codes.kept).joined()))
    #expect(kept == codes.kept)
    // Neither in the clear nor as a digest without its salt.
    let bytes = Array(try KeptState.codes.pieces(kept).joined())
    #expect(!bytes.contains(text) && !bytes.contains(SHA256.digest(of: text)))

    var next = Codes()
    next.takeUp(kept, noon + .seconds(60), boot)
    #expect(enter(untaken, &next, "bob", after: .seconds(60)) == "none")
    var right = next
    #expect(enter(text, &right, after: .seconds(60), up: .seconds(60)) == "right")
    #expect(enter([], &next, after: .seconds(60)) == "ended")
    next.takeUp(kept, noon + .seconds(60), boot)
    #expect(enter(text, &next, after: .seconds(60), up: .seconds(540)) == "none")
    next.takeUp(kept, noon + .seconds(600), boot)
    #expect(enter(text, &next, after: .seconds(600)) == "none")
    // The clock was set back meanwhile: it counts for no longer than it was made for.
    next.takeUp(kept, noon - .seconds(86_400), boot)
    #expect(enter(text, &next, after: .seconds(-86_400), up: .seconds(600)) == "none")
    #expect(next.kept.causes.count == 2)
  }

  @Test("what is kept of codes is small")
  func size() { #expect(KeptState.codes.byteLimit <= 4 << 20) }
}
