import TestKit
import Testing

@Suite("gatehouse import")
struct CommandImportTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
  }

  private func file(_ text: String, _ name: String = "access.conf") throws -> String {
    try folder.write(text, to: name)
  }

  @Test("a complete import is a policy on standard output, and exits 0")
  func complete() throws {
    let path = try file("+:alice (staff):192.0.2.0/24\n-:ALL:ALL\n")
    let outcome = try gatehouse(["import", "--nodefgroup", path])
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "\(path) is an access.conf of pam_access\n\(path):2: note: this line may also refuse root"))
    #expect(outcome.errors.split(separator: "\n").count == 2)

    let policy = try file(outcome.output, "policy.yaml")
    for (user, groups, from, status) in [
      ("alice", "users", "192.0.2.7", 0), ("alice", "users", "192.0.3.0", 1),
      ("bob", "staff", "192.0.2.255", 0), ("bob", "users", "192.0.2.7", 1),
    ] as [(String, String, String, Int32)] {
      let explained = try gatehouse([
        "explain", user, "--from", from, "--group", groups, "--policy", policy,
      ])
      #expect(explained.status == status, "\(user) from \(from)")
    }
  }

  @Test("a pipe, such as the shell's <(…), is read to its end")
  func pipe() throws {
    let path = try file("+:alice:192.0.2.0/24\n-:ALL:ALL\n")
    let read = try gatehouse(["import", path])
    let fifo = folder.file("fifo")
    _ = try run("/usr/bin/mkfifo", [fifo])
    let writer = try ChildProcess("/bin/sh", ["-c", "cat '\(path)' >'\(fifo)'"])
    let piped = try gatehouse(["import", fifo])
    try writer.wait()
    #expect(piped.status == read.status)
    #expect(piped.output.replacing(fifo, with: path) == read.output)
    #expect(piped.output.contains("192.0.2.0/24"))
  }

  @Test("what cannot be imported is reported on standard error with its line, and exits 1")
  func incomplete() throws {
    let path = try file("+:alice:192.0.2.1 host.example.org\n-:ALL:ALL\n")
    let outcome = try gatehouse(["import", path])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("\n\(path):1: not imported: `host.example.org` is not an IP address"))
    #expect(outcome.output.contains("# INCOMPLETE"))
    #expect(outcome.output.contains("also_from: [192.0.2.1]"))
  }

  @Test("JSON holds the policy and the findings, and standard error nothing")
  func json() throws {
    let path = try file("-:(a) EXCEPT (b):192.0.2.1\n")
    let outcome = try gatehouse(["import", "--json", path])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "")
    #expect(
      outcome.output.hasPrefix(
        "{\"version\":1,\"outcome\":\"no\",\"error\":null,\"text\":\"# Written by "))
    #expect(
      outcome.output.contains(
        "\"findings\":[{\"file\":\"\(path)\",\"line\":1,\"severity\":\"not_said\",\"name\":\"order\","
          + "\"opens\":false,\"message\":\"the policy refuses users in groups a and b from 192.0.2.1"
      ))
    #expect(outcome.output.hasSuffix("\"}]}\n"))
  }

  @Test("several files follow one another, with separators as pam_access has them")
  func options() throws {
    let first = try file("+|domain users|192.0.2.1\n", "access.conf")
    let second = try file("-|ALL|ALL\n", "access.d/10.conf")
    let outcome = try gatehouse(["import", "--fieldsep", "|", "--listsep", ",", first, second])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("  \"domain users\":\n    also_from: [192.0.2.1]\n"))
    #expect(outcome.output.contains("from: [nowhere]"))
  }

  @Test("what is made refuses nobody before somebody says so")
  func monitored() throws {
    for text in ["+:alice:192.0.2.0/24\n-:ALL:ALL\n", "+:alice:host.example.org\n-:ALL:ALL\n"] {
      let made = try gatehouse(["import", try file(text)])
      #expect(made.output.contains("\nmode: monitor\n"))
      #expect(
        made.errors.contains("incomplete: 1 of the findings") == (made.status == 1), "\(made)")
    }
  }

  @Test(
    "a file that is nothing to import is not imported, and what it looks like is said",
    arguments: [
      ("", "it is empty"), ("# only words\n\n", "it is empty"),
      ("sshd: 192.0.2.0/24\nALL: 10.\n", "nothing is refused by it without a hosts.deny"),
      ("passwd: files systemd\nhosts: files dns\n", "it is nothing that import reads"),
      ("Port 22\nUsePAM yes\n", "it has no AllowUsers"),
      ("Port 22\nAllowUsers\n", "nothing follows allowusers"),
      ("Port 22\n+:ALL:192.0.2.1\n", "some lines look like an access.conf of pam_access, others"),
      ("version: 1\neveryone: {from: [192.0.2.1]}\n", "it looks like a policy of Gatehouse"),
      ("\u{7F}ELF\0\0\n-:ALL:ALL\n", "it is not text"),
      ("hello\n", "it is nothing that import reads"),
    ])
  func otherFormats(_ text: String, _ said: String) throws {
    let path = try file(text, "hosts.allow")
    let outcome = try gatehouse(["import", path])
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("gatehouse: error: \(path):"), "\(outcome)")
    #expect(outcome.errors.contains(": \(said)"), "\(outcome)")
  }

  @Test(
    "sshd_config is found out to be one, and becomes lists for sshd alone, with what it includes")
  func sshdConfig() throws {
    let included = try file("AllowGroups wheel\n", "more.conf")
    let path = try file("Include \(included)\nDenyUsers bob@192.0.2.0/24\n", "sshd_config")
    let outcome = try gatehouse(["import", path])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.errors == "\(path) is a sshd_config of OpenSSH\n\(included) is included\n")
    let policy = try file(outcome.output, "policy.yaml")
    for (user, group, address, service, status) in [
      ("bob", "wheel", "192.0.2.1", "sshd", 1), ("bob", "wheel", "192.0.3.1", "sshd", 0),
      ("eve", "staff", "192.0.3.1", "sshd", 1), ("bob", "staff", "192.0.2.1", "su", 0),
    ] as [(String, String, String, String, Int32)] {
      let explained = try gatehouse([
        "explain", user, "--group", group, "--from", address, "--service", service, "--policy",
        policy,
      ])
      #expect(explained.status == status, "\(user) \(address) \(explained.output)")
    }
  }

  @Test("hosts.allow and hosts.deny are imported together, whichever is named")
  func hostsFiles() throws {
    let allow = try file("sshd: 192.0.2.0/24\nmyftpd: 10.\n", "hosts.allow")
    let alone = try gatehouse(["import", "--no-lookup", allow])
    #expect(alone.status == 2, "\(alone)")
    let deny = try file("# all others\nALL: ALL\n", "hosts.deny")
    let outcome = try gatehouse(["import", "--no-lookup", allow])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.errors.hasPrefix(
        "\(allow) is a hosts.allow or hosts.deny of TCP wrappers\n"
          + "\(deny) is a hosts.allow or hosts.deny of TCP wrappers\n"))
    #expect(try gatehouse(["import", "--no-lookup", deny]).output == outcome.output)
    #expect(try gatehouse(["import", "--no-lookup", allow, deny]).output == outcome.output)
    let policy = try file(outcome.output, "policy.yaml")
    for (service, address, status) in [
      ("sshd", "192.0.2.1", 0), ("sshd", "192.0.3.1", 1), ("myftpd", "10.0.0.1", 0),
      ("myftpd", "192.0.2.1", 1), ("vsftpd", "192.0.2.1", 1), ("su", "192.0.3.1", 0),
    ] as [(String, String, Int32)] {
      let explained = try gatehouse([
        "explain", "bob", "--group", "staff", "--from", address, "--service", service, "--policy",
        policy,
      ])
      #expect(explained.status == status, "\(service) \(address) \(explained.output)")
    }
  }

  @Test(
    "which of hosts.allow and hosts.deny a file is has to be clear, and the other need not be there"
  )
  func oneHostsFile() throws {
    let copy = try file("sshd: ALL\n", "copy")
    let unclear = try gatehouse(["import", copy])
    #expect(unclear.status == 2)
    #expect(unclear.errors.contains("does not say which of hosts.allow and hosts.deny it is"))
    let deny = try file("sshd: 192.0.2.66\n", "hosts.deny")
    let swapped = try gatehouse(["import", deny, copy])
    #expect(swapped.status == 2)
    #expect(swapped.errors.contains("hosts.allow is named first"))
    let outcome = try gatehouse(["import", "--no-lookup", deny])
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasSuffix("\n\(folder.file("hosts.allow")) is not there\n"))
    #expect(outcome.output.contains("from: [0.0.0.0-192.0.2.65, "))
    let both = try gatehouse(["import", "--no-lookup", copy, deny])
    #expect(both.status == 0, "all is allowed before hosts.deny is read: \(both)")
    let services = try gatehouse(["import", try file("rpcbind: ALL\n", "hosts.deny")])
    #expect(services.errors.contains("this machine has no PAM service rpcbind"))
  }

  @Test("comments alone are no obstacle beside a file with rules; another format is")
  func severalFiles() throws {
    let comments = try file("# see access.d\n")
    let rules = try file("-:ALL:ALL\n", "access.d/10.conf")
    #expect(try gatehouse(["import", comments, rules]).status == 0)
    let other = try file("UsePAM yes\n", "sshd_config")
    #expect(try gatehouse(["import", rules, other]).status == 2)
  }

  @Test("a file that cannot be read exits 3, no file at all 2")
  func unreadable() throws {
    let outcome = try gatehouse(["import", folder.file("none")])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == "gatehouse: error: \(folder.file("none")) cannot be read: No such file or directory\n")
    #expect(try gatehouse(["import", folder.path]).status == 3)
    #expect(try gatehouse(["import"]).status == 2)
  }

  @Test("what a file holds cannot speak to the terminal")
  func hostile() throws {
    let path = try file("-:root:x\u{1B}[2J \u{202E}y\n+:\u{1B}[1m:192.0.2.1\n-:ALL:ALL\n")
    let outcome = try gatehouse(["import", path])
    for text in [outcome.errors, outcome.output] {
      #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
    }
    let policy = try file(outcome.output, "policy.yaml")
    let explained = try gatehouse([
      "explain", "\u{1B}[1m", "--from", "192.0.2.1", "--group", "x", "--policy", policy,
    ])
    #expect(explained.status == 0)
  }
}
