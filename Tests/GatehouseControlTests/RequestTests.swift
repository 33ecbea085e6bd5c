import GatehouseControl
import GatehousePolicy
import GatehouseWire
import TestKit
import Testing

@Suite("Requests, by their description")
struct RequestTests {
  @Test("what is written is read the same, at every bound", arguments: DescribedRequest.all)
  func roundTrip(request: DescribedRequest) {
    #expect(request.read(request.frame(request.whole)) == .success(request.frame(request.whole)))
    for (index, field) in request.fields.enumerated() {
      for value in field.format.valid {
        var fields = request.whole
        fields[index] = SampleField(tag: field.tag.rawValue, value: value)
        let frame = request.frame(fields)
        #expect(request.read(frame) == .success(frame), "\(field.tag)")
      }
    }
  }

  @Test("only what must be there must be there", arguments: DescribedRequest.all)
  func missing(request: DescribedRequest) {
    for (index, field) in request.fields.enumerated() {
      var fields = request.whole
      fields.remove(at: index)
      let frame = request.frame(fields)
      #expect(
        request.read(frame) == (field.isRequired ? .failure(.missingField) : .success(frame)),
        "\(field.tag)")
    }
  }

  @Test("a field stands once", arguments: DescribedRequest.all)
  func doubled(request: DescribedRequest) {
    for field in request.whole {
      #expect(request.error(request.frame(request.whole + [field])) == .repeatedField)
    }
  }

  @Test("a value that a field cannot have", arguments: DescribedRequest.all)
  func invalid(request: DescribedRequest) {
    for (index, field) in request.fields.enumerated() {
      for value in field.format.invalid {
        var fields = request.whole
        fields[index] = SampleField(tag: field.tag.rawValue, value: value)
        #expect(request.error(request.frame(fields)) == .badValue, "\(field.tag): \(value)")
      }
    }
  }

  @Test(
    "a field that it does not have is an error, unless it may be skipped",
    arguments: DescribedRequest.all)
  func unknown(request: DescribedRequest) {
    let known = Set(request.fields.map(\.tag.rawValue))
    for tag in UInt8.min...UInt8.max where !known.contains(tag) {
      let frame = request.frame(request.whole + [SampleField(tag: tag, value: [0x61])])
      #expect(request.error(frame) == (tag < 128 ? .unknownField : nil))
    }
  }

  @Test("no part of a frame is read as the whole", arguments: DescribedRequest.all)
  func truncated(request: DescribedRequest) {
    let frame = request.frame(request.whole)
    // Where one field ends and the next begins, what lacks is missing and nothing is cut.
    var ends = [WireLimit.header]
    for field in request.whole { ends.append(ends[ends.count - 1] + field.bytes.count) }
    for length in 0..<frame.count {
      let error = request.error(Array(frame[..<length]))
      switch length {
      case ..<WireLimit.header: #expect(error == .notAFrame)
      case _ where ends.contains(length): #expect(error == nil || error == .missingField)
      default: #expect(error == .truncated)
      }
    }
  }

  @Test("a header that is another's", arguments: DescribedRequest.all)
  func headers(request: DescribedRequest) {
    let frame = request.frame(request.whole)
    func changed(_ index: Int, _ byte: UInt8) -> WireError? {
      var frame = frame
      frame[index] = byte
      return request.error(frame)
    }
    #expect(changed(0, 0x67) == .notAFrame)
    #expect(changed(1, 0x67) == .notAFrame)
    for version: UInt8 in [0, 1, 3, 255] { #expect(changed(2, version) == .version) }
    for kind in RequestKind.allCases where kind != request.kind {
      #expect(changed(3, kind.rawValue) == .kind)
    }
    for kind: UInt8 in [0, Kind.question.rawValue, Kind.answer.rawValue, RequestKind.reply] {
      #expect(changed(3, kind) == .kind)
    }
    #expect(request.error(frame + [UInt8](repeating: 200, count: WireLimit.frame)) == .tooLong)
  }

  @Test(
    "random bytes and mutated frames give a request or an error", arguments: DescribedRequest.all)
  func random(request: DescribedRequest) {
    var random = SeededRandom(seed: UInt64(request.kind.rawValue))
    let whole = request.frame(request.whole)
    for _ in 0..<3000 {
      var frame = whole
      switch Int.random(in: 0..<3, using: &random) {
      case 0: frame = Array(whole.prefix(4)) + random.bytes(Int.random(in: 0...60, using: &random))
      case 1:
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          frame[Int.random(in: 0..<frame.count, using: &random)] ^=
            1 << UInt8.random(in: 0...7, using: &random)
        }
      default: frame.remove(at: Int.random(in: 0..<frame.count, using: &random))
      }
      // What is read is written as something that is read the same.
      if case .success(let written) = request.read(frame) {
        #expect(request.read(written) == .success(written))
      }
    }
  }

  @Test("a tag means one thing, and is no other one's")
  func tags() {
    #expect(Set(RequestTag.allCases.map(\.rawValue)).count == RequestTag.allCases.count)
    #expect(RequestTag.allCases.allSatisfy { $0.rawValue < 128 })
    let used = Set(DescribedRequest.all.flatMap(\.fields).map(\.tag))
    #expect(used == Set(RequestTag.allCases))
  }
}

@Suite("What a request cannot say is not sent")
struct RequestProblemTests {
  private func problem(_ fill: (inout GrantRequest) -> Void) -> RequestProblem? {
    var request = GrantRequest()
    request.user = "bob"
    request.address = "192.0.2.1"
    request.duration = .seconds(60)
    request.author = "root"
    request.why = "on call"
    fill(&request)
    do throws(RequestProblem) {
      _ = try request.frame()
      return nil
    } catch { return error }
  }

  @Test("a value that is too long, empty, or of other characters")
  func values() {
    #expect(problem { _ in } == nil)
    #expect(
      problem { $0.user = Name(String(repeating: "u", count: 1025)) }
        == .fieldTooLong(.user, limit: 1024))
    #expect(problem { $0.user = "" } == .badValue(.user))
    #expect(problem { $0.user = Name(bytes: [0x61, 0]) } == .badValue(.user))
    #expect(problem { $0.role = "on call" } == .badValue(.role))
    #expect(problem { $0.role = nil } == nil)
  }

  @Test("a text that is only recorded is cut")
  func cut() throws {
    var request = RevokeRequest()
    request.id = "abc"
    request.author = String(repeating: "a", count: 300)
    let frame = try request.frame()
    let read = try RevokeRequest(decoding: frame.span)
    #expect(read.author.utf8.count == 255)
  }

  @Test("all of it together is longer than a frame")
  func tooLong() {
    var request = ExplainRequest()
    request.service = "sshd"
    request.user = "bob"
    request.groups = (0..<21).map { Name(String(repeating: "g", count: 200) + "\($0)") }
    #expect(throws: RequestProblem.tooLong) { try request.frame() }
  }

  @Test("groups that are none are told from groups that are not given")
  func groups() throws {
    for groups: [Name]? in [nil, [], ["staff"], ["staff", Name(bytes: [0xFF])]] {
      var request = ExplainRequest()
      request.service = "sshd"
      request.user = "bob"
      request.groups = groups
      let frame = try request.frame()
      let read = try ExplainRequest(decoding: frame.span)
      #expect(read == request)
    }
  }
}
