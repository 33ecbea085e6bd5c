import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@Suite(
  "gatehouse report",
  .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
struct CommandReportTests {
  private static func entry(
    _ id: String, _ user: String, _ origin: String, minutesAgo minutes: Int64,
    _ more: [String: String] = [:]
  ) -> JournalFolder.Entry {
    .decision(
      user, origin, at: minutesAgo(minutes),
      ["GATEHOUSE_ID": id, "GATEHOUSE_RULE": "policy.yaml:3"].merging(more) { $1 })
  }

  private func report(
    _ entries: [JournalFolder.Entry], _ arguments: [String] = []
  ) throws -> ProcessResult {
    let journal = try JournalFolder(entries)
    return try gatehouse(["report", "--journal", journal.path] + arguments)
  }

  @Test("counts what the journal has, by user, place, service and rule")
  func counts() throws {
    var entries: [JournalFolder.Entry] = []
    for number in 0..<500 {
      let minutes = Int64(6000 - number * 10)
      entries.append(Self.entry("aaaaaaa\(100 + number)", "ann", "192.0.2.7", minutesAgo: minutes))
      if number % 5 == 0 {
        entries.append(
          Self.entry(
            "bbbbbbb\(100 + number)", "bob", "198.51.100.1", minutesAgo: minutes,
            JournalFolder.Entry.denied))
      }
    }
    let result = try report(entries)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    #expect(result.output.contains("\n  logins   600\n  let in   500\n  refused  100\n"))
    #expect(
      result.output.contains(
        /\n +100  .*  bob +198.51.100.1 +sshd +not_listed +policy.yaml:3 +bbbbbbb595\n/))
    let json = try report(entries, ["--json"]).output
    #expect(json.contains(#""count":100,"#) && json.contains(#""id":"bbbbbbb595""#))
  }

  @Test("counts the answers about the second factor apart, by rule and not by who asked")
  func factors() throws {
    var entries = [Self.entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 90)]
    for number in 1...20 {
      entries.append(
        Self.entry(
          "bbbbbbb\(100 + number)", "guess\(number)", "198.51.100.\(number)",
          minutesAgo: Int64(80 - number), JournalFolder.Entry.factor("needed", "not_listed")))
    }
    entries += [
      Self.entry(
        "cccccccccc", "ann", "192.0.2.7", minutesAgo: 9,
        JournalFolder.Entry.factor("not_needed", "listed")),
      Self.entry(
        "dddddddddd", "ann", "192.0.2.7", minutesAgo: 8,
        JournalFolder.Entry.factor("needed", "listed", wouldSpare: true)),
      Self.entry(
        "eeeeeeeeee", "eve", "192.0.2.7", minutesAgo: 7,
        JournalFolder.Entry.factor("not_needed", "listed").merging(["_UID": "1000"]) { $1 }),
    ]
    let result = try report(entries)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.contains("\n  logins  1\n"))
    #expect(
      result.output.contains(
        #/\nSecond factor\n.*\n  needed +20 .* sshd +not_listed +policy.yaml:3\n/#), "\(result)")
    #expect(result.output.contains(/\n  would be spared +1 .* sshd +listed +policy.yaml:3\n/))
    #expect(result.output.contains(/\n  not needed +1 .* sshd +listed +policy.yaml:3\n/))
    #expect(!result.output.contains("guess") && !result.output.contains("  eve "))
    #expect(result.output.contains("1 entry looks like gatehoused's"))
    let json = try report(entries, ["--json"]).output
    #expect(json.contains(#""answer":"needed","reason":"not_listed","rule":"policy.yaml:3","#))
  }

  @Test("counts codes by user, apart from the logins")
  func codes() throws {
    var entries = [Self.entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 90)]
    for number in 1...5 {
      entries.append(.code("made", "ann", "203.0.113.9", at: minutesAgo(Int64(80 - number))))
    }
    entries += [
      .code("wrong", "ann", "203.0.113.9", at: minutesAgo(9)),
      .code("used", "ann", "203.0.113.9", at: minutesAgo(8)),
      .code("ended", "bob", "203.0.113.8", at: minutesAgo(7)),
      .code("over_limit", "bob", "203.0.113.8", at: minutesAgo(6)),
      .code("used", "eve", "203.0.113.9", at: minutesAgo(5), ["_UID": "1000"]),
    ]
    let result = try report(entries)
    #expect(result.status == 0 && result.output.contains("\n  logins  1\n"), "\(result)")
    #expect(
      result.output.contains(
        #/\nCodes to authorise a new place\n.*\n  ann +5 +1 +1 .* 203.0.113.9\n  bob +1 +1 .*/#),
      "\(result)")
    #expect(!result.output.contains("  eve ") && result.output.contains("1 entry looks like"))
    let json = try report(entries, ["--json"]).output
    #expect(
      json.contains(
        #""origin":{"kind":"address","address":"203.0.113.9"},"made":5,"used":1,"wrong":1,"#
          + #""ended":0,"over_limit":0}"#), "\(json)")
    let folder = try TemporaryDirectory()
    let page = folder.file("report.html")
    #expect(try report(entries, ["--html", page]).status == 0)
    #expect(try readText(page).contains("Who was sent codes, and what became of them"))
  }

  @Test("only of the time that was asked for")
  func time() throws {
    let entries = [
      Self.entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 11 * 1440),
      Self.entry("bbbbbbbbbb", "bob", "192.0.2.7", minutesAgo: 2 * 1440),
      Self.entry("cccccccccc", "carol", "192.0.2.7", minutesAgo: 10),
    ]
    #expect(try report(entries).output.contains("\n  logins  2\n"))
    #expect(try report(entries, ["--since", "30d"]).output.contains("\n  logins  3\n"))
    #expect(try report(entries, ["--since", "1h"]).output.contains("\n  logins  1\n"))
    #expect(try report(entries, ["--since", "5m"]).output.contains("\n  logins  0\n"))
  }

  @Test("what any user can write is not counted, and is said to be there")
  func forged() throws {
    let entries = [
      Self.entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 9),
      Self.entry("gggggggggg", "eve", "192.0.2.1", minutesAgo: 5, ["_UID": "1000"]),
      Self.entry(
        "hhhhhhhhhh", "eve", "192.0.2.1", minutesAgo: 4, ["_SYSTEMD_UNIT": "session-3.scope"]),
    ]
    let result = try report(entries)
    #expect(result.output.contains("\n  logins  1\n") && !result.output.contains("  eve "))
    #expect(
      result.output.contains("1 entry looks like gatehoused's, but cannot be believed or read"))
  }

  @Test("nothing of an entry reaches the terminal as a command, in any field")
  func hostile() throws {
    let text = "\u{1B}]0;x\u{7}<script>\u{202E},\"\(String(repeating: "long", count: 250))"
    for field in [
      "GATEHOUSE_USER", "GATEHOUSE_SERVICE", "GATEHOUSE_RULE", "GATEHOUSE_REASON", "GATEHOUSE_ID",
      "GATEHOUSE_RHOST", "GATEHOUSE_GRANT", "_HOSTNAME",
    ] {
      let entry = Self.entry(
        "kkkkkkkkkk", "ann", "192.0.2.1", minutesAgo: 1,
        JournalFolder.Entry.denied.merging([field: text]) { $1 })
      for arguments in [[], ["--json"]] {
        let result = try report([entry], arguments)
        #expect(result.status == 0)
        #expect(
          result.output.unicodeScalars.allSatisfy {
            ($0.value >= 0x20 || $0 == "\n") && $0 != "\u{202E}"
          }, "\(field): \(result)")
      }
    }
  }

  // MARK: - The page

  private static let entries = [
    entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 9),
    entry("bbbbbbbbbb", "bob<script>", "198.51.100.1", minutesAgo: 8, JournalFolder.Entry.denied),
  ]

  @Test("writes a page for its owner alone, in place of the one that is there")
  func page() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write("the last one", to: "report.html", mode: 0o644)
    let result = try report(Self.entries, ["--html", path])
    #expect(result.status == 0 && result.output == "" && result.errors == "", "\(result)")
    let page = try readText(path)
    #expect(page.hasPrefix("<!DOCTYPE html>\n") && page.hasSuffix("</html>\n"))
    #expect(page.contains("<bdi>bob&lt;script&gt;</bdi>") && !page.contains("bob<script>"))
    #expect(Files.status(of: path)?.mode == 0o600)
    #expect(try Files.names(in: folder.path) == ["report.html"])
  }

  @Test("follows no link, and replaces nothing but a file")
  func links() throws {
    let folder = try TemporaryDirectory()
    let target = try folder.write("precious", to: "target")
    let link = folder.file("link.html")
    _ = try run("/bin/ln", ["-s", target, link])
    for path in [link, folder.path] {
      let result = try report(Self.entries, ["--html", path])
      #expect(result.status == 3 && result.errors.contains("is not a regular file"), "\(result)")
    }
    #expect(try readText(target) == "precious")
    let missing = try report(Self.entries, ["--html", folder.file("no/such/folder.html")])
    #expect(missing.status == 3 && missing.errors.contains("cannot be written"))
  }

  // MARK: - The mail

  /// A folder with a sendmail that does what a script says.
  private func sendmail(_ script: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    _ = try folder.write("#!/bin/sh\n\(script)\n", to: "sendmail", mode: 0o755)
    return folder
  }

  private func mail(_ folder: TemporaryDirectory, to address: String) throws -> ProcessResult {
    let journal = try JournalFolder(Self.entries)
    return try gatehouse(
      ["report", "--journal", journal.path, "--mail", address],
      environment: ["PATH": "\(folder.path):/usr/bin:/bin"])
  }

  @Test("hands a mail with the text and the page to sendmail")
  func mailed() throws {
    let folder = try sendmail(#"echo "$*" >"${0%/*}/arguments"; cat >"${0%/*}/mail""#)
    let result = try mail(folder, to: "ops@example.org")
    #expect(result.status == 0 && result.output == "" && result.errors == "", "\(result)")
    #expect(try readText(folder.file("arguments")) == "-i -t\n")
    let mail = try readText(folder.file("mail"))
    #expect(
      mail.hasPrefix("To: ops@example.org\nSubject: Gatehouse: 1 login refused in 7 days\n"))
    #expect(mail.hasSuffix("--=_gatehouse-report_=--\n"))
    #expect(mail.contains("filename=\"gatehouse-report.html\""))
  }

  @Test("says what became of a mail that could not be sent")
  func unsent() throws {
    let failing = try mail(try sendmail("echo queue is full >&2; exit 75"), to: "root")
    #expect(failing.status == 3)
    #expect(failing.errors.contains("sendmail failed with status 75: queue is full"), "\(failing)")
    for address in ["-t", "a@b\nBcc: c@d", "|/bin/sh", ""] {
      #expect(try mail(try sendmail("exit 0"), to: address).status == 2, "\(address)")
    }
  }

  @Test("an empty time is a report, too; no journal is none; what makes no sense is misuse")
  func failures() throws {
    #expect(try report([Self.entry("a", "ann", "192.0.2.7", minutesAgo: 20_000)]).status == 0)
    let folder = try TemporaryDirectory()
    let missing = try gatehouse(["report", "--journal", folder.path])
    #expect(missing.status == 3 && missing.output == "")
    #expect(missing.errors.contains("the folder must have files that end in .journal"))
    #expect(try gatehouse(["report", "--since", "yesterday"]).status == 2)
  }

  @Test("of several machines it names each, and can be asked about one")
  func machines() throws {
    let journal = try JournalFolder([])
    for (name, user) in [("gate", "ann"), ("door", "bob")] {
      // Its own word is not what counts.
      try journal.add(
        [
          Self.entry(
            "\(name)aaaaaa", user, "192.0.2.7", minutesAgo: 5,
            JournalFolder.Entry.denied.merging(["_HOSTNAME": "elsewhere"]) { $1 })
        ], as: "remote-\(name)")
    }
    let all = try gatehouse(["report", "--journal", journal.path])
    #expect(all.output.contains(#/\n +machine +times .*\n/#), "\(all)")
    #expect(
      all.output.contains(#/\n +door +1 .* bob /#) && all.output.contains(#/\n +gate +1 .* ann /#))
    let one = try gatehouse(["report", "--journal", journal.path, "--machine", "door"])
    #expect(one.output.contains("  bob ") && !one.output.contains("  ann "), "\(one)")
    #expect(!one.output.contains("  machine  ") && !all.output.contains("elsewhere"))
  }

  @Test("a file that cannot be read is named, and the others are counted")
  func damaged() throws {
    let journal = try JournalFolder([Self.entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 5)])
    let file = "\(journal.path)/broken.journal"
    try Files.replace(file, with: [Array("no journal".utf8)], .init(mode: 0o600))
    let result = try gatehouse(["report", "--journal", journal.path])
    #expect(result.status == 0 && result.output.contains("\n  logins  1\n"))
    #expect(result.errors.contains("warning: \(file) is left out: the journal cannot be opened"))
  }

  @Test(
    "without a journal it counts the lines of syslog's files, and says that they prove nothing",
    .enabled(if: isRoot, "needs root: the folders of the logs are mounted over the machine's"))
  func syslog() throws {
    let folder = try TemporaryDirectory()
    func line(_ id: String, _ user: String, minutesAgo minutes: Int64) -> String {
      let time = Instant(microsecondsSinceEpoch: minutesAgo(minutes)).roundedToSeconds
      return "\(time) gate gatehoused[812]: denied \(user) "
        + #"[message_id="cd6ea7754a4f4d81bcc7da29e5486793" id="\#(id)" decision="deny" "#
        + #"reason="not_listed" would_deny="false" user="\#(user)" service="sshd" "#
        + #"origin="192.0.2.7" origin_kind="address" generation="4:ab"]"# + "\n"
    }
    let file = try folder.write(
      line("cccccccccc", "carol", minutesAgo: 20_000) + line("aaaaaaaaaa", "ann", minutesAgo: 60)
        + line("bbbbbbbbbb", "ann", minutesAgo: 30) + line("dddddddddd", "bob", minutesAgo: 20),
      to: "auth.log")
    func report(_ arguments: [String]) throws -> ProcessResult {
      let script = """
        for folder in /var/log /run; do mount -t tmpfs none "$folder"; done
        [ "$0" = none ] || cat "$0" >/var/log/auth.log
        exec "$@"
        """
      return try run(
        "unshare",
        ["--mount", "sh", "-c", script] + arguments.prefix(1)
          + [try builtProgram("gatehouse"), "report"] + arguments.dropFirst())
    }
    let week = try report([file])
    #expect(week.status == 0 && week.output.contains("\n  refused  3\n"), "\(week)")
    #expect(week.output.contains(/\n +2 .* ann +192.0.2.7 +sshd +not_listed/))
    #expect(week.output.contains("there is no journal: these are lines of /var/log/auth.log"))
    #expect(!week.output.contains("carol"))
    let month = try report([file, "--since", "30d", "--json"]).output
    #expect(month.contains(#""deny":4,"#) && month.contains("/var/log/auth.log begins "))
    let none = try report(["none"])
    #expect(none.status == 3 && none.errors.contains("the journal cannot be found"), "\(none)")
  }
}
