import GatehouseClient
import GatehouseControl
import GatehouseSystem
import GatehouseWire
import TestKit

/// What asking gave, in the values that a test can compare.
struct Asked: Equatable {
  var decision: AnswerDecision?
  var reason: String?
  var failure: NoAnswer?

  /// Asks the daemon at the path about alice.
  init(at path: String, milliseconds: UInt32 = 5000) {
    var question = Frame(.question)
    question.append(.service, "sshd".utf8)
    question.append(.user, "alice".utf8)
    question.append(.remoteHost, "203.0.113.9".utf8)
    let bytes = Array(path.utf8)
    guard let path = SocketPath(bytes.span) else { return }
    var storage = FrameStorage(repeating: 0)
    do throws(NoAnswer) {
      let answer = try Daemon.ask(
        &question, at: path, deadline: Deadline(milliseconds: milliseconds), into: &storage)
      decision = answer.decision
      reason = String(decoding: storage.span.array(of: answer.reason), as: UTF8.self)
    } catch { failure = error }
  }
}

/// The bytes of a frame.
func bytes(_ frame: consuming Frame) -> [UInt8] { frame.bytes.array }

/// An answer that allows.
let allowed = bytes(.answer(.allow, reason: "listed", roles: [Array("admin".utf8)]))
