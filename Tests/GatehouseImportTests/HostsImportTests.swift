import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseImport

/// Imports hosts.allow and hosts.deny; nil is a file that is not there.
func importedHosts(
  allow: String?, deny: String?, hasService: (@Sendable (Name) -> Bool)? = nil
) throws -> Import {
  try Import(
    hostsAllow: allow.map { ImportFile(name: "hosts.allow", content: Array($0.utf8)) },
    deny: deny.map { ImportFile(name: "hosts.deny", content: Array($0.utf8)) },
    hasService: hasService)
}

/// Of the daemons that a policy has if files name them, those that they name.
func namedDaemons(_ files: (allow: String, deny: String)) -> [String] {
  let read = HostsRules(
    allow: ImportFile(name: "hosts.allow", content: Array(files.allow.utf8)),
    deny: ImportFile(name: "hosts.deny", content: Array(files.deny.utf8)), hasService: nil)
  return RandomHostsFiles.daemons.ifNamed.filter { read.named[Name($0)] != nil }
}

/// Imports of hosts.allow and hosts.deny of TCP wrappers.
struct HostsImportTests {
  @Test(
    "for every daemon and class of addresses a complete policy decides as TCP wrappers do",
    arguments: [Difficulty.tidy])
  func everyClass(kind: Difficulty) throws {
    var complete = 0
    let count = 100
    for seed in 0..<UInt64(count) {
      var random = RandomHostsFiles(kind, seed: seed)
      let files = random.next()
      guard let made = try? importedHosts(allow: files.allow, deny: files.deny) else { continue }
      let policy = try loaded(made.policy)
      complete += made.isComplete ? 1 : 0
      let twin = HostsTwin(allow: files.allow, deny: files.deny)
      for daemon in RandomHostsFiles.daemons.always + namedDaemons(files) {
        for service in HostsServices.services(of: Name(daemon)) {
          for address in RandomHostsFiles.addresses {
            let expected = twin.allows(daemon, address)
            let isAllowed = policy.allows("alice", [], address, service: service.description)
            // One of 127.0.0.1 and ::1 alone is not allowed.
            #expect(
              made.isComplete ? isAllowed == expected : !isAllowed || expected,
              "\(daemon) from \(address)\n\(files.allow)---\n\(files.deny)---\n\(made.policy)")
          }
        }
      }
    }
    #expect(complete > count / 3)
  }

  /// What becomes of one word among the clients of a line that allows.
  struct Client: CustomTestStringConvertible, Sendable {
    let word: String
    /// The list of sshd in the policy.
    let from: String
    /// The findings.
    let findings: [String]

    init(_ word: String, _ from: String, _ findings: String...) {
      (self.word, self.from, self.findings) = (word, from, findings)
    }

    var testDescription: String { word }
  }

  @Test(
    "a word among the clients is the addresses that TCP wrappers take it for, or a finding",
    arguments: [
      Client("10.1.2.3", "10.1.2.3"), Client("10.1.", "10.1.0.0/16"),
      Client("10.1.0.0/255.255.0.0", "10.1.0.0/16"), Client("10.1.0.0/16", "10.1.0.0/16"),
      Client("0.0.0.0/0.0.0.0", "0.0.0.0/0", "note loopback"),
      Client("[2001:db8::]/32", "\"2001:db8::/32\""), Client("[2001:db8::1]", "\"2001:db8::1\""),
      Client("ALL@10.1.", "10.1.0.0/16"), Client("10. EXCEPT 10.128.0.0/9", "10.0.0.0/9"),
      Client("10.0.0.0/8 EXCEPT 10.128.0.0/9 EXCEPT 10.255.", "10.0.0.0/9, 10.255.0.0/16"),
      Client("010.0.0.0/8", "8.0.0.0/8", "surprising_address"),
      Client("10.1.0.0/8", "nowhere", "surprising_address"),
      Client("10.0.0.0/0", "nowhere", "surprising_address"),
      Client("10.0.0.1/255.255.255.255", "nowhere", "surprising_address"),
      Client("10.0.0.0/255.0.255.0", "nowhere", "scattered_mask"),
      Client("[10.0.0.1]", "nowhere", "surprising_address"),
      Client("[::ffff:10.0.0.1]", "nowhere", "surprising_address"),
      Client("[fe80::1%eth0]", "nowhere", "zone"), Client("[fe80::%eth0]/64", "nowhere", "zone"),
      Client("300.1.", "nowhere", "surprising_address"),
      Client("# 10.1.2.3", "10.1.2.3", "surprising_address"),
      Client("10.1.*", "10.1.0.0/16", "host_name"), Client("*.1", "nowhere", "address_text"),
      Client("*.example.org", "nowhere", "host_name"), Client(".1", "nowhere", "address_ending"),
      Client(".example.org", "nowhere", "host_name"),
      Client("gate.example.org", "nowhere", "host_name"), Client("LOCAL", "nowhere", "host_name"),
      Client("KNOWN", "nowhere", "host_name"), Client("unknown", "nowhere", "host_name"),
      Client("PARANOID", "nowhere", "host_name"), Client("@admins", "nowhere", "host_netgroup"),
      Client("/etc/more", "nowhere", "pattern_file"), Client("bob@10.1.2.3", "nowhere", "ident"),
      Client("127. [::1]", "127.0.0.0/8, \"::1\", self"),
      Client("127.0.0.1", "nowhere", "loopback"),
    ])
  func clients(_ client: Client) throws {
    let made = try importedHosts(allow: "sshd: \(client.word)\n", deny: "sshd: ALL\n")
    let from = client.from == "0.0.0.0/0" ? "0.0.0.0-126.255.255.255, " : client.from
    #expect(made.policy.contains("  sshd:\n    from: [\(from)"), "\(made.policy)")
    #expect(
      Set(made.diagnostics.map(\.name))
        == Set(client.findings.map { $0.replacing("note ", with: "") }), "\(made.diagnostics)")
  }

  @Test(
    "what is left out of a refusal opens the policy, and is an error",
    arguments: [
      ("sshd: .bad.example\n", true), ("sshd: ALL EXCEPT .good.example\n", false),
      ("sshd: ALL EXCEPT 10. EXCEPT bad.example\n", true), ("sshd@10.9.9.9: ALL\n", true),
      ("ALL EXCEPT sshd@10.9.9.9: ALL\n", false),
    ])
  func direction(_ deny: String, _ opens: Bool) throws {
    let made = try importedHosts(allow: nil, deny: deny)
    let findings = made.diagnostics.filter { $0.kind != .note }
    #expect(findings.map(\.opens) == [opens], "\(made.diagnostics)")
    #expect(findings[0].message.contains(opens ? "allows more" : "allows less"))
    #expect(made.policy.contains("INCOMPLETE"))
  }

  /// The options of a line, whether it allows in the policy, and the findings.
  struct Options: CustomTestStringConvertible, Sendable {
    let text: String
    let isAllowed: Bool
    let findings: [String]

    init(_ text: String, _ isAllowed: Bool, _ findings: String...) {
      (self.text, self.isAllowed, self.findings) = (text, isAllowed, findings)
    }

    var testDescription: String { text }
  }

  @Test(
    "the options of a line of hosts.allow are taken as TCP wrappers take them",
    arguments: [
      Options("allow", true), Options("ALLOW", true), Options("deny", false),
      Options("severity mail.info", true), Options("severity=auth.notice : deny", false),
      Options("umask 022 : nice 5 : keepalive : linger 3 : rfc931 : setenv A b", true),
      Options("banners /b", true),
      Options("spawn (echo a\\:b) & : allow", true, "note command"),
      Options("twist /bin/echo no", false, "not_said command"),
      Options("aclexec /bin/true", false, "not_said command"),
      Options("aclexec /bin/true : deny", false, "note command"),
      Options("user nobody", false, "not_said run_as"),
      Options("frob", false, "note bad_option"), Options("", false, "note bad_option"),
      Options("allow :", false, "note bad_option"), Options("allow now", false, "note bad_option"),
      Options("deny : allow", false, "note bad_option"),
      Options("severity frob", false, "note bad_option"),
      Options("umask 999", false, "note bad_option"), Options("linger", false, "note bad_option"),
      Options("rfc931 0", false, "note bad_option"), Options("nice x", false, "note bad_option"),
    ])
  func options(_ options: Options) throws {
    let made = try importedHosts(allow: "sshd: 10. : \(options.text)\n", deny: "sshd: ALL\n")
    #expect(
      try loaded(made.policy).allows("bob", [], "10.1.1.1") == options.isAllowed,
      "\(made.policy)")
    #expect(
      made.diagnostics.map { "\($0.kind.rawValue) \($0.name)" } == options.findings,
      "\(made.diagnostics)")
  }

  @Test("a line of hosts.deny allows with ALLOW, and refuses with a twist")
  func denyOptions() throws {
    let made = try importedHosts(
      allow: nil, deny: "sshd: 10. : allow\nsshd: 192.0.2. : twist /bin/echo no\n")
    let policy = try loaded(made.policy)
    #expect(policy.allows("bob", [], "10.0.0.1"))
    #expect(!policy.allows("bob", [], "192.0.2.1"))
    #expect(policy.allows("bob", [], "203.0.113.1"))
    #expect(made.isComplete, "a twist is no login either way: \(made.diagnostics)")
  }

  @Test("comments, continued lines and lines that TCP wrappers skip are read as they read them")
  func lines() throws {
    let allow = """
      # sshd: 10. \\
      sshd: 192.0.2.1
      sshd: 192.0.2.2 \\
        192.0.2.3
       # sshd: 192.0.2.4
      sshd 192.0.2.5
      sshd: 192.0.2.6
      """
    let made = try importedHosts(allow: allow, deny: "sshd: ALL\n")
    let policy = try loaded(made.policy)
    let allowed = (1...6).filter { policy.allows("bob", [], "192.0.2.\($0)") }
    #expect(allowed == [2, 3, 4])
    #expect(
      made.diagnostics.map { "\($0.line) \($0.name)" }
        == ["5 odd_name", "6 skipped_line", "7 broken_line"], "\(made.diagnostics)")
  }

  @Test(
    "at a line that is too long or not ended hosts.allow ends, and hosts.deny refuses everybody")
  func brokenLine() throws {
    let long = "vsftpd: " + String(repeating: "10.0.0.1 \\\n", count: 300) + "10.0.0.2\n"
    let unended = "vsftpd: 10.0.0.1"
    for text in [long, unended] {
      let ended = try importedHosts(
        allow: "sshd: 10.\n\(text)\(text == long ? "sshd: 192.0.2.1\n" : "")", deny: "ALL: ALL\n")
      #expect(ended.policy.contains("  sshd:\n    from: [10.0.0.0/8]\n"))
      #expect(ended.diagnostics.first.map { "\($0.line) \($0.name)" } == "2 broken_line")
      let refused = try importedHosts(allow: "sshd: 10.\n", deny: text)
      #expect(refused.policy.contains("  sshd:\n    from: [10.0.0.0/8]\n"))
      #expect(Set(refused.diagnostics.map(\.name)) == ["broken_line", "all_services"])
    }
    let short = String(repeating: " ", count: HostsText.longest - 14)
    for (spaces, count) in [(short, 0), (short + " ", 1)] {
      let made = try importedHosts(allow: "sshd: 1.2.3.4\(spaces)\n", deny: "sshd: ALL\n")
      #expect(made.diagnostics.count == count)
    }
  }

  @Test(
    "a file is taken for hosts.allow or hosts.deny if it has ALL, an address or a domain, or on demand",
    arguments: [
      ("ALL: ALL", true, true), ("sshd: 192.0.2.1 \\\n  192.0.2.2\n", true, true),
      ("sshd: .example.org\n", true, true), ("sshd: gate\n", false, true),
      ("sshd: ALL\nhello\n", false, true), ("root:x:0:0:root:/root:/bin/bash\n", false, true),
      ("hello\n", false, false),
    ])
  func format(_ text: String, _ isFound: Bool, _ isTaken: Bool) {
    let file = ImportFile(name: "file", content: Array(text.utf8))
    #expect(((try? ImportFormat.of([file])) == .hosts) == isFound)
    #expect(((try? ImportFormat.of([file], wanted: .hosts)) == .hosts) == isTaken)
  }

  @Test("files that refuse nobody are not imported")
  func nothingRefused() {
    for (allow, deny) in [("sshd: 10.\n", nil), ("sshd: 10.\n", "# ALL: ALL\n"), (nil, "x\n")]
      as [(String?, String?)]
    {
      let error = #expect(throws: UnreadableImport.self) {
        try importedHosts(allow: allow, deny: deny)
      }
      #expect(error?.problem.hasPrefix("nothing is refused by it") == true)
    }
  }

  @Test("daemons are the PAM services by which they log people in, and ALL means the usual ones")
  func services() throws {
    let made = try importedHosts(
      allow: "in.telnetd: 10.\nvs*: 192.0.2.\nMyd: 203.0.113.\n", deny: "ALL: ALL\n",
      hasService: { ["sshd", "login", "vsftpd", "myd"].contains($0) })
    #expect(
      made.policy.hasSuffix(
        """
        everyone:
          from: [anywhere]

        services:
          login:
            from: [10.0.0.0/8]
          myd:
            from: [203.0.113.0/24]
          sshd:
            from: [nowhere]
          vsftpd:
            from: [192.0.2.0/24]

        """), "\(made.policy)")
    #expect(made.isComplete)
    #expect(made.diagnostics.map(\.name) == ["service", "all_services"])
    #expect(made.diagnostics[1].message.contains("its services are login, myd, sshd, vsftpd, and"))
  }

  @Test("the manual has the usual daemons, and their PAM services where those have other names")
  func manual() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let page = try readText(root.joined(separator: "/") + "/packaging/man/gatehouse.1")
    let section = try #require(page.split(separator: ".Em Import of hosts.allow").last)
    let list = try #require(section.split(separator: "\n.El\n").first)
    var named: [String: String] = [:]
    for item in list.split(separator: "\n.It Li ").dropFirst() {
      let lines = item.split(separator: "\n")
      for daemon in lines[0].split(separator: " , ") {
        named[String(daemon)] = String(lines[1].prefix { $0 != ";" })
      }
    }
    for (daemon, services) in HostsServices.usual where services != [daemon] {
      let names = services.map(\.description).joined(separator: " and ")
      #expect(named.removeValue(forKey: daemon.description) == names)
    }
    #expect(named.isEmpty)
    let same = HostsServices.usual.filter { $0.value == [$0.key] }.map(\.key.description)
    #expect(same.sorted() == ["proftpd", "sshd", "vsftpd"])
    #expect(section.contains("sshd, vsftpd and proftpd"))
  }

  @Test("a daemon that is no PAM service of the machine stays in the policy, and is said")
  func unknownService() throws {
    let made = try importedHosts(allow: nil, deny: "rpcbind: ALL\n", hasService: { $0 == "sshd" })
    #expect(made.policy.contains("  rpcbind:\n    from: [nowhere]"))
    #expect(made.diagnostics.map(\.name) == ["no_service"])
  }

  @Test("daemons that are one PAM service are allowed what all of them allow")
  func sharedService() throws {
    let made = try importedHosts(
      allow: "imap: 10. 192.0.2.\npop3: 10. 203.0.113.\n", deny: "ALL: ALL\n")
    #expect(made.policy.contains("  dovecot:\n    from: [10.0.0.0/8]\n"), "\(made.policy)")
    #expect(made.diagnostics.filter { $0.kind == .notImported }.map(\.name) == ["shared_service"])
  }

  @Test("the report of an import with findings is as it stands here")
  func report() throws {
    let made = try importedHosts(
      allow: "#\nsshd: 192.0.2.0/24, [2001:db8::]/32 .example.org\nALL: 10. : spawn /bin/x &\n",
      deny: "sshd: .bad.example\nALL: ALL\n", hasService: { ["sshd", "vsftpd"].contains($0) })
    #expect(
      made.diagnostics.map { "\($0)\n" }.joined() == """
        hosts.allow:2: not imported: `.example.org` is a domain of host names, and names are never \
        looked up; without it the policy allows less
        hosts.allow:3: note: of daemons that no line names, the policy has those that usually log \
        people in; its services are sshd, vsftpd, and any other stays open
        hosts.allow:3: note: spawn runs a command, and the policy does not; see notify
        hosts.deny:1: error: `.bad.example` is a domain of host names, and names are never looked \
        up; without it the policy allows more

        """)
    #expect(
      made.policy == """
        # Written by `gatehouse import` from hosts.allow, hosts.deny.
        # INCOMPLETE: this policy does not say all that the files say:
        # - hosts.allow:2: not imported: `.example.org` is a domain of host names, and names are \
        never looked up; without it the policy allows less
        # - hosts.deny:1: error: `.bad.example` is a domain of host names, and names are never \
        looked up; without it the policy allows more
        version: 1
        mode: monitor

        everyone:
          from: [anywhere]

        services:
          sshd:
            from: [10.0.0.0/8, 192.0.2.0/24, "2001:db8::/32"]
          vsftpd:
            from: [10.0.0.0/8]

        """)
  }
}
