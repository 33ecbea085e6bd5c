import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

private let mistake = Diagnostic(
  severity: .error, name: "unknown_network",
  location: SourceLocation(file: "policy.yaml", line: 7, column: 13),
  message: "there is no network `ofice`", remedy: "did you mean `office`?")
private let doubt = Diagnostic(
  severity: .warning, name: "expires_soon",
  location: SourceLocation(file: "policy.d/bob.yaml", line: 3, column: 5),
  message: "198.51.100.7 ends in 9 days")

@Suite("The status of a daemon")
struct DaemonStatusTests {
  private func report(
    mode: Mode = .enforce, isKeptCopy: Bool = false, warnings: [Diagnostic] = [],
    refusal: [Diagnostic]? = nil
  ) throws -> DaemonStatus {
    var counts = DaemonStatus.Counts()
    counts.allow = 120
    counts.deny = 3
    counts.reasons = [.listed: 120, .notListed: 3]
    return DaemonStatus(
      processID: 812, startedAt: try instant("2026-11-19T11:00:00Z"),
      now: try instant("2026-11-21T12:00:00Z"), socket: "/run/gatehouse/gatehouse.sock",
      folder: "/etc/gatehouse",
      serving: .init(
        generation: 4, digest: "0123456789abcdef", mode: mode,
        since: try instant("2026-11-21T11:58:59.7Z"), isKeptCopy: isKeptCopy, warnings: warnings),
      refusal: try refusal.map { .init(at: try instant("2026-11-21T11:59:59Z"), diagnostics: $0) },
      counts: counts, identity: .init(users: 17, failing: nil), lostEntries: 0)
  }

