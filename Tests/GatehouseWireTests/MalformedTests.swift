import GatehouseWire
import TestKit
import Testing

@Suite("Whatever comes, decoding gives a frame or an error")
struct MalformedTests {
  @Test("no part of a frame is read as the whole", arguments: Samples.all)
  func truncations(message: [UInt8]) {
    for length in 0..<message.count {
      let readings = Readings(of: Array(message[..<length]))
      if length < WireLimit.header {
        #expect(readings.question == .notAFrame)
        #expect(readings.answer == .notAFrame)
      }
    }
  }

  @Test("a cut in the middle of a field is an error")
  func cutField() {
    let message = Samples.bytes(.answer(.deny, reason: "not_listed"))
    #expect(Readings(of: Array(message.dropLast())).answer == .truncated)
    #expect(Readings(of: message + [0x22]).answer == .truncated)
    #expect(Readings(of: message + [0x22, 0, 1]).answer == .truncated)
    #expect(Readings(of: message + [0x22, 0xFF, 0xFF, 0x61]).answer == .truncated)
  }

  @Test("random bytes")
  func randomBytes() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<50_000 {
      let length = Int.random(in: 0...200, using: &random)
      _ = Readings(of: random.bytes(length))
    }
  }

  @Test("random fields behind a right header")
  func randomFields() {
    var random = SeededRandom(seed: 2)
    let kinds = [Kind.question.rawValue, Kind.answer.rawValue]
    for _ in 0..<50_000 {
      var message: [UInt8] = [
        0x47, 0x48, 1, kinds[Int.random(in: 0..<kinds.count, using: &random)],
      ]
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let value = random.bytes(Int.random(in: 0...12, using: &random))
        message +=
          [
            Bool.random(using: &random) ? 128 : UInt8.random(in: 0...40, using: &random), 0,
            UInt8(value.count),
          ] + value
      }
      _ = Readings(of: message)
    }
  }

  @Test("mutated frames", arguments: Samples.all)
  func mutations(message: [UInt8]) {
    var random = SeededRandom(seed: 3)
    for _ in 0..<20_000 {
      var mutated = message
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !mutated.isEmpty:
          mutated[Int.random(in: 0..<mutated.count, using: &random)] ^=
            1 << UInt8.random(in: 0...7, using: &random)
        case 1 where !mutated.isEmpty:
          mutated.remove(at: Int.random(in: 0..<mutated.count, using: &random))
        case 2: mutated.insert(.random(in: 0...255, using: &random), at: mutated.count / 2)
        default: mutated += random.bytes(Int.random(in: 0...5, using: &random))
        }
      }
      _ = Readings(of: mutated)
    }
  }

  @Test("a frame of the greatest length is read, one byte more is not")
  func greatestLength() {
    var message = Samples.answer
    let room = WireLimit.frame - message.count - WireLimit.fieldHeader
    message += [200] + lengthBytes(room) + [UInt8](repeating: 7, count: room)
    #expect(message.count == WireLimit.frame)
    #expect(Readings(of: message).answer == nil)
    #expect(Readings(of: message + [0]).answer == .tooLong)
  }

  @Test(
    "what makes a question an error",
    arguments: [
      (WireError.notAFrame, [UInt8]("GX".utf8) + [1, 1]),
      (.version, [0x47, 0x48, 2, 1]),
      (.version, [0x47, 0x48, 0, 1]),
      (.kind, [0x47, 0x48, 1, 0]),
      (.kind, [0x47, 0x48, 1, 65]),
      (.missingField, [0x47, 0x48, 1, 1]),
    ])
  func headers(error: WireError, message: [UInt8]) {
    #expect(Readings(of: message).question == error)
  }

  @Test("a field more, and what it makes of a question", arguments: MalformedTests.additions)
  func addition(addition: Addition) {
    let message = Samples.frame(.question) { frame in
      frame.append(.service, "sshd".utf8)
      frame.append(.user, "alice".utf8)
      frame.setTimeLeft(milliseconds: 2000)
    }
    #expect(Readings(of: message + addition.field).question == addition.error)
  }

  struct Addition: CustomTestStringConvertible {
    let testDescription: String
    let field: [UInt8]
    let error: WireError?

    init(_ name: String, _ tag: UInt8, _ value: [UInt8], _ error: WireError?) {
      testDescription = name
      field = [tag] + lengthBytes(value.count) + value
      self.error = error
    }
  }

  static let additions = [
    Addition("a service twice", 1, [0x61], .repeatedField),
    Addition("a time left twice", 9, [0, 0, 0, 1], .repeatedField),
    Addition("a group, which a question has not", 11, [0x61], .unknownField),
    Addition("a decision, which a question has not", 32, [0], .unknownField),
    Addition("tag 0", 0, [], .unknownField),
    Addition("tag 127", 127, [1], .unknownField),
    Addition("an address of sshd", 128, [UInt8](repeating: 0x61, count: 64), nil),
    Addition("an empty address of sshd", 128, [], nil),
    Addition("an address of sshd of 65 bytes", 128, [UInt8](repeating: 0x61, count: 65), .badValue),
    Addition("tag 129, which may be skipped", 129, [1], nil),
    Addition("tag 255, which may be skipped", 255, [], nil),
    Addition("a remote host with NUL", 3, [0x61, 0], .badValue),
    Addition("an empty remote host", 3, [], nil),
    Addition("a remote host of 255 bytes", 3, [UInt8](repeating: 0x61, count: 255), nil),
    Addition("a remote host of 256 bytes", 3, [UInt8](repeating: 0x61, count: 256), .badValue),
    Addition("keys of 1024 bytes", 7, [UInt8](repeating: 0x61, count: 1024), nil),
    Addition("keys of 1025 bytes", 7, [UInt8](repeating: 0x61, count: 1025), .badValue),
    Addition("flags of three bytes", 8, [0, 0, 1], .badValue),
    Addition("a flag that does not exist", 8, [0, 0, 0, 128], .badValue),
    Addition("a code without the flag of one", 16, [0x41], .badValue),
    Addition("a question about the second factor", 8, [0, 0, 0, 32], nil),
    Addition("the second factor, and a local origin to leave", 8, [0, 0, 0, 48], .badValue),
    Addition("a session to look at, without a caller", 8, [0, 0, 0, 8], .badValue),
    Addition("a caller, without a session to look at", 15, [0, 0, 3, 232], .badValue),
    Addition("a local origin to leave", 8, [0, 0, 0, 16], nil),
    Addition("a network", 14, Array("office".utf8), nil),
    Addition("an empty network", 14, [], .badValue),
    Addition("a network with a newline", 14, [0x61, 0x0A], .badValue),
    Addition("several networks", 14, Array("office,vpn".utf8), nil),
    Addition("networks of 512 bytes", 14, [UInt8](repeating: 0x61, count: 512), nil),
    Addition("networks of 513 bytes", 14, [UInt8](repeating: 0x61, count: 513), .badValue),
    Addition("flags of the first version that have gone", 8, [0, 0, 0, 2], .badValue),
    Addition("flags of the first version that have gone", 8, [0, 0, 0, 4], .badValue),
    Addition("the flag of the own host name", 8, [0, 0, 0, 1], nil),
    Addition("a role with a comma", 10, [0x61, 0x2C], .badValue),
    Addition("an empty role", 10, [], .badValue),
  ]

  @Test("a field that a reader knows may stand once, one that it may skip any number of times")
  func repeatedSkippable() {
    let address: [UInt8] = [128, 0, 1, 0x61]
    let unknown: [UInt8] = [129, 0, 1, 0x61]
    #expect(Readings(of: Samples.networkQuestion + address).question == nil)
    #expect(Readings(of: Samples.networkQuestion + address + address).question == .repeatedField)
    #expect(Readings(of: Samples.networkQuestion + unknown + unknown).question == nil)
    #expect(Readings(of: Samples.answer + address + address).answer == nil)
  }

  @Test("a second factor is asked about with nothing else")
  func factorBesides() {
    func question(_ fill: (inout Frame) -> Void) -> WireError? {
      Readings(
        of: Samples.frame(.question) { frame in
          frame.append(.service, "su".utf8)
          frame.append(.user, "alice".utf8)
          frame.append(.flags, word: 32)
          fill(&frame)
          frame.setTimeLeft(milliseconds: 2000)
        }
      ).question
    }
    #expect(question { _ in } == nil)
    #expect(question { $0.append(.role, "admin".utf8) } == .badValue)
    #expect(question { $0.append(.network, "office".utf8) } == .badValue)
  }

  @Test("a network is asked about with nothing else")
  func networkBesides() {
    func question(_ fill: (inout Frame) -> Void) -> WireError? {
      Readings(
        of: Samples.frame(.question) { frame in
          frame.append(.service, "su".utf8)
          frame.append(.user, "alice".utf8)
          frame.append(.network, "office".utf8)
          fill(&frame)
          frame.setTimeLeft(milliseconds: 2000)
        }
      ).question
    }
    #expect(question { $0.append(.role, "administrator".utf8) } == .badValue)
    #expect(question { $0.append(.flags, word: 16) } == .badValue)
    func flags(_ word: UInt32) -> WireError? {
      question {
        $0.append(.flags, word: word)
        $0.append(.caller, word: 0)
      }
    }
    #expect(flags(8) == nil)
    #expect(flags(24) == .badValue)
  }

  @Test("a code is asked about with nothing else, and is printable")
  func codeBesides() {
    func question(_ flags: UInt32, _ fill: (inout Frame) -> Void = { _ in }) -> WireError? {
      Readings(
        of: Samples.frame(.question) { frame in
          frame.append(.service, "su".utf8)
          frame.append(.user, "alice".utf8)
          frame.append(.flags, word: flags)
          if flags & 8 != 0 { frame.append(.caller, word: 0) }
          fill(&frame)
          frame.setTimeLeft(milliseconds: 2000)
        }
      ).question
    }
    func code(_ text: String, flags: UInt32 = 64) -> WireError? {
      question(flags) { $0.append(.code, text.utf8) }
    }
    #expect(question(64) == nil && question(72) == nil && question(65) == nil)
    #expect(question(80 | 8) == .badValue && question(64 | 32) == .badValue)
    #expect(question(64) { $0.append(.role, "administrator".utf8) } == .badValue)
    #expect(question(64) { $0.append(.network, "office".utf8) } == .badValue)
    #expect(code("!") == nil && code(String(repeating: "~", count: 64)) == nil)
    #expect(code("ABCDEFGHJK", flags: 0) == .badValue)
    #expect(code("ABCDEFGHJK", flags: 32) == .badValue)
    for text in ["", "A B", "A\n", "\u{7F}", "ä", String(repeating: "A", count: 65)] {
      #expect(code(text) == .badValue, "\(text)")
    }
  }

  @Test("an answer that makes no sense", arguments: MalformedTests.senselessAnswers)
  func senseless(fields: [UInt8]) {
    #expect(Readings(of: [0x47, 0x48, 1, 65] + fields).answer != nil)
  }

  static let senselessAnswers: [[UInt8]] = [
    [],  // nothing said
    [32, 0, 1, 0],  // no reason
    [33, 0, 1, 0x61],  // no decision
    [32, 0, 1, 5, 33, 0, 1, 0x61],  // a decision that does not exist
    [32, 0, 2, 0, 0, 33, 0, 1, 0x61],  // a decision of two bytes
    [32, 0, 1, 0, 33, 0, 1, 0x0A],  // a reason with a newline
    [32, 0, 1, 0, 33, 0, 1, 0x61, 36, 0, 1, 0x0A],  // roles with a newline
    [32, 0, 1, 1, 33, 0, 1, 0x61, 36, 0, 1, 0x61],  // roles with a denial
    [32, 0, 1, 1, 33, 0, 1, 0x61, 8, 0, 4, 0, 0, 0, 1],  // a denial that would have been one
    [32, 0, 1, 1, 33, 0, 1, 0x61, 34, 0, 2, 0x61, 0],  // a message with NUL
    [32, 0, 1, 1, 33, 0, 1, 0x61, 34, 0, 0],  // an empty message
  ]

  @Test("a field that does not fit makes the frame one that is not to be sent")
  func overflow() {
    var frame = Frame(.question)
    for _ in 0..<20 { frame.append(.terminal, [UInt8](repeating: 0x67, count: 255)) }
    let overflowed = frame.overflowed
    let count = frame.bytes.count
    #expect(overflowed)
    #expect(count <= WireLimit.frame)
  }
}

private func lengthBytes(_ length: Int) -> [UInt8] {
  [UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)]
}
