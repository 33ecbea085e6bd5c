import GatehouseWire
import Testing

@Suite("Whether a login has a remote host")
struct OriginRuleTests {
  @Test(
    "by service, PAM_RHOST and whether that is the machine's own name",
    arguments: [
      ("cron", "", false, true),
      ("su", "", false, true),
      ("sshd", "", false, false),
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
    ])
  func isLocal(service: String, remoteHost: String, isOwn: Bool, expected: Bool) {
    let service = Array(service.utf8)
    let remoteHost = Array(remoteHost.utf8)
    let isLocal = OriginRule.isLocal(
      service: service.span, remoteHost: remoteHost.span, isOwnHostName: isOwn)
    #expect(isLocal == expected)
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