  @Test("is short where all is well")
  func well() throws {
    let report = try report()
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        enforcing

          policy   generation 4 (0123456789ab), since 2026-11-21T11:58:59Z (1 minute ago)
          from     /etc/gatehouse
          answers  allow 120, deny 3, ignore 0
          reasons  listed 120, not_listed 3
          users    17 readings kept
          daemon   version \(gatehouseVersion), process 812, since 2026-11-19T11:00:00Z (2 days ago)
          socket   /run/gatehouse/gatehouse.sock

        """)
  }

  @Test("says what sssd and winbind said of themselves, and how old the newest reading is")
  func services() throws {
    var status = try report()
    status.identity.lastReadAt = try instant("2026-11-21T11:59:57Z")
    status.identity.services = [
      .init(name: "sssd", state: .offline, at: try instant("2026-11-21T11:59:57Z")),
      .init(name: "winbind", state: .unknown, at: try instant("2026-11-21T11:00:00Z")),
    ]
    let text = status.text()
    #expect(text.contains("17 readings kept, the last one 2026-11-21T11:59:57Z (3 seconds ago)"))
    #expect(text.contains("sssd     offline, it answers from what it has, or not at all"))
    #expect(text.contains("winbind  does not say whether it asks its server"))
    #expect(
      status.text(.json).contains(
        #""services":[{"name":"sssd","state":"offline","time":"2026-11-21T11:59:57Z"},"#))
  }

  @Test("says first that the files were refused, and then why")
  func refused() throws {
    let report = try report(refusal: [mistake])
    #expect(report.status == .no)
    let text = report.text()
    #expect(
      text.hasPrefix(
        """
        behind  /etc/gatehouse has errors; the last good policy stays in effect

        Needs attention
          - /etc/gatehouse was refused for 1 error; an earlier policy stays in effect
            the errors are below; correct them, then `gatehouse reload`

        """))
    #expect(
      text.hasSuffix(
        """

        Refused 2026-11-21T11:59:59Z (1 second ago)
        /etc/gatehouse/policy.yaml:7:13: error: there is no network `ofice` [unknown_network]
            did you mean `office`?

        """))
  }

  @Test("a kept copy that serves is not as it should be")
  func keptCopy() throws {
    let report = try report(isKeptCopy: true)
    #expect(report.status == .no)
    #expect(report.text().contains("\n  from     the last good copy\n"))
  }

  @Test(
    "names the mode that lets denials through",
    arguments: [(Mode.monitor, "monitoring  denials"), (.off, "off  no login")])
  func modes(mode: Mode, start: String) throws {
    let report = try report(mode: mode, warnings: [doubt])
    // A policy that checks nothing needs somebody.
    #expect(report.status == (mode == .off ? .no : .yes))
    #expect(report.text().hasPrefix(start))
    #expect(report.text().contains("/etc/gatehouse/policy.d/bob.yaml:3:5: warning: 198.51.100.7"))
  }

  @Test("without a policy says what becomes of logins")
  func noPolicy() throws {
    var report = try report()
    report.serving = nil
    report.counts.noPolicy = 2
    report.counts.wouldDeny = 1
    report.identity.failing = .init(
      since: try instant("2026-11-21T11:00:00Z"), problem: "user `x`: timed out")
    report.lostEntries = 5
    report.malformedRequests = 1
    report.endings = (1...12).map { number in
      EndingLogin(
        user: Name("u\(number)"), origin: Origin(remoteHost: "192.0.2.1"), service: "sshd",
        at: report.now, rule: SourceLocation(file: "policy.yaml", line: 3, column: 1))
    }
    report.counts.reasons = [.notListed: 2, .listed: 110, .blocked: 2]
    #expect(report.status == .no)
    let text = report.text()
    #expect(text.hasPrefix("no policy  every question is answered no_policy;"))
    #expect(
      text.contains("answers  allow 120 (1 would be deny), deny 3, ignore 0, no policy 2\n"))
    #expect(
      text.contains("  failing since 2026-11-21T11:00:00Z (1 hour ago): user `x`: timed out\n"))
    #expect(text.contains("\n  reasons  listed 110, blocked 2, no_policy 2, not_listed 2\n"))
    #expect(text.contains("\n  closed   1 request could not be understood\n"))
    #expect(text.contains("\n  journal  5 entries lost\n"))
    #expect(text.contains("  - there is no policy: every question is answered no_policy\n"))
    #expect(text.contains("  - users and groups cannot be read since "))
    #expect(text.contains("  - 5 entries of the log were lost"))
    #expect(
      text.contains(
        "  - u5 from 192.0.2.1 by sshd will be refused from 2026-11-21T12:00:00Z on (policy.yaml:3)\n"
      ))
    #expect(text.contains("  - 2 more logins will be refused within two weeks\n"))
    #expect(
      report.text(.json).hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"attention":[{"name":"no_policy","message":"there "#
      ))
  }

  @Test("in JSON has everything, on one line")
  func json() throws {
    #expect(
      try report(refusal: [mistake]).text(.json) == """
        {"version":1,"outcome":"no","error":null,\
        "attention":[{"name":"refused_policy","message":"/etc/gatehouse was refused for \
        1 error; an earlier policy stays in effect","remedy":"the errors are below; correct them, \
        then `gatehouse reload`"}],"daemon_version":"\(gatehouseVersion)","pid":812,"started":"2026-11-19T11:00:00Z",\
        "time":"2026-11-21T12:00:00Z","socket":"/run/gatehouse/gatehouse.sock",\
        "folder":"/etc/gatehouse","serving":{"generation":4,"sha256":"0123456789abcdef",\
        "mode":"enforce","since":"2026-11-21T11:58:59.7Z","kept_copy":false,"warnings":[]},\
        "refused":{"time":"2026-11-21T11:59:59Z","diagnostics":[{"severity":"error",\
        "name":"unknown_network","file":"policy.yaml","line":7,"column":13,\
        "message":"there is no network `ofice`","remedy":"did you mean `office`?"}]},"trial":null,\
        "monitored":null,"shadow":null,"answers":{"allow":120,"deny":3,"ignore":0,"no_policy":0,"would_deny":0,\
        "reasons":{"not_listed":3,"listed":120}},"malformed_requests":0,\
        "grants":0,"codes":{"made":0,"used":0,"wrong":0,"ended":0,"over_limit":0},"identity":{"users":17,"failing_since":null,"problem":null,\
        "last_read_at":null,"services":[]},"lost_entries":0,\
        "origin_problem":null,"ending_logins":[]}

        """)
  }
}

@Suite("The verdict of a reload")
struct ReloadVerdictTests {
  @Test("of a good policy names the generation that serves now, and its warnings")
  func loaded() {
    let report = ReloadVerdict(
      folder: "/etc/gatehouse",
      outcome: .loaded(generation: 5, digest: "0123456789abcdef", mode: .enforce),
      diagnostics: [doubt])
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        /etc/gatehouse/policy.d/bob.yaml:3:5: warning: 198.51.100.7 ends in 9 days [expires_soon]
        loaded  generation 5 (0123456789ab), mode enforce

        """)
    #expect(
      report.text(.json) == """
        {"version":1,"outcome":"loaded","error":null,"generation":5,"sha256":"0123456789abcdef","mode":"enforce",\
        "folder":"/etc/gatehouse","diagnostics":[{"severity":"warning","name":"expires_soon",\
        "file":"policy.d/bob.yaml","line":3,"column":5,"message":"198.51.100.7 ends in 9 days",\
        "remedy":null}],"guard":null}

        """)
  }

  @Test(
    "of a bad one says which serves on",
    arguments: [
      (4, "refused  generation 4 stays in effect\n", #""generation":4"#),
      (
        nil, "refused  there is no policy at all: the module's onerr decides each login\n",
        #""generation":null"#
      ),
    ] as [(Int?, String, String)])
  func refused(keeping: Int?, last: String, member: String) {
    let report = ReloadVerdict(
      folder: "/etc/gatehouse", outcome: .refused(keeping: keeping), diagnostics: [mistake])
    #expect(report.status == .no)
    #expect(report.text().hasSuffix(last))
    #expect(
      report.text(.json).hasPrefix(#"{"version":1,"outcome":"refused","error":null,\#(member),"#))
  }
}

@Suite("An explain that the daemon cannot answer")
struct NoExplanationReportTests {
  @Test("says so in every form, and is neither a yes nor a no")
  func everywhere() {
    let report = ExplainReply.noPolicy(folder: "/etc/gatehouse")
    #expect(report.status == .unreachable)
    #expect(report.text().hasPrefix("NO POLICY  no_policy\n"))
    let error =
      "the daemon has no policy: /etc/gatehouse does not load, and no last good policy is kept"
    #expect(String(decoding: report.batchLine(), as: UTF8.self) == "{\"error\":\"\(error)\"}\n")
    #expect(
      report.text(.json)
        == #"{"version":1,"outcome":"failed","error":{"message":"\#(error)","#
        + #""remedy":"`gatehouse check` shows what is wrong"}}"# + "\n")
  }

  @Test("a daemon with too many of them is reached in vain")
  func busy() {
    let report = ExplainReply.busy
    let error = "too many explanations are waiting in the daemon; try again in a moment"
    #expect(report.status == .unreachable)
    #expect(report.text() == "BUSY  \(error)\n")
    #expect(String(decoding: report.batchLine(), as: UTF8.self) == "{\"error\":\"\(error)\"}\n")
    #expect(
      report.text(.json)
        == #"{"version":1,"outcome":"failed","error":{"message":"\#(error)","remedy":null}}"# + "\n"
    )
  }
}
