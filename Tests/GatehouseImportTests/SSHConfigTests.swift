import Testing

@testable import GatehouseSSHConfig

/// sshd_config as sshd reads it: patterns, words, Match and Include.
struct SSHConfigTests {
  // MARK: Patterns

  /// Whether a pattern matches a text, letter by letter.
  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
      return matches(text, rest) || !text.isEmpty && matches(text.dropFirst(), pattern)
    }
    guard let letter = text.first else { return false }
    return (first == "?" || first == letter) && matches(text.dropFirst(), rest)
  }

  /// Every text of these letters, of at most four.
  private static func texts(_ letters: [Character]) -> [String] {
    var all = [""]
    var longest = [""]
    for _ in 0..<4 {
      longest = longest.flatMap { text in letters.map { text + String($0) } }
      all += longest
    }
    return all
  }

  @Test("a pattern matches what it matches letter by letter")
  func patterns() {
    let texts = Self.texts(["a", "b"])
    for pattern in Self.texts(["a", "b", "*", "?"]) {
      let read = SSHPattern(pattern.utf8)
      for text in texts {
        #expect(
          read.matches(Array(text.utf8)) == Self.matches(text[...], pattern[...]),
          "\(pattern) and \(text)")
      }
      #expect(read.hasWildcard == pattern.contains { "*?".contains($0) })
      #expect(read.isEverything == (!pattern.isEmpty && pattern.allSatisfy { $0 == "*" }))
    }
  }

  @Test("a pattern with many stars does not take longer than both lengths")
  func manyStars() {
    let pattern = SSHPattern(String(repeating: "*a", count: 200).utf8)
    #expect(!pattern.matches(Array(String(repeating: "a", count: 5000).utf8) + [0x62]))
    #expect(pattern.matches(Array(String(repeating: "ba", count: 2500).utf8)))
  }

  // MARK: Words

  @Test(
    "a keyword ends at a space, a quote or one =",
    arguments: [
      ("Port 22", "Port", "22"), ("Port=22", "Port", "22"), ("Port = 22", "Port", "22"),
      ("Port == 22", "Port", "= 22"), ("Port\t22 ", "Port", "22 "), ("\"Port\" 22", "Port", "22"),
      ("Por\"t\"22", "Port", "22"), ("Port", "Port", ""), ("\"\" 22", "", "22"),
    ])
  func keyword(_ line: String, _ word: String, _ rest: String) {
    var left = Array(line.utf8)[...]
    #expect(SSHWords.next(&left).map { String(decoding: $0, as: UTF8.self) } == word)
    #expect(String(decoding: left, as: UTF8.self) == rest)
  }

  @Test("there is no keyword in nothing, nor in a quote that is not closed")
  func noKeyword() {
    var nothing: ArraySlice<UInt8> = []
    #expect(SSHWords.next(&nothing) == nil)
    var open = Array("\"Port 22".utf8)[...]
    #expect(SSHWords.next(&open) == nil)
  }

  @Test(
    "values are split at spaces, without quotes, backslashes and comments",
    arguments: [
      ("a b", ["a", "b"]), ("  a\tb  ", ["a", "b"]), ("\"a b\" c", ["a b", "c"]),
      ("'a b'c", ["a bc"]), ("a\\ b c", ["a b", "c"]), ("'a\\ b'", ["a\\ b"]),
      ("a\\\"b \\\\ \\x", ["a\"b", "\\", "\\x"]), ("a # b", ["a"]), ("a#b", ["a#b"]),
      ("\"#a\" #", ["#a"]), ("\"\" b", ["", "b"]), ("", []), ("'a\"b'", ["a\"b"]),
    ])
  func values(_ text: String, _ words: [String]) {
    #expect(
      SSHWords.all(of: Array(text.utf8)[...])?.map { String(decoding: $0, as: UTF8.self) } == words)
  }

  @Test("values with a quote that is not closed are no values", arguments: ["\"a", "a 'b", "'a\""])
  func openQuote(_ text: String) {
    #expect(SSHWords.all(of: Array(text.utf8)[...]) == nil)
  }

  // MARK: Files

  /// A line as `keyword values [blocks]`, the blocks by their text.
  private static func lines(of config: SSHConfig) -> [String] {
    config.lines.map { line in
      let values = line.values.map { String(decoding: $0, as: UTF8.self) }
      let blocks = line.blocks.map { "[\(config.blocks[$0].text)]" }
      return ([line.keyword] + values + blocks).joined(separator: " ")
    }
  }

  private static func problems(of config: SSHConfig) -> [String] {
    config.problems.map {
      "\(config.files[$0.location.file]):\($0.location.line): \($0.text)"
    }
  }

  private static func read(_ files: [String: String]) -> SSHConfig {
    SSHConfig("sshd_config", from: SSHConfigInMemory(files: files))
  }

  @Test("included files stand in the place of their Include, and a Match ends with its file")
  func include() {
    let config = Self.read([
      "sshd_config": """
      Port 22
      Include conf.d/*.conf "/srv/a b"
      UsePAM yes
      Match User bob
        include /srv/inner
        DenyUsers bob
      Match all
      DenyUsers eve

      """,
      "/etc/ssh/conf.d/2.conf": "LogLevel=INFO\n",
      "/etc/ssh/conf.d/1.conf": "Match Group wheel\nAllowGroups wheel\n",
      "/srv/a b": "X11Forwarding no\r\n# a comment\n\t\u{C}\n",
      "/srv/inner": "AllowUsers a\nMatch Address 192.0.2.1\nAllowUsers b\n",
    ])
    #expect(config.problems.isEmpty)
    #expect(
      Self.lines(of: config) == [
        "port 22", "allowgroups wheel [Group wheel]", "loglevel INFO", "x11forwarding no",
        "usepam yes", "allowusers a [User bob]", "allowusers b [User bob] [Address 192.0.2.1]",
        "denyusers bob [User bob]", "denyusers eve [all]",
      ])
    #expect(
      config.files == [
        "sshd_config", "/etc/ssh/conf.d/1.conf", "/etc/ssh/conf.d/2.conf", "/srv/a b",
        "/srv/inner",
      ])
    #expect(config.lines[6].location == SSHConfig.Location(file: 4, line: 3))
  }

  @Test("an Include of which no file is there says nothing, as to sshd")
  func includeOfNothing() {
    let config = Self.read(["sshd_config": "Include conf.d/*.conf /srv/none*\nPort 22\n"])
    #expect(config.problems.isEmpty)
    #expect(Self.lines(of: config) == ["port 22"])
  }

  /// Files of which some are there, and cannot be read.
  private struct Unreadable: SSHConfigSource {
    func paths(matching pattern: String) -> [String] { [pattern] }

    func content(of path: String) -> [UInt8]? {
      path == "sshd_config" ? Array("Port 22\nInclude /srv/secret\nUsePAM yes\n".utf8) : nil
    }
  }

  @Test("an included file that cannot be read is a problem of the line that includes it")
  func unreadable() {
    let config = SSHConfig("sshd_config", from: Unreadable())
    #expect(Self.problems(of: config) == ["sshd_config:2: the file /srv/secret cannot be read"])
    #expect(Self.lines(of: config) == ["port 22", "usepam yes"])
    let first = Self.read([:])
    #expect(Self.problems(of: first) == ["sshd_config:1: the file sshd_config cannot be read"])
  }

  @Test("files that include each other end, and the line where that is too deep is named")
  func loop() {
    let config = Self.read([
      "sshd_config": "Include /srv/a\n", "/srv/a": "Port 22\nInclude /srv/b\n",
      "/srv/b": "Include /srv/a\n",
    ])
    #expect(
      Self.problems(of: config) == ["/srv/b:1: files include each other more than 16 deep"])
    #expect(config.files.count == 3)
    #expect(Self.lines(of: config) == [String](repeating: "port 22", count: 8))
  }

  @Test("sixteen Includes in Includes are read, as by sshd")
  func deep() {
    var files = ["sshd_config": "Include /srv/1\n"]
    for number in 1...16 { files["/srv/\(number)"] = "Include /srv/\(number + 1)\n" }
    files["/srv/16"] = "Port 22\n"
    #expect(Self.read(files).problems.isEmpty)
    files["/srv/16"] = "Include /srv/17\n"
    files["/srv/17"] = "Port 22\n"
    #expect(
      Self.problems(of: Self.read(files))
        == ["/srv/16:1: files include each other more than 16 deep"])
  }

  @Test("files that include each other several times over end after a million lines")
  func manyLines() {
    let empty = String(repeating: "\n", count: 100_000)
    let config = Self.read([
      "sshd_config": String(repeating: "Include /srv/a\n", count: 12), "/srv/a": empty,
    ])
    #expect(Self.problems(of: config).count == 1)
    #expect(Self.problems(of: config)[0].hasSuffix("there are more than a million lines"))
  }

  @Test(
    "what sshd stops at is a problem with its line",
    arguments: [
      ("Port 22\nAllowUsers \"a\n", "2: the quotes do not match"),
      ("Port\n", "1: nothing follows port"), ("= x\n", "1: a keyword is not in quotes"),
      ("\"Port 22\n", "1: a keyword is not in quotes"), ("Match\n", "1: nothing follows match"),
      ("Match User\n", "1: nothing follows user"),
      ("Match all User bob\n", "1: all stands beside other criteria"),
      ("Match # all\n", "1: Match has no criterion"), ("Port 22\n\0\n", "1: it has a NUL byte"),
      (
        "Match User a\\b\n",
        "1: ' and \\ mean something else in each version of OpenSSH after Match"
      ),
    ])
  func stops(_ text: String, _ problem: String) {
    let config = Self.read(["sshd_config": text])
    #expect(Self.problems(of: config).first == "sshd_config:\(problem)")
  }
}
