internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

// What is shown and logged.
extension AccountStage where Host: ~Copyable {
  @inline(__always)
  borrowing func log(_ severity: Severity, _ text: StaticString) {
    host.log(severity, text.bytes)
  }

  @inline(__always)
  borrowing func show(_ text: StaticString) { show(text.bytes) }

  private var showsMessages: Bool {
    switch silence {
    case .none: !options.quiet
    // sudo always passes PAM_SILENT. But its user has to know why it was refused.
    case .requested: !options.quiet && OriginRule.isSudo(bytes(.service))
    case .always: false
    }
  }

  /// Shows a text to the user, if that is wanted, without control characters.
  private borrowing func show(_ message: Span<UInt8>) {
    guard showsMessages, !message.isEmpty else { return }
    var shown = BoundedBytes<1024>()
    shown.appendPrintable(message)
    host.show(shown.bytes)
  }

  /// Shows the user why they were denied: the daemon's text, or one of the module's own.
  ///
  /// The daemon sends none if it is not the address that is wrong.
  borrowing func showDenial(_ answer: Answer, in frame: Span<UInt8>) {
    if let message = answer.message { return show(frame.bytes(of: message)) }
    var text = Line()
    text.append("Access denied: ")
    let reason = frame.bytes(of: answer.reason)
    if reason.hasSameBytes(as: "user_unknown") {
      text.append("this machine has no such user. Please tell the administrator")
    } else if reason.hasSameBytes(as: "identity_unavailable") {
      text.append(
        """
        your groups cannot be looked up at the moment. Please try again; if it stays so, tell the \
        administrator
        """)
    } else if reason.hasSameBytes(as: "no_address") {
      text.append("this service does not say where you come from. Please tell the administrator")
    } else if reason.hasSameBytes(as: "session_unclear") {
      text.append("it is not clear where you logged in from. Please log in again, and use ")
      text.append(bytes(.service))
      text.append(" there. If it stays so, tell the administrator")
    } else if reason.hasSameBytes(as: "local_not_listed") {
      text.append("you may not use this at the machine itself. Please ask the administrator")
    } else if reason.hasSameBytes(as: "role_unavailable") {
      text.append("you do not have the role ")
      text.append(options.role.bytes)
      text.append(". Please ask the administrator")
    } else {
      return
    }
    if let id = answer.id {
      text.append(" and quote ")
      text.append(frame.bytes(of: id))
    }
    text.append(".")
    show(text.bytes)
  }

  /// Where the login comes from, as PAM has it; for sshd the address that it gives, if PAM has none.
  private var place: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let host = bytes(.remoteHost)
      let address = bytes(.sshConnection).firstWord
      let hasAddress = !host.isEmpty && OriginRule.looksLikeAddress(host)
      return !hasAddress && OriginRule.isSSH(service) && !address.isEmpty
        && OriginRule.looksLikeAddress(address) ? address : host
    }
  }

  /// Logs a denial, in the format that pam_gatehouse(8) describes, since programs read it.
  ///
  /// No name is so long that there is no room for reason and id.
  borrowing func logDenial(_ answer: Answer, of user: Span<UInt8>, in frame: Span<UInt8>) {
    var line = Line()
    line.append("denied user \"")
    line.append(escaping: user.bytes(from: 0, count: 128))
    let place = place
    if !place.isEmpty {
      line.append("\" from \"")
      line.append(escaping: place.bytes(from: 0, count: 64))
    }
    line.append("\": ")
    line.append(frame.bytes(of: answer.reason))
    if let id = answer.id {
      line.append(", id ")
      line.append(frame.bytes(of: id))
    }
    host.log(.warning, line.bytes)
  }

  @inline(__always)
  borrowing func debug(_ text: StaticString) {
    if options.debug { host.log(.debug, text.bytes) }
  }

  borrowing func debugQuestion(user: Span<UInt8>) {
    guard options.debug else { return }
    var line = Line()
    line.append("asking at ")
    line.append(escaping: options.socket.bytes)
    line.append(" about user \"")
    line.append(escaping: user.bytes(from: 0, count: 255))
    line.append("\", remote host \"")
    line.append(escaping: bytes(.remoteHost).bytes(from: 0, count: WireLimit.remoteHost))
    line.append("\"")
    host.log(.debug, line.bytes)
  }

  borrowing func debug(_ answer: Answer, in frame: Span<UInt8>) {
    guard options.debug else { return }
    var line = Line()
    line.append("answer: ")
    switch answer.decision {
    case .allow: line.append("allow, ")
    case .deny: line.append("deny, ")
    case .ignore: line.append("ignore, ")
    case .noPolicy: line.append("no policy, ")
    case .local: line.append("the login is local, ")
    }
    line.append(frame.bytes(of: answer.reason))
    line.append(", id ")
    line.append(frame.bytes(of: answer.id))
    line.append(", roles ")
    line.append(frame.bytes(of: answer.roles).bytes(from: 0, count: 512))
    host.log(.debug, line.bytes)
  }
}
