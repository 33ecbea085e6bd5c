import GatehouseWire

@testable import GatehouseControl

/// What root asks the daemon.
enum Requests {
  @Sendable static func run(_ bytes: [UInt8]) {
    try? ReplyFrame.check(bytes.span)
    guard let kind = try? RequestKind(of: bytes.span) else { return }
    check(kind.request, bytes)
  }

  private static func check<Asked: Request>(_: Asked.Type, _ bytes: [UInt8]) {
    // A text that is not UTF-8 is mended when it is read, and may be too long then.
    guard let request = try? Asked(decoding: bytes.span), let written = try? request.frame() else {
      return
    }
    let again = try? Asked(decoding: written.span)
    promise(again == request, "a \(Asked.kind) request that is written again says the same")
  }
}
