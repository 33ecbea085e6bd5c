import GatehouseWire
import TestKit
import Testing

@Suite("The services that are local without a remote host")
struct LocalServicesTests {
  /// Every kind; the module's own code has no such list, which would be on the heap.
  private static let all: [LocalService] = [.console, .display, .locker, .changesUser, .other]

  @Test("each name of a kind is of that kind, and of no other", arguments: all)
  func names(kind: LocalService) {
    let names = Self.names(of: kind)
    #expect(!names.isEmpty)
    for name in names { #expect(Self.kind(of: name) == kind, "\(name)") }
  }

  @Test("no name stands twice")
  func twice() {
    let names = Self.all.flatMap(Self.names)
    #expect(names.count == Set(names).count)
  }

  @Test(
    "a service that serves the network, or a part of a name, is none of them",
    arguments: [
      "", " ", "sshd", "xrdp-sesman", "cockpit", "imap", "smtp", "vsftpd", "radiusd", "mysql",
      "xvnc", "tigervnc", "shellinabox", "remote", "other", "su ", " su", "su su-l", "s", "gdm-",
      "logins", "sudo-", "Login", "systemd-run0",
    ])
  func none(name: String) {
    #expect(Self.kind(of: name) == nil)
  }

  @Test(
    "what the programs are, by what they do",
    arguments: [
      ("login", LocalService.console), ("sudo-i", .changesUser), ("runuser-l", .changesUser),
      ("doas", .other), ("polkit-1", .other), ("systemd-user", .other),
      ("gdm-password", .display), ("sddm", .display), ("screen", .locker),
      ("kde-smartcard", .locker),
    ])
  func kinds(name: String, kind: LocalService) {
    #expect(Self.kind(of: name) == kind)
  }

  @Test("pam_gatehouse(8) has the same names, under the same kinds")
  func manual() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let page = try readText(root.joined(separator: "/") + "/packaging/man/pam_gatehouse.8")
    let section = try #require(
      page.split(separator: ".Ss Services that are local without a remote host\n").last)
    let list = try #require(section.split(separator: ".El\n").first)
    let items = list.split(separator: ".It ").dropFirst().map { item in
      item.split { $0 == "\n" || $0 == "," || $0 == " " }.map(String.init)
    }
    let kinds: [LocalService] = [.console, .changesUser, .display, .locker, .other]
    #expect(items.count == kinds.count)
    for (kind, words) in zip(kinds, items) {
      let title = Self.titles[kind].map { $0.split(separator: " ").map(String.init) } ?? []
      #expect(Array(words.prefix(title.count)) == title)
      #expect(words.dropFirst(title.count).sorted() == Self.names(of: kind).sorted())
    }
  }

  private static let titles: [LocalService: String] = [
    .console: "console", .changesUser: "changes users", .display: "display managers",
    .locker: "screen lockers", .other: "others",
  ]

  private static func names(of kind: LocalService) -> [String] {
    "\(kind.names)".split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  private static func kind(of name: String) -> LocalService? {
    let bytes = Array(name.utf8)
    return LocalService.of(bytes.span)
  }
}
