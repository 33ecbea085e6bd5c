import GatehousePolicy
import GatehouseWire
import Testing

@testable import GatehouseDaemon

struct OriginTests {
  private func origin(of frame: [UInt8]) throws -> String {
    let question = try Question(decoding: frame.span)
    return AskedLogin(question, in: frame.span).origin.description
  }

  @Test(
    arguments: [
      // service, PAM_RHOST, SSH_CONNECTION, own host name, origin
      ("sshd", "198.51.100.8", nil, false, "198.51.100.8"),
      ("sshd", "198.51.100.8", "192.0.2.1", false, "198.51.100.8"),
      ("sshd", "fe80::1%eth0", nil, false, "fe80::1"),
      ("sshd", "::ffff:192.0.2.1", nil, false, "192.0.2.1"),
      ("sshd", "host.example.org", "192.0.2.1", false, "192.0.2.1"),
      ("sshd", "host.example.org", nil, false, "unknown"),
      ("sshd", "UNKNOWN", nil, false, "unknown"),
      ("sshd", nil, nil, false, "unknown"),
      ("sshd", "", nil, false, "unknown"),
      ("sshd", nil, "2001:db8::1", false, "2001:db8::1"),
      ("sshd", "local", nil, false, "unknown"),
      ("sshd", "myhost", nil, true, "unknown"),
      ("login", nil, nil, false, "local"),
      ("login", "", nil, false, "local"),
      ("login", nil, "192.0.2.1", false, "local"),
      ("login", "host.example.org", "192.0.2.1", false, "unknown"),
      ("sudo", "myhost", nil, true, "local"),
      ("sudo-i", "myhost", nil, true, "local"),
      ("sudo", "myhost", nil, false, "unknown"),
      ("su", "myhost", nil, true, "unknown"),
      ("sudo", "192.0.2.7", nil, true, "192.0.2.7"),
      ("sudo", "192.0.2.777", nil, true, "unknown"),
    ] as [(String, String?, String?, Bool, String)])
  func theFirstFieldThatTellsWins(
    _ service: String, _ remoteHost: String?, _ connection: String?, _ isOwn: Bool,
    _ expected: String
  ) throws {
    var fields: [(GatehouseWire.Tag, String)] = []
    if let remoteHost { fields.append((.remoteHost, remoteHost)) }
    if let connection { fields.append((.sshConnectionAddress, connection)) }
    #expect(try origin(of: question(service: service, fields, ownHostName: isOwn)) == expected)
  }

  /// The origin where the session is asked, and says this.
  private func origin(
    _ service: String, _ remoteHost: String?, own: Bool, session: Origin, lookUps: inout Int
  ) throws -> String {
    let frame = question(
      service: service, remoteHost.map { [(.remoteHost, $0)] } ?? [], ownHostName: own,
      caller: 1000)
    let question = try Question(decoding: frame.span)
    var count = 0
    let asked = AskedLogin(question, in: frame.span) { caller in
      count += 1
      return caller.realUser == 1000 ? SessionOrigin(origin: session) : .unclear
    }
    lookUps = count
    return asked.origin.description
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
      #expect(
        try origin(service, remoteHost, own: own, session: .local, lookUps: &lookUps) == "local")
      #expect(
        try origin(service, remoteHost, own: own, session: .unknown(.session), lookUps: &lookUps)
          == "unknown")
    }
  }

  @Test(arguments: ["host.example.org", "192.0.2.777", "local", "UNKNOWN"])
  func aLoginThatNamesARemoteHostIsNeverLocal(_ remoteHost: String) throws {
    var lookUps = 0
    #expect(
      try origin("vsftpd", remoteHost, own: false, session: .local, lookUps: &lookUps) == "unknown")
  }
}
