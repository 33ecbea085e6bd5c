import GatehousePolicy
import GatehouseWire
import Testing

@testable import GatehouseDaemon

struct OriginTests {
  private func origin(of frame: [UInt8]) throws -> String {
    guard case .question(let question) = try Request(decoding: frame.span) else {
      throw WireError.kind
    }
    return Asked(question: question.login, in: frame.span).origin.description
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
}
