import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseState

/// A value with a field of each sort.
private struct Sample: Equatable, Sendable {
  var bytes: [UInt8] = [0, 255]
  var name = Name("alice")
  var text = "why"
  var count = 7
  var time = Instant(microsecondsSinceEpoch: 1_000_000)
  var span = Duration.seconds(3)
  var address = IPAddress("192.0.2.1")
  var reason = Reason.blocked
  var list = [1, 2]

  static let layout = Layout<Sample>.record(
    "sample", .bytes("bytes", atMost: 4), .name("name", atMost: 8), .text("text", atMost: 8),
    .count("count", upTo: 10), .instant("time"), .sinceBoot("span"),
    .optional(.address("address")), .word("reason"),
    .list("list", of: .count("element", upTo: 5), atMost: 3),
    make: {
      Sample(
        bytes: $0, name: $1, text: $2, count: $3, time: $4, span: $5, address: $6, reason: $7,
        list: $8)
    },
    take: {
      (
        $0.bytes, $0.name, $0.text, $0.count, $0.time, $0.span, $0.address, $0.reason, $0.list
      )
    })
}

private let kind = StateKind("sample", version: 3, Sample.layout)

private func bytes(_ value: Sample) throws -> [UInt8] { Array(try kind.pieces(value).joined()) }

/// What is wrong with some bytes; nil if they can be read.
private func problem<Value>(_ bytes: [UInt8], _ kind: StateKind<Value>) -> StateProblem? {
  do throws(StateProblem) {
    _ = try kind.decode(bytes)
    return nil
  } catch { return error }
}

/// The bytes of a body of any content, with a head that fits.
private func sealed(_ body: [UInt8], _ name: String = "sample", version: Int = 3) -> [UInt8] {
  StateHead(kind: name, version: version, bodyCount: body.count, contentsCount: 0)
    .bytes(sealing: body) + body
}

