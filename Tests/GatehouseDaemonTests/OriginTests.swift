import GatehousePolicy
import GatehouseState
import GatehouseWire
import Testing

@testable import GatehouseDaemon

struct OriginTests {
  /// The origin of a question on a machine with the addresses 192.0.2.1, 2001:db8::1 and
  /// fe80::1%eth0, by a policy that says of kiosk that it is local.
  private func origin(of frame: [UInt8]) throws -> String {
    let question = try Question(decoding: frame.span)
    let asked = AskedLogin(
      question, in: frame.span,
      isOwn: { address, zone in
        address.isLoopback || ["192.0.2.1", "2001:db8::1"].contains(address.description)
          || address.description == "fe80::1" && zone == "eth0"
      },
      isLocalByPolicy: { $0 == "kiosk" })
    #expect(asked.origins == [asked.origin])
    return asked.origin.keptText
  }

  @Test(
    arguments: [
      // service, PAM_RHOST, SSH_CONNECTION's client and server, own host name, origin
      ("sshd", "198.51.100.8", nil, nil, false, "198.51.100.8"),
      ("sshd", "198.51.100.8", "192.0.2.9", nil, false, "198.51.100.8"),
      ("sshd", "fe80::1%eth1", nil, nil, false, "fe80::1"),
      ("sshd", "::ffff:192.0.2.9", nil, nil, false, "192.0.2.9"),
      ("sshd", "host.example.org", "192.0.2.9", nil, false, "192.0.2.9"),
      ("sshd", "host.example.org", nil, nil, false, "origin_unknown"),
      ("sshd", "local", nil, nil, false, "origin_unknown"),
      ("sshd", "self", nil, nil, false, "origin_unknown"),
      ("sshd", "myhost", nil, nil, true, "origin_unknown"),
      ("sshd", nil, "2001:db8::9", nil, false, "2001:db8::9"),
      // The machine itself: loopback, an own address, the same address at both ends.
      ("sshd", "127.0.0.1", nil, nil, false, "self"),
      ("sshd", "127.8.8.8", nil, nil, false, "self"),
      ("sshd", "::1", nil, nil, false, "self"), ("sshd", "192.0.2.1", nil, nil, false, "self"),
      ("sshd", "::ffff:192.0.2.1", nil, nil, false, "self"),
      ("sshd", "2001:db8::1", "2001:db8::1", "2001:db8::2", false, "self"),
      ("sshd", "name.example", "192.0.2.1", nil, false, "self"),
      ("sshd", "203.0.113.7", "203.0.113.7", "203.0.113.7", false, "self"),
      ("sshd", "203.0.113.7", "203.0.113.7", "203.0.113.8", false, "203.0.113.7"),
      ("sshd", "name.example", "203.0.113.7", "203.0.113.7", false, "self"),
      ("vsftpd", "192.0.2.1", nil, nil, false, "self"),
      // Only sshd's word on its connection is believed.
      ("vsftpd", "203.0.113.7", "203.0.113.7", "203.0.113.7", false, "203.0.113.7"),
      // A link-local address is own on its interface alone, and never without one.
      ("sshd", "fe80::1%eth0", nil, nil, false, "self"),
      ("sshd", "fe80::1", nil, nil, false, "fe80::1"),
      ("sshd", "fe80::1", "fe80::1", "fe80::1", false, "fe80::1"),
      // A connection that is not IP, by sshd's own word; none at all is another program's.
      ("sshd", "UNKNOWN", "UNKNOWN", "/run/ssh-unix-local/socket", false, "self"),
      ("sshd", nil, "UNKNOWN", nil, false, "self"),
      ("sshd", "UNKNOWN", nil, nil, false, "origin_unknown"),
      ("sshd", nil, nil, nil, false, "no_address"), ("sshd", "", nil, nil, false, "no_address"),
      ("vsftpd", nil, "UNKNOWN", nil, false, "no_address"),
      // Local by the service, without the daemon's help.
      ("login", nil, nil, nil, false, "local"), ("login", "", nil, nil, false, "local"),
      ("login", nil, "192.0.2.9", nil, false, "local"),
      ("login", "host.example.org", "192.0.2.9", nil, false, "origin_unknown"),
      ("cron", nil, nil, nil, false, "local"), ("gdm-password", nil, nil, nil, false, "local"),
      ("sudo", "myhost", nil, nil, true, "local"), ("sudo-i", "myhost", nil, nil, true, "local"),
      ("sudo", "myhost", nil, nil, false, "origin_unknown"),
      ("su", "myhost", nil, nil, true, "origin_unknown"),
      ("sudo", "192.0.2.7", nil, nil, true, "192.0.2.7"),
      ("sudo", "192.0.2.777", nil, nil, true, "origin_unknown"),
      // Local by the policy, if it gives no address.
      ("kiosk", nil, nil, nil, false, "local"),
      ("kiosk", "name", nil, nil, false, "origin_unknown"),
      ("kiosk", "203.0.113.7", nil, nil, false, "203.0.113.7"),
      // Everything else serves the network, for all we know.
      ("xrdp-sesman", nil, nil, nil, false, "no_address"),
      ("invented", "", nil, nil, false, "no_address"),
      ("invented", "local", nil, nil, false, "origin_unknown"),
    ] as [(String, String?, String?, String?, Bool, String)])
  func theFirstFieldThatTellsWins(
    _ service: String, _ remoteHost: String?, _ client: String?, _ server: String?, _ isOwn: Bool,
    _ expected: String
  ) throws {
    var fields: [(GatehouseWire.Tag, String)] = []
    if let remoteHost { fields.append((.remoteHost, remoteHost)) }
    if let client { fields.append((.sshConnectionAddress, client)) }
    if let server { fields.append((.sshServerAddress, server)) }
    #expect(try origin(of: question(service: service, fields, ownHostName: isOwn)) == expected)
  }

