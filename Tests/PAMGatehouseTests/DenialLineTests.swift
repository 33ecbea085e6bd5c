import GatehouseWire
import TestKit
import Testing

@testable import PAMGatehouse

/// The line of a denial in the log, which other programs read, and what the package has for them.
@Suite("The line of a denial")
struct DenialLineTests {
  private static let packaging =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/packaging"

  /// The line as syslog has it.
  private func line(
    _ user: String, from host: String?, _ reason: String = "not_listed", service: String = "sshd",
    other: [LoginItem: String] = [:]
  ) throws -> String {
    let (_, record) = Scene(
      service: service, user: user, remoteHost: host, other: other,
      answer: answerBytes(.deny, reason: reason)
    ).judge()
    let said = try #require(record.lines(.warning).first)
    return "Nov 26 20:51:54 gate \(service)[4711]: pam_gatehouse(\(service):account): \(said)"
  }

  /// The address that the filter of fail2ban finds in a line; nil if it does not match.
  ///
  /// `%(__prefix_line)s` stands for what syslog puts before the message, and `<ADDR>` for an address.
  private func banned(_ line: String) throws -> Substring? {
    let filter = try readText("\(Self.packaging)/fail2ban/gatehouse.conf").split(separator: "\n")
    let rule = try #require(filter.first { $0.hasPrefix("failregex = ") }).dropFirst(
      "failregex = ".count)
    let expression =
      rule
      .replacing("%(__prefix_line)s", with: #"\w{3} [ :\d]{11} \S+ [\w.-]+\[\d+\]: "#)
      .replacing("<ADDR>", with: #"([0-9A-Fa-f.:]+)"#)
    return line.wholeMatch(of: try Regex(String(expression)))?[1].substring
  }

  /// Names that pretend to be another user's denial from another address.
  static let hostile = [
    #"x" from "203.0.113.1": not_listed, id aaaaaaaaaa"#,
    "x\" from \"203.0.113.1\": not_listed, id aaaaaaaaaa\n",
    "x\nNov 26 20:51:54 gate sshd[1]: pam_gatehouse(sshd:account): denied user \"y\" from "
      + "\"203.0.113.1\": not_listed, id aaaaaaaaaa",
    #"\" from \"203.0.113.1"#, "203.0.113.1", "<ADDR>", "\u{1B}]0;x\u{7}", "\u{202E}", "%(host)s",
  ]

  @Test("has user, address, reason and id, and fail2ban's filter finds the address")
  func address() throws {
    for host in ["198.51.100.7", "2001:db8::7"] {
      let line = try line("bob", from: host)
      #expect(line.hasSuffix(#"denied user "bob" from "\#(host)": not_listed, id h4kqm7wnt3"#))
      #expect(try banned(line) == host[...])
    }
  }

  @Test("has sshd's address if PAM has a name or nothing")
  func connection() throws {
    let connection = [LoginItem.sshConnection: "198.51.100.7 50000 192.0.2.1 22"]
    for host in ["cafe.example", "UNKNOWN", nil] {
      #expect(try banned(line("bob", from: host, other: connection)) == "198.51.100.7")
    }
    // Another program's environment proves nothing.
    #expect(
      try line("bob", from: "cafe.example", service: "vsftpd", other: connection)
        .contains(#"from "cafe.example":"#))
    let local = try line("bob", from: nil, "session_unclear", service: "cockpit")
    #expect(local.hasSuffix(#"denied user "bob": session_unclear, id h4kqm7wnt3"#))
  }

  @Test("of a hostile user name never bans another address", arguments: hostile)
  func hostileName(name: String) throws {
    #expect(try banned(line(name, from: "198.51.100.7")) == "198.51.100.7")
    #expect(try banned(line("bob", from: name)) == (name == "203.0.113.1" ? "203.0.113.1" : nil))
    #expect(try banned(line(name, from: nil)) == nil)
  }

  @Test("has reason and id also of the longest names")
  func longNames() throws {
    let name = String(repeating: "\u{FC}", count: 127)
    let line = try line(name, from: name)
    #expect(line.hasSuffix(#"": not_listed, id h4kqm7wnt3"#))
  }

  @Test(
    "is no reason to ban if it is not the address that is wrong",
    arguments: [
      "identity_unavailable", "user_unknown", "role_unavailable", "user_list_required",
      "origin_unknown", "no_address", "session_unclear", "local_not_listed",
    ])
  func otherReasons(reason: String) throws {
    #expect(try banned(line("bob", from: "198.51.100.7", reason)) == nil)
  }

  @Test("is read in the same way by fail2ban itself", .enabled(if: hasFail2ban, "needs fail2ban"))
  func realFilter() throws {
    let folder = try TemporaryDirectory()
    var lines = [try line("bob", from: "198.51.100.7"), try line("bob", from: "2001:db8::7")]
    for name in Self.hostile {
      // syslog writes a line for each line of a message; the module has none.
      lines.append(try line(name, from: "cafe.example"))
      lines.append(try line("bob", from: "198.51.100.8", "identity_unavailable"))
    }
    let log = try folder.write(lines.joined(separator: "\n") + "\n", to: "auth.log")
    // As it is installed, beside the file that it includes.
    for file in ["\(Self.packaging)/fail2ban/gatehouse.conf", "/etc/fail2ban/filter.d/common.conf"]
    {
      _ = try run("cp", [file, folder.path])
    }
    let result = try run("fail2ban-regex", ["--out", "ip", log, folder.file("gatehouse.conf")])
    #expect(
      result.output.split(separator: "\n") == ["198.51.100.7", "2001:db8::7"], "\(result)")
  }

  private static let hasFail2ban = (try? run("fail2ban-regex", ["--version"]).status) == 0
}
