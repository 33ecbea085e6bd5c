import GatehouseWire
import Testing

@Suite("Whether a login is local by what PAM knows")
struct OriginRuleTests {
  @Test(
    "by service, PAM_RHOST and whether that is the machine's own name",
    arguments: [
      ("cron", "", false, true),
      ("su", "", false, true),
      ("login", "", false, true),
      ("gdm-password", "", false, true),
      ("swaylock", "", false, true),
      ("sshd", "", false, false),
      ("xrdp-sesman", "", false, false),
      ("imap", "", false, false),
      ("other", "", false, false),
      ("SUDO", "", false, false),
      ("sshd", "203.0.113.9", false, false),
      ("sshd", "box", true, false),
      ("login", "box", true, false),
      ("sudo", "box", true, true),
      ("sudo-i", "box", true, true),
      ("sudo", "box", false, false),
      ("sudo", "", false, true),
      ("sudo", "203.0.113.9", true, false),
      ("sudo", "::1", true, false),
      ("sudo2", "box", true, false),
      ("login", "UNKNOWN", false, false),
      ("xdm", "localhost", false, false),
    ])
  func isLocal(service: String, remoteHost: String, isOwn: Bool, expected: Bool) {
    #expect(
      local(service, remoteHost: remoteHost, terminal: "", isOwnHostName: isOwn) == expected)
  }

  @Test(
    "by service and PAM_TTY",
    arguments: [
      ("login", "tty1", true),
      ("login", "/dev/tty1", true),
      ("login", "console", true),
      ("login", "ttyS0", true),
      ("login", "pts/7", false),
      ("login", "/dev/pts/7", false),
      ("su", "pts/7", true),
      ("sudo", "/dev/pts/7", true),
      ("cron", "cron", true),
      ("lightdm", ":0", true),
      ("xdm", ":0.0", true),
      ("xdm", "unix:0", true),
      ("gdm-password", "/dev/tty2", true),
      ("lightdm", "203.0.113.9:0", false),
      ("xdm", "client.example.org:0.0", false),
      ("xdm", "[2001:db8::9]:0", false),
      ("xdm", "2001:db8::9:0", false),
      ("xdm", "::1:0", false),
      ("xscreensaver", "localhost:10.0", false),
      ("sudo", "client:0", false),
      ("lightdm", ":", true),
      ("lightdm", "unix:0@client", false),
    ])
  func isLocal(service: String, terminal: String, expected: Bool) {
    #expect(local(service, remoteHost: "", terminal: terminal, isOwnHostName: false) == expected)
  }

  @Test("sudo with the machine's own name, on a display of another host")
  func ownNameOnForeignDisplay() {
    #expect(!local("sudo", remoteHost: "box", terminal: "client:0", isOwnHostName: true))
  }

  private func local(
    _ service: String, remoteHost: String, terminal: String, isOwnHostName: Bool
  ) -> Bool {
    let service = Array(service.utf8)
    let remoteHost = Array(remoteHost.utf8)
    let terminal = Array(terminal.utf8)
    return OriginRule.isLocal(
      service: service.span, remoteHost: remoteHost.span, terminal: terminal.span,
      isOwnHostName: isOwnHostName)
  }

  @Test(
    "what may be an address",
    arguments: [
      ("203.0.113.9", true), ("::1", true), ("fe80::1%eth0", true), ("10", true),
      ("box", false), ("box1.example.org", false), ("1and1", false),
    ])
  func looksLikeAddress(text: String, expected: Bool) {
    let bytes = Array(text.utf8)
    let looks = OriginRule.looksLikeAddress(bytes.span)
    #expect(looks == expected)
  }
}
