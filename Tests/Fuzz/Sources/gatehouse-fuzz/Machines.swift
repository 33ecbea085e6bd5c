import GatehouseDoors
import GatehousePAM
import GatehousePolicy
import PAMKit

/// The settings of sshd, systemd and sudo, and PAM's lines of ours.
enum Machines {
  private static let names = [
    "sshd", "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/a.conf", "/etc/sudoers",
    "/etc/sudoers.d/a", "/etc/systemd/system/ssh.service",
  ]

  /// What `sshd -T` prints, then files, with the byte 255 between them.
  @Sendable static func run(_ bytes: [UInt8]) {
    let parts = bytes.parts(names.count + 1, separator: 0xFF)
    var machine = FakeMachine(sshd: parts[0].text)
    for (name, content) in zip(names, parts.dropFirst()) { machine[name] = content.text }
    let doors = machine.doors()
    for line in doors.lines { promise(!line.text.isEmpty, "a line has a text") }
    ownLine(parts.part(1) ?? [])
  }

  private static func ownLine(_ content: [UInt8]) {
    let without = OwnLine.removed(from: content)
    for failsClosed in [true, false] {
      let with = OwnLine.added(to: content, failsClosed: failsClosed)
      promise(OwnLine.failsClosed(in: with) == failsClosed, "the line that was added is there")
      let again = OwnLine.removed(from: with)
      promise(
        again == without || again == without + [UInt8(ascii: "\n")],
        "what is added and taken out leaves the file as it was")
    }
  }
}
