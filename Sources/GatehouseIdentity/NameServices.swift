internal import GatehousePlatform
import Synchronization

/// Who is asked for users and groups on this machine (nsswitch.conf(5)).
public struct NameServices: Hashable, Sendable {
  /// Whether it is certain that there is no such user, if none of them has one.
  public let isCertainOfUsers: Bool
  /// Whether it is certain that there is no such group, if none of them has one.
  public let isCertainOfGroups: Bool
  /// The services for users, groups, or the groups of a user, that may not know, or not list, all.
  public let distant: Set<String>

  /// By `/etc/nsswitch.conf`; nothing is certain if it cannot be read, since then it is not known who is
  /// asked.
  ///
  /// It is read at each look at a user, and taken apart if it has changed.
  public static var current: NameServices {
    let content = content(of: "/etc/nsswitch.conf")
    return last.withLock { last in
      if last.content != content { last = (content, NameServices(of: content)) }
      return last.services
    }
  }

  /// What was read last, and what it says.
  private static let last = Mutex<(content: [UInt8], services: NameServices)>(
    ([], NameServices("")))

  package init(path: String) { self.init(of: Self.content(of: path)) }

  private init(of content: [UInt8]) { self.init(String(decoding: content, as: UTF8.self)) }

  private static func content(of path: String) -> [UInt8] {
    (try? Files.contentIfPresent(of: path, atMost: 1 << 16)).flatMap(\.self) ?? []
  }

  /// By the content of the file.
  package init(_ content: String) {
    let lines = Self.lines(content)
    isCertainOfUsers = Self.isCertain("passwd", lines)
    isCertainOfGroups =
      Self.isCertain("group", lines)
      && (!lines.contains { $0.isOf("initgroups") } || Self.isCertain("initgroups", lines))
    let databases = ["passwd", "group", "initgroups"]
    distant = Set(databases.flatMap { Self.distantServices($0, lines) })
  }

  /// Services that are files of this machine, or know all that there is to know.
  ///
  /// Others, such as sss, winbind and ldap, may be away from their servers: what they do not know then
  /// may be there all the same.
  private static let certainServices: Set<Substring> = [
    "files", "db", "systemd", "mymachines", "extrausers", "altfiles",
  ]

  private static func isCertain(_ database: String, _ lines: [Line]) -> Bool {
    // glibc goes by the last of several lines. Here all of them have to be plain.
    let lines = lines.filter { $0.isOf(database) }
    return !lines.isEmpty
      && lines.allSatisfy { line in
        line.words[0] == "\(database):" && !line.services.isEmpty
          && line.services.allSatisfy(certainServices.contains)
      }
  }

  /// The services of a database that may not know, or not list, all that there is, in order.
  package static func distantServices(_ database: String, _ content: String) -> [String] {
    distantServices(database, lines(content))
  }

  private static func distantServices(_ database: String, _ lines: [Line]) -> [String] {
    lines.filter { $0.isOf(database) }.flatMap(\.services)
      .filter { !certainServices.contains($0) }.map(String.init)
  }

  /// A line that is not empty.
  private struct Line {
    let words: [Substring]

    func isOf(_ database: String) -> Bool { words[0].hasPrefix(database) }

    var services: [Substring] { words.dropFirst().filter { !isAction($0) } }
  }

  /// The lines without comments; taken apart by bytes, since the file is read at each look at a user.
  private static func lines(_ content: String) -> [Line] {
    content.utf8.split { $0 == UInt8(ascii: "\n") }.compactMap { line in
      let words = line.prefix { $0 != UInt8(ascii: "#") }
        .split { $0 == UInt8(ascii: " ") || (0x09...0x0D).contains($0) }.map(Substring.init)
      return words.isEmpty ? nil : Line(words: words)
    }
  }

  /// Whether a word is an action alone, such as `[NOTFOUND=return]`; a service may stand before it
  /// without a space.
  private static func isAction(_ word: Substring) -> Bool {
    word.count > 1 && word.first == "[" && word.firstIndex(of: "]") == word.indices.last
  }
}
