import GatehouseFeeds
import GatehousePolicy
import TestKit
import Testing

/// A network of its own with an https server, its certificate authority and a DNS server, in which
/// gatehouse-fetch is run.
final class World: Sendable {
  /// What keeps it from being made; nil if nothing does.
  static let obstacle: String? = {
    guard isRoot else { return "needs root, for a network of its own" }
    for (program, arguments) in [
      ("python3", ["-c", "import ssl"]), ("openssl", ["version"]), ("ip", ["-V"]),
      ("unshare", ["--net", "--mount", "true"]),
      ("test", ["-e", "/etc/ssl/certs/ca-certificates.crt"]),
    ] where (try? run(program, arguments).status) != 0 {
      return "needs \(program) \(arguments.joined(separator: " "))"
    }
    return nil
  }()
  /// One for all tests.
  static let shared = Result { try World() }

  let folder: TemporaryDirectory
  private let process: ChildProcess

  private init() throws {
    folder = try TemporaryDirectory()
    let script = "\(#filePath)".replacing("FetchProgramTests.swift", with: "World/world")
    let output = folder.file("output")
    try folder.write("", to: "output")
    process = try ChildProcess(
      "unshare",
      [
        "--net", "--mount", "sh", "-c", "exec \"$0\" \"$1\" >\"$2\" 2>&1", script, folder.path,
        output,
      ])
    try wait(seconds: 30) { try readText(output) == "ready\n" }
  }

  /// What the program says of a request's lines.
  func reply(to request: [UInt8], seconds: Double = 60) throws -> FeedReply {
    let result = try result(of: request, seconds: seconds)
    #expect(result.status == 0)
    #expect(result.errors == "")
    return try FeedReply(decoding: Array(result.output.utf8))
  }

  /// What comes of the program; `wrapper` is a command that runs it.
  func result(
    of request: [UInt8], by wrapper: [String] = [], seconds: Double = 60
  ) throws -> ProcessResult {
    try run(
      "nsenter",
      [
        "--net=/proc/\(process.pid)/ns/net", "--mount=/proc/\(process.pid)/ns/mnt",
      ] + wrapper + [try builtProgram("gatehouse-fetch")],
      input: String(decoding: request, as: UTF8.self), seconds: seconds)
  }

  func reply(to origin: NetworkSource.Origin, marks: [String: String] = [:]) throws -> FeedReply {
    try reply(to: FeedRequest(NetworkSource(origin), marks: marks).encoded)
  }
}

@Suite(
  "gatehouse-fetch",
  .enabled(if: World.obstacle == nil, "\(World.obstacle ?? "")"))
struct FetchProgramTests {
  private func reply(
    _ url: String, format: NetworkSource.Format = .text, select: String? = nil,
    sha256: String? = nil, key: String? = nil, marks: [String: String] = [:]
  ) throws -> FeedReply {
    let selections = [select].compactMap(\.self).compactMap { FeedSelection($0) }
    return try World.shared.get().reply(
      to: .url(
        .init(url: url, format: format, selections: selections, sha256: sha256, publicKey: key)),
      marks: marks)
  }

  private func found(_ reply: FeedReply) throws -> (addresses: [String], marks: [String: String]) {
    guard case .found(let addresses, let marks) = reply else {
      throw TestKitError("\(reply)")
    }
    return (texts(addresses), marks)
  }

  private static let list = ["192.0.2.0/24", "198.51.100.7"]
  private static let marks = ["etag": "\"one\"", "last-modified": "Fri, 27 Nov 2026 10:00:00 GMT"]

  @Test("gets a list, from outside and from inside, whole or in pieces, over up to five redirects")
  func lists() throws {
    let (addresses, marks) = try found(reply("https://public.test/ok"))
    #expect(addresses == Self.list)
    #expect(marks == Self.marks)
    for url in [
      "https://inside.test/ok", "https://10.1.2.3/ok", "https://public.test/chunked",
      "https://public.test/to-public", "https://public.test/hops/4",
      "https://inside.test/to-inside",
    ] {
      #expect(try found(reply(url)).addresses == Self.list, "\(url)")
    }
  }

