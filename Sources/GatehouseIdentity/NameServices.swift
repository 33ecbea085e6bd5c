internal import GatehousePlatform

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
  public static var current: NameServices { NameServices(path: "/etc/nsswitch.conf") }

  package init(path: String) {
    let content = try? Files.contentIfPresent(of: path, atMost: 1 << 16)
    self.init(content.flatMap(\.self).map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  /// By the content of the file.
  package init(_ content: String) {
    isCertainOfUsers = Self.isCertain("passwd", content)
    isCertainOfGroups =
      Self.isCertain("group", content)
      && (Self.lines("initgroups", content).isEmpty || Self.isCertain("initgroups", content))
    let databases = ["passwd", "group", "initgroups"]
    distant = Set(databases.flatMap { Self.distantServices($0, content) })
  }

  /// Services that are files of this machine, or know all that there is to know.
  ///
  /// Others, such as sss, winbind and ldap, may be away from their servers: what they do not know then
  /// may be there all the same.
  private static let certainServices: Set<Substring> = [
    "files", "db", "systemd", "mymachines", "extrausers", "altfiles",
  ]

  private static func isCertain(_ database: String, _ content: String) -> Bool {
    // glibc goes by the last of several lines. Here all of them have to be plain.
    let lines = lines(database, content)
    return !lines.isEmpty
      && lines.allSatisfy { line in
        let services = line.dropFirst().filter { !isAction($0) }
        return line[0] == "\(database):" && !services.isEmpty
          && services.allSatisfy(certainServices.contains)
      }
  }

  /// The services of a database that may not know, or not list, all that there is, in order.
  package static func distantServices(_ database: String, _ content: String) -> [String] {
    lines(database, content).flatMap { $0.dropFirst() }
      .filter { !isAction($0) && !certainServices.contains($0) }.map(String.init)
  }

  private static func lines(_ database: String, _ content: String) -> [[Substring]] {
    content.split(whereSeparator: \.isNewline).map { line in
      line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
    }.filter { $0.first?.hasPrefix(database) ?? false }
  }

  /// Whether a word is an action alone, such as `[NOTFOUND=return]`; a service may stand before it
  /// without a space.
  private static func isAction(_ word: Substring) -> Bool {
    word.count > 1 && word.first == "[" && word.firstIndex(of: "]") == word.indices.last
  }
}
