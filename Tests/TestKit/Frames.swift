import FoundationEssentials
package import GatehouseControl
package import GatehouseReport
public import GatehouseWire

extension Frame {
  /// An answer as the daemon gives it; see `setAnswer`.
  public static func answer(
    _ decision: AnswerDecision, reason: String, message: String = "", id: String = "",
    roles: [[UInt8]] = [], wouldDeny: Bool = false
  ) -> Frame {
    var frame = Frame(.answer)
    let joined = Array(roles.joined(separator: [UInt8(ascii: ",")]))
    frame.setAnswer(
      decision, reason: reason.utf8.span, message: message.utf8.span, id: id.utf8.span,
      roles: joined.span, wouldDeny: wouldDeny)
    return frame
  }

  /// Adds a field from an array or another collection of bytes.
  public mutating func append(_ tag: GatehouseWire.Tag, _ value: some Collection<UInt8>) {
    append(tag, Array(value).span)
  }
}

/// What a command would print, and its exit status.
public typealias Printed = (exitStatus: UInt8, text: String)

extension SeqpacketSocket {
  /// Sends a request over a new connection, and gives the value that comes back.
  package static func reply<Asked: Request>(
    to request: Asked, at path: String, attaching attached: Int32 = -1
  ) throws -> Asked.Reply {
    let connection = try SeqpacketSocket(connectingTo: path)
    connection.send(try request.frame(), attaching: attached)
    let (frame, text) = try connection.receiveWithText()
    try ReplyFrame.check(frame.span)
    return try JSONDecoder().decode(Asked.Reply.self, from: Data(text.utf8))
  }

  /// Sends a request over a new connection, and gives what the command would make of the value.
  package static func report<Asked: Request>(
    _ request: Asked, as format: ReportFormat = .json, at path: String,
    attaching attached: Int32 = -1
  ) throws -> Printed where Asked.Reply: Report {
    let report = try reply(to: request, at: path, attaching: attached)
    return (
      report.status.rawValue, String(decoding: report.render(as: format), as: UTF8.self)
    )
  }
}