@Suite("State as bytes")
struct CodecTests {
  @Test("what was written is read, at both ends of each field's bounds")
  func roundTrip() throws {
    let samples = [
      Sample(),
      Sample(
        bytes: [], name: "a", text: "", count: 0, time: Instant(microsecondsSinceEpoch: 0),
        span: .zero, address: nil, list: []),
      Sample(
        bytes: [1, 2, 3, 4], name: "12345678", text: "12345678", count: 10,
        time: Instant(microsecondsSinceEpoch: 253_402_300_799_999_999),
        span: .seconds(100 * 366 * 86_400),
        address: IPAddress("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), list: [5, 5, 5]),
    ]
    for sample in samples {
      #expect(try kind.decode(bytes(sample)) == sample)
      #expect(try bytes(sample).count <= kind.byteLimit)
    }
  }

  @Test("a value out of bounds is not written")
  func writingBounds() {
    func field(_ change: (inout Sample) -> Void) -> StateProblem? {
      var sample = Sample()
      change(&sample)
      do throws(StateProblem) { _ = try kind.pieces(sample) } catch { return error }
      return nil
    }
    #expect(field { $0.bytes = [1, 2, 3, 4, 5] } == .outOfBounds("bytes"))
    #expect(field { $0.name = "123456789" } == .outOfBounds("name"))
    #expect(field { $0.text = "123456789" } == .outOfBounds("text"))
    #expect(field { $0.count = 11 } == .outOfBounds("count"))
    #expect(field { $0.count = -1 } == .outOfBounds("count"))
    #expect(field { $0.list = [1, 1, 1, 1] } == .outOfBounds("list"))
    #expect(field { $0.list = [6] } == .outOfBounds("element"))
  }

  @Test("a text that is shown is written escaped, and without its end if that makes it too long")
  func shownText() throws {
    let kind = StateKind("sample", version: 1, .shownText("text", atMost: 8))
    func kept(_ text: String) throws -> String {
      try kind.decode(Array(try kind.pieces(text).joined()))
    }
    #expect(try kept("why") == "why")
    #expect(try kept("\u{1}!") == #"\u{1}!"#)
    #expect(try kept("\u{1}\u{1}") == #"\u{1}\u{"#)
    #expect(try kept("1234567é") == "1234567")
    for count in [8, 9, 100_000] {
      let once = try kept(String(repeating: "\u{1B}", count: count))
      #expect(once.utf8.count == 8)
      #expect(try kept(once) == once)
    }
  }

  @Test("a time at the end of its type is written as the nearest that may be")
  func times() throws {
    func kept(_ change: (inout Sample) -> Void) throws -> Sample {
      var sample = Sample()
      change(&sample)
      return try kind.decode(bytes(sample))
    }
    func time(_ microseconds: Int64) throws -> Int64 {
      try kept { $0.time = Instant(microsecondsSinceEpoch: microseconds) }.time.microseconds
    }
    #expect(try time(.min) == 0)
    #expect(try time(-1) == 0)
    #expect(try time(.max) == 253_402_300_799_999_999)
    func span(_ seconds: Int64) throws -> Duration {
      try kept { $0.span = Duration(secondsComponent: seconds, attosecondsComponent: 0) }.span
    }
    #expect(try span(.min) == .zero)
    #expect(try span(-1) == .zero)
    #expect(try span(.max) == .seconds(100 * 366 * 86_400))
  }

  @Test("a change of any byte is noticed")
  func flips() throws {
    let whole = try bytes(Sample())
    for index in whole.indices {
      for mask in [1, 0x80, 0xFF] as [UInt8] {
        var changed = whole
        changed[index] ^= mask
        #expect(problem(changed, kind) != nil, "byte \(index)")
      }
    }
  }

  @Test("so is any cut, and anything more")
  func cuts() throws {
    let whole = try bytes(Sample())
    for count in whole.indices { #expect(problem(Array(whole[..<count]), kind) == .cutOff) }
    #expect(problem(whole + [0], kind) == .tooLong)
    #expect(problem([], kind) == .cutOff)
  }

  @Test("with the right digest, too, a value is only read within its bounds")
  func forged() throws {
    let body = Array(try bytes(Sample())[StateHead.byteCount...])
    #expect(problem(sealed(body), kind) == nil)
    for count in body.indices { #expect(problem(sealed(Array(body[..<count])), kind) != nil) }
    #expect(problem(sealed(body + [0]), kind) == .tooLong)
    // Every number, whatever its width, at its end.
    for index in body.indices {
      for value in [0, 0x7F, 0x80, 0xFF] as [UInt8] {
        for width in [1, 4, 8] where index + width <= body.count {
          var changed = body
          for place in index..<(index + width) { changed[place] = value }
          if let decoded = try? kind.decode(sealed(changed)) {
            #expect(try bytes(decoded) == sealed(changed))
          }
        }
      }
    }
  }

  @Test("of random bytes under the right digest only what could be written is read")
  func random() throws {
    var random = SeededRandom(seed: UInt64.random(in: 0...UInt64.max))
    let body = Array(try bytes(Sample())[StateHead.byteCount...])
    for _ in 0..<20_000 {
      var changed = Bool.random(using: &random) ? body : random.bytes(.random(in: 0...120))
      for _ in 0..<Int.random(in: 0...4, using: &random) where !changed.isEmpty {
        changed[Int.random(in: changed.indices, using: &random)] = random.bytes(1)[0]
      }
      if let decoded = try? kind.decode(sealed(changed)) {
        #expect(try bytes(decoded) == sealed(changed), "\(changed)")
      }
    }
  }

  @Test("the head says what it is, and nothing else is taken for it")
  func heads() throws {
    let body = Array(try bytes(Sample())[StateHead.byteCount...])
    #expect(problem(sealed(body, "grants"), kind) == .otherKind)
    #expect(problem(sealed(body, version: 4), kind) == .version(4, supported: 3))
    #expect(problem(sealed(body, version: 0), kind) == .version(0, supported: 3))
    var other = sealed(body)
    other[17] = 2
    #expect(problem(other, kind) == .version(2, supported: 1))
    other = sealed(body)
    other[0] = UInt8(ascii: "G")
    #expect(problem(other, kind) == .notState)
    // Lengths beyond the file, up to the ends of their type.
    for first in [44, 52] {
      for value in [1, 0x7F, 0xFF] as [UInt8] {
        other = sealed(body)
        for place in first..<(first + 8) { other[place] = value }
        #expect(problem(other, kind) != nil)
      }
    }
    #expect(
      problem([UInt8](repeating: 0, count: kind.byteLimit + 1), kind)
        == .tooLarge(bytes: kind.byteLimit + 1, limit: kind.byteLimit))
  }
}

// MARK: Policies

private let policyKind = StateKind<KeptPolicy<String>>(
  policy: "policy", version: 1, .text("author", atMost: 20))

private func archive(_ files: [(String, String)], lists: [String: String] = [:]) throws
  -> SnapshotArchive
{
  let snapshot = PolicySnapshot(
    policyFiles: files.map { .init(name: $0.0, content: .bytes(Array($0.1.utf8))) },
    listFiles: lists.mapValues { .bytes(Array($0.utf8)) })
  return try #require(SnapshotArchive(snapshot))
}

@Suite("A policy as state")
struct PolicyCodecTests {
  private func bytes() throws -> [UInt8] {
    let archive = try archive(
      [("policy.yaml", "version: 1\n"), ("policy.d/x.yaml", "")],
      lists: ["lists/a": "192.0.2.1\n", "/etc/b": "192.0.2.2\n"])
    return Array(try policyKind.pieces(KeptPolicy("root", archive)).joined())
  }

  @Test("what was written is read")
  func roundTrip() throws {
    let kept = try policyKind.decode(bytes())
    #expect(kept.note == "root")
    #expect(kept.archive.snapshot.policyFiles.map(\.name) == ["policy.yaml", "policy.d/x.yaml"])
    #expect(kept.archive.snapshot.listFiles.keys.sorted() == ["/etc/b", "lists/a"])
    #expect(Array(try policyKind.pieces(kept).joined()) == (try bytes()))
  }

  @Test("a change of any byte is noticed, and any cut")
  func damage() throws {
    let whole = try bytes()
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 1
      #expect(problem(changed, policyKind) != nil, "byte \(index)")
      #expect(problem(Array(whole[..<index]), policyKind) == .cutOff)
    }
    #expect(problem(whole + [0], policyKind) == .tooLong)
  }

  @Test(
    "a file that no policy has, or twice, is not read",
    arguments: [
      "", ".", "..", "/etc/passwd", "a/b", "policy.d/", "policy.d/../x", "policy.d/a/b", "a\0b",
    ])
  func names(_ name: String) throws {
    let kept = try archive([(name, "version: 1\n")])
    let pieces = try policyKind.pieces(KeptPolicy("root", kept))
    #expect(problem(Array(pieces.joined()), policyKind) == .outOfBounds("name"))
    let twice = try archive([("policy.yaml", ""), ("policy.yaml", "")])
    #expect(
      problem(Array(try policyKind.pieces(KeptPolicy("root", twice)).joined()), policyKind)
        == .outOfBounds("name"))
  }

  @Test("the content of a file is not copied to be written")
  func pieces() throws {
    let kept = KeptPolicy("root", try archive([("policy.yaml", "version: 1\n")]))
    let pieces = try policyKind.pieces(kept)
    #expect(pieces.count == 2)
    #expect(pieces[1] == Array("version: 1\n".utf8))
  }
}