  @Test("login on a pseudo terminal is no console")
  func pseudoTerminal() throws {
    #expect(try origin(of: question(service: "login", [(.terminal, "pts/3")])) == "no_address")
    #expect(try origin(of: question(service: "login", [(.terminal, "tty1")])) == "local")
    #expect(
      try origin(of: question(service: "lightdm", [(.terminal, "cafe.example:0")]))
        == "no_address")
  }

  /// The login of a question whose session is asked, and says this.
  private func asked(
    _ service: String, _ remoteHost: String?, own: Bool = false, session: SessionOrigin,
    lookUps: inout Int
  ) throws -> AskedLogin {
    let frame = question(
      service: service, remoteHost.map { [(.remoteHost, $0)] } ?? [], ownHostName: own,
      caller: 1000)
    let question = try Question(decoding: frame.span)
    var count = 0
    let asked = AskedLogin(
      question, in: frame.span,
      lookUp: { caller in
        count += 1
        return caller.realUser == 1000 ? session : .unknown
      })
    lookUps = count
    return asked
  }

  private func origin(
    _ service: String, _ remoteHost: String?, own: Bool, session: Origin, lookUps: inout Int
  ) throws -> String {
    try asked(
      service, remoteHost, own: own, session: SessionOrigin(origins: [session]), lookUps: &lookUps
    ).origin.keptText
  }

  @Test(
    arguments: [
      // service, PAM_RHOST, own host name, whether the session is looked at
      ("sudo", nil, false, true), ("su", "", false, true), ("sudo", "myhost", true, true),
      ("sudo", "192.0.2.7", false, false), ("su", "fe80::1%eth0", false, false),
      // sshd is in no session yet, and what it says of a remote host is all there is.
      ("sshd", nil, false, false), ("sshd", "host.example.org", false, false),
    ] as [(String, String?, Bool, Bool)])
  func theSessionTellsWherePAMDoesNot(
    _ service: String, _ remoteHost: String?, _ own: Bool, _ isLookedAt: Bool
  ) throws {
    var lookUps = 0
    let address = Origin(remoteHost: "203.0.113.9")
    let found = try origin(service, remoteHost, own: own, session: address, lookUps: &lookUps)
    #expect((found == "203.0.113.9") == isLookedAt)
    #expect(lookUps == (isLookedAt ? 1 : 0))
    if isLookedAt {
      for origin in [Origin.local, .machine, .unknown(.session)] {
        #expect(
          try self.origin(service, remoteHost, own: own, session: origin, lookUps: &lookUps)
            == origin.keptText)
      }
    }
  }

  @Test(arguments: ["host.example.org", "192.0.2.777", "local", "UNKNOWN"])
  func aLoginThatNamesARemoteHostIsNeverLocal(_ remoteHost: String) throws {
    var lookUps = 0
    #expect(
      try origin("vsftpd", remoteHost, own: false, session: .local, lookUps: &lookUps)
        == "origin_unknown")
    var outsider = SessionOrigin(origins: [.unknown(.session)])
    outsider.outsider = .init(name: "nagios", users: [998])
    #expect(try asked("sudo", remoteHost, session: outsider, lookUps: &lookUps).outsider == nil)
    #expect(try asked("sudo", nil, session: outsider, lookUps: &lookUps).outsider != nil)
  }

  @Test("every origin of a session counts, and none of them is local for what serves the network")
  func several() throws {
    var lookUps = 0
    let session = SessionOrigin(origins: [.local, .machine])
    #expect(
      try asked("sudo", nil, session: session, lookUps: &lookUps).origins == [.local, .machine])
    #expect(
      try asked("invented", nil, session: session, lookUps: &lookUps).origins
        == [.unknown(.noAddress), .machine])
  }
}
