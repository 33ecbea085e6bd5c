import GatehousePolicy
import Testing

@testable import GatehouseJournal

@Suite("sshd's own line about a login")
struct AcceptedLoginTests {
  private func read(_ line: String) throws -> AcceptedLogin? {
    try AcceptedLogin(line: Array(line.utf8))
  }

  @Test(
    "gives the user and the address, whatever the method",
    arguments: [
      "Accepted password for bob from 192.0.2.7 port 40000 ssh2",
      "Accepted publickey for bob from 192.0.2.7 port 1 ssh2: ED25519 SHA256:abc/def+0",
      "Accepted keyboard-interactive/pam for bob from 192.0.2.7 port 65535 ssh2",
      "Accepted gssapi-with-mic for bob from 192.0.2.7 port 22 ssh2: bob@EXAMPLE.ORG",
      "Accepted publickey for bob from 192.0.2.7 port 5 ssh2: "
        + "ED25519-CERT SHA256:x ID laptop from home (serial 0) CA ED25519 SHA256:y",
    ])
  func methods(line: String) throws {
    let login = try #require(try read(line))
    #expect(login.user == "bob")
    #expect(login.origin == Origin(remoteHost: "192.0.2.7"))
  }

  @Test("gives an IPv6 address, and an unknown origin if the connection has no address")
  func origins() throws {
    let ipv6 = try read("Accepted password for bob from 2001:db8::7 port 1 ssh2")
    #expect(ipv6?.origin == Origin(remoteHost: "2001:db8::7"))
    #expect(
      try read("Accepted none for bob from UNKNOWN port 65535 ssh2")?.origin
        == .unknown(.notAnAddress))
  }

  @Test("gives names with spaces, backslashes and unprintable bytes unchanged")
  func names() throws {
    func user(_ written: String) throws -> Name? {
      try read("Accepted password for \(written) from 192.0.2.7 port 1 ssh2")?.user
    }
    #expect(try user("anna maria") == "anna maria")
    #expect(try user("from here") == "from here")
    #expect(try user(#"CORP\\bob"#) == #"CORP\bob"#)
    #expect(try user(#"jos\303\251"#) == "josé")
    #expect(try user("x from 1.2.3.4 port 1") == "x from 1.2.3.4 port 1")
  }

  @Test(
    "is not misread if a name or a client's text looks like the rest of a line")
  func lookalikes() throws {
    let user = try read(
      "Accepted password for x from 1.2.3.4 port 1 ssh2 from 192.0.2.7 port 2 ssh2")
    #expect(user?.user == "x from 1.2.3.4 port 1 ssh2")
    #expect(user?.origin == Origin(remoteHost: "192.0.2.7"))
    let client = try read(
      #"Accepted hostbased for x from 192.0.2.7 port 2 ssh2: RSA SHA256:a, client user "#
        + #""a from 1.2.3.4 port 1 ssh2", client host "h""#)
    #expect(client?.user == "x")
    #expect(client?.origin == Origin(remoteHost: "192.0.2.7"))
  }

  @Test(
    "is nil if it is another line", arguments: ["", "Failed password for bob", "accepted password"])
  func others(line: String) throws {
    #expect(try read(line) == nil)
  }

  @Test(
    "is unreadable if it can be read in two ways",
    arguments: [
      // Either the user has this name, or the client sent this text: nobody can tell.
      "Accepted password for x from 192.0.2.9 port 1 ssh2: y from 198.51.100.1 port 2 ssh2",
      #"Accepted hostbased for x from 198.51.100.1 port 2 ssh2: RSA SHA256:a, client user "#
        + #""a from 192.0.2.9 port 1 ssh2: ", client host "h""#,
    ])
  func ambiguous(line: String) {
    #expect(throws: Omission.unreadable) { try read(line) }
  }

  @Test(
    "is unreadable if it is cut or garbled",
    arguments: [
      "Accepted ", "Accepted password", "Accepted password for ",
      "Accepted password for bob from 192.0.2.7 port 1",
      "Accepted password for bob from 192.0.2.7 port x ssh2",
      "Accepted password for bob from 192.0.2.7 port 1 ssh2 ",
      "Accepted password for  from 192.0.2.7 port 1 ssh2",
      #"Accepted password for bob\q from 192.0.2.7 port 1 ssh2"#,
      #"Accepted password for bob\9 from 192.0.2.7 port 1 ssh2"#,
      #"Accepted password for bob\+12 from 192.0.2.7 port 1 ssh2"#,
      "Accepted password for \(String(repeating: "u", count: 100)) from 192.0.2.7 port 1 ssh2",
    ])
  func garbled(line: String) {
    #expect(throws: Omission.unreadable) { try read(line) }
  }

  @Test("is untrusted if sshd logged it for its unprivileged process")
  func preauth() {
    #expect(throws: Omission.untrusted) {
      try read("Accepted password for bob from 192.0.2.7 port 1 ssh2 [preauth]")
    }
  }
}