  @Test("gets what is selected of JSON")
  func json() throws {
    let (addresses, _) = try found(
      reply("https://public.test/json", format: .json, select: "actions"))
    #expect(addresses == ["192.0.2.0/24", "2001:db8::/32"])
  }

  @Test("says that a file is the one that the marks are of", arguments: marks)
  func unchanged(name: String, value: String) throws {
    #expect(try reply("https://public.test/ok", marks: [name: value]) == .unchanged)
    #expect(
      try found(reply("https://public.test/ok", marks: [name: "\"other\""])).addresses == Self.list)
  }

  @Test(
    "says why it has nothing, in words with the place",
    arguments: [
      ("public.test/empty", "is empty"),
      ("public.test/comments", "has no addresses"),
      ("public.test/page", "is an HTML page, not a list of addresses"),
      ("public.test/json", "is JSON; write `format: json`"),
      ("public.test/gzip", "is compressed with gzip"),
      ("public.test/cut", "was cut short"),
      ("public.test/cut-chunked", "was cut short"),
      ("public.test/torn", "may be cut short"),
      ("public.test/long", "is longer than 64 MiB"),
      ("public.test/long-chunked", "is longer than 64 MiB"),
      ("public.test/headers", "more than 64 KiB of headers"),
      ("public.test/missing", "answers with status 404"),
      ("public.test/not-modified", "answers with status 304"),
      ("public.test/wide", "has 8.0.0.0/7, which is wider than a server may open"),
      ("public.test/loopback", "loopback addresses are nowhere to log in from"),
      ("public.test/to-http", "sends on to http://public.test/ok, is not followed"),
      ("public.test/to-file", "sends on to file:///etc/passwd, is not followed"),
      ("public.test/to-inside", "is at 10.1.2.3, and a server of the public network may not"),
      (
        "public.test/to-inside-number", "is at 10.1.2.3, and a server of the public network may not"
      ),
      ("public.test/to-nowhere", "does not say where to"),
      ("public.test/hops/5", "sends on more than 5 times"),
      ("public.test/slow", "Less than 1000 bytes/sec"),
      ("public.test:444/ok", "certificate"),
      ("wrong.test/ok", "no alternative certificate subject name matches"),
      ("gone.test/ok", "Could not resolve host: gone.test"),
      ("public.test:445/ok", "Failed to connect to public.test port 445"),
      ("a:b@public.test/ok", "has a user name in it"),
    ])
  func failures(place: String, problem: String) throws {
    guard case .failed(let reason) = try reply("https://\(place)") else {
      Issue.record("\(place) was got")
      return
    }
    #expect(reason.hasPrefix("https://\(place)"), "\(reason)")
    #expect(reason.contains(problem), "\(reason)")
  }

  @Test("is not sent inside by a name whose address changes meanwhile")
  func rebinding() throws {
    guard case .failed(let reason) = try reply("https://turn.test/to-turn") else {
      Issue.record("it was got")
      return
    }
    #expect(reason.contains("is at 10.1.2.3"), "\(reason)")
  }

  @Test("asks only servers of https")
  func https() throws {
    for url in ["http://public.test/ok", "file:///etc/passwd", "ftp://public.test/ok"] {
      guard case .failed(let reason) = try reply(url) else {
        Issue.record("\(url) was got")
        continue
      }
      #expect(reason == "\(url) is not followed: it does not begin with https://")
    }
  }

  @Test("takes a file with the right SHA-256 alone")
  func sha256() throws {
    let other = String(repeating: "5f", count: 32)
    let digest = SHA256.digest(of: Array("192.0.2.0/24\n198.51.100.7\n".utf8)).map(hexadecimal)
    #expect(
      try found(reply("https://public.test/ok", sha256: digest.joined())).addresses == Self.list)
    guard case .failed(let reason) = try reply("https://public.test/ok", sha256: other) else {
      Issue.record("it was taken")
      return
    }
    #expect(
      reason == "https://public.test/ok has the SHA-256 \(digest.joined()), and `sha256` is another"
    )
  }

  @Test("takes a file that is signed with the key alone")
  func signatures() throws {
    let world = try World.shared.get()
    for name in ["signed", "unsigned", "forged"] {
      try world.folder.write(Signed.list + (name == "forged" ? "8.8.4.4\n" : ""), to: name)
    }
    try world.folder.write(Signed.signature, to: "signed.minisig")
    try world.folder.write(Signed.signature, to: "forged.minisig")
    #expect(try found(reply("https://public.test/signed", key: Signed.key)).addresses == Self.list)
    for (name, key, problem) in [
      ("unsigned", Signed.key, "https://public.test/unsigned.minisig answers with status 404"),
      ("forged", Signed.key, "https://public.test/forged.minisig does not fit the file"),
      (
        "signed", Signed.otherKey,
        "https://public.test/signed.minisig is by the key 329E58FE99372D20"
      ),
      ("signed", "abc", "`public_key` of https://public.test/signed is no public key of minisign"),
    ] {
      guard case .failed(let reason) = try reply("https://public.test/\(name)", key: key) else {
        Issue.record("\(name) was taken")
        continue
      }
      #expect(reason.hasPrefix(problem), "\(reason)")
    }
  }

  @Test("looks up names, and says of each what came of it")
  func names() throws {
    let names = [
      "two.test", "six.test", "nothing.test", "gone.test", "loop.test", "zero.test",
      "half.test", "broken.test",
    ]
    var source = NetworkSource(.names(names))
    source.ipv6Prefix = 56
    guard case .names(let found) = try World.shared.get().reply(to: FeedRequest(source).encoded)
    else {
      Issue.record("no names")
      return
    }
    let shown = found.map { name in
      switch name.outcome {
      case .found(let addresses): "\(name.name): \(addresses)"
      case .failed(let problem): problem
      }
    }
    #expect(
      shown == [
        "two.test: 192.0.2.7, 192.0.2.8, 2001:db8:1::/56", "six.test: 2001:db8:1::/56",
        "nothing.test has no address", "gone.test does not exist: the resolver knows no such name",
        "loop.test has 127.0.0.5, and loopback addresses are nowhere to log in from",
        "zero.test has 0.0.0.0, and unspecified addresses are nowhere to log in from",
        "half.test: 192.0.2.9",
        "broken.test cannot be looked up: Temporary failure in name resolution",
      ])
  }

  @Test(
    "killed at any of its system calls, it has said all or nothing that can be read",
    .enabled(if: KillHost.works, "needs ptrace"))
  func killed() throws {
    let world = try World.shared.get()
    let database = "\(#filePath)"
      .replacing("FetchProgramTests.swift", with: "Fixtures/ipinfo-lite.mmdb")
    for origin in [
      NetworkSource.Origin.url(.init(url: "https://public.test/ok", format: .text)),
      .countries(["DE"], database: database),
    ] {
      let request = FeedRequest(NetworkSource(origin)).encoded
      let whole = try world.reply(to: request)
      func killed(at step: Int) throws -> ProcessResult {
        try world.result(of: request, by: [builtProgram("kill-host"), "--every", "\(step)"])
      }
      let steps = try #require(
        Int(try killed(at: 0).output.split(separator: "\n").last ?? ""))
      #expect(steps > 100)
      // Evenly over all of them.
      let kills = min(steps, rounds("GATEHOUSE_KILLED_FETCHES", usually: 60))
      var count = 0
      for kill in 1...kills {
        let result = try killed(at: kill * steps / kills)
        guard result.status == 0 else { continue }
        count += 1
        let reply = try? FeedReply(decoding: Array(result.output.utf8))
        #expect(reply == nil || reply == whole, "step \(kill * steps / kills) of \(steps)")
      }
      #expect(count > kills / 2)
    }
  }

  @Test("says what is wrong with a request")
  func requests() throws {
    let reply = try World.shared.get().reply(to: Array("name: a\nother: b\n".utf8))
    #expect(
      reply
        == .failed(
          "the request to gatehouse-fetch cannot be read: "
            + "the request has `other`, which nobody knows"))
  }
}
