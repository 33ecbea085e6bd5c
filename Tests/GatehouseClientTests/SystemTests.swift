import GatehouseClient
import GatehouseControl
import GatehouseSystem
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite("What the module's side asks of the system")
struct SystemTests {
  @Test("the machine's own name is known, in any case of its letters")
  func ownHostName() {
    var name = utsname()
    // SAFETY: `name` is a variable of this frame; nodename is a C string in it (uname(2)).
    unsafe uname(&name)
    let own = unsafe withUnsafeBytes(of: name.nodename) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
    #expect(isOwn(own))
    #expect(isOwn(Array(String(decoding: own, as: UTF8.self).uppercased().utf8)))
    #expect(!isOwn(own + [0x78]))
    #expect(!isOwn(Array(own.dropLast())))
    #expect(!isOwn(own + [0]))
    #expect(!isOwn([]))
  }

  @Test("a path that a socket cannot have is none", arguments: ["", "run/x", "x", "/a\0"])
  func paths(text: String) {
    let bytes = Array(text.utf8)
    let path = SocketPath(bytes.span)
    #expect(path == nil)
  }

  @Test("the owner of a socket's folder")
  func folderOwner() throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    #expect(owner(of: folder.file("socket")) == geteuid())
    #expect(owner(of: folder.file("absent/socket")) == nil)
    #expect(owner(of: "/socket") == 0)
  }

  @Test("a pause ends with the deadline")
  func pause() {
    let deadline = Deadline(milliseconds: 30)
    #expect(deadline.pause(milliseconds: 1))
    #expect(!deadline.pause(milliseconds: 60_000))
    #expect(deadline.nanosecondsLeft == 0)
    #expect(!deadline.pause(milliseconds: 1))
  }

  @Test(
    "each failure says what to look at",
    arguments: [
      (NoAnswer.absent, "there is no such socket; is gatehoused installed and started?"),
      (.refused, "nobody listens there; is gatehoused running?"),
      (.timedOut, "no answer came in time"),
      (.lost, "it closed each connection until the deadline"),
      (
        .untrusted(user: 1000),
        "the listener there is user 1000, neither root nor the owner of the socket's folder"
      ),
      (.senseless(.version), "what came is not an answer: it is of another protocol version"),
      (.system(EACCES), "the system says: Permission denied; only root may ask"),
      (.system(EMFILE), "the system says: Too many open files"),
    ])
  func descriptions(failure: NoAnswer, expected: String) {
    var line = BoundedBytes<256>()
    failure.describe(in: &line)
    let text = String(decoding: line.bytes.array, as: UTF8.self)
    #expect(text == expected)
  }

  private func isOwn(_ name: [UInt8]) -> Bool { HostName.isOwn(name.span) }

  private func owner(of path: String) -> UInt32? {
    let bytes = Array(path.utf8)
    return SocketPath(bytes.span)?.folderOwner()
  }
}
