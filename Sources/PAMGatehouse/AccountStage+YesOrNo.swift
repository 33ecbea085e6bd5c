internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

// A line with network= or factor, which judges no login.
extension AccountStage where Host: ~Copyable {
  /// Whether the answer to such a line is yes.
  borrowing func isYes() -> Bool { options.factor ? isSpared() : isInNetwork() }

  /// Whether the user needs no second factor.
  ///
  /// Only the daemon knows. False is everything except its yes; nothing is shown.
  private borrowing func isSpared() -> Bool {
    decision(.network, Span(), ("; a second factor is needed" as StaticString).bytes) == .allow
  }

  /// Whether the origin is in one of the networks that the line names.
  ///
  /// False is everything except a yes, also if the daemon could not be asked. Nothing is shown.
  private borrowing func isInNetwork() -> Bool {
    let service = service
    // What needs no daemon is first: before authentication, a console may not even know the user.
    if options.origin == .remoteHost, isLocal(service: service) {
      let isIn = options.network.bytes.hasItem("local") && isAtMachine(service: service)
      debug(isIn ? "the login is local: yes" : "the login is local: no")
      return isIn
    }
    if options.network.bytes.hasItem("self"), isFromLoopback(service: service) {
      debug("the login comes from the machine itself: yes")
      return true
    }
    return decision(
      .network, options.network.bytes,
      ("; the answer is no, as from outside the network" as StaticString).bytes) == .allow
  }

  /// What the daemon says to the question of such a line.
  ///
  /// - Parameters:
  ///   - tag: The field that such a question may have.
  ///   - value: Its value; empty if it has none.
  ///   - consequence: The end of the line that is logged without an answer.
  /// - Returns: Nil without an answer.
  @inline(never)
  borrowing func decision(
    _ tag: Tag, _ value: Span<UInt8>, _ consequence: Span<UInt8>
  ) -> AnswerDecision? {
    let service = service
    let user = bytes(.user)
    guard isAskable(service: service, user: user) else { return nil }
    var question = Frame(.question)
    describe(service: service, user: user, in: &question)
    if !value.isEmpty { question.append(tag, value) }
    debugQuestion(user: user)
    var storage = FrameStorage(repeating: 0)
    var decision: AnswerDecision?
    do throws(NoAnswer) {
      let answer = try host.ask(
        &question, at: options.socket, timeout: options.timeout, into: &storage)
      debug(answer, in: storage.span)
      decision = answer.decision
    } catch {
      var line = cannotBeAsked(error)
      line.append(consequence)
      host.log(.warning, line.bytes)
    }
    // It may have a code in it.
    host.wipe(&question)
    return decision
  }

  /// Whether a local login by this service is one of somebody who sits at the machine.
  ///
  /// su, cron and the like are used from any session; with origin=session the daemon knows from which.
  private borrowing func isAtMachine(service: Span<UInt8>) -> Bool {
    switch LocalService.of(service) {
    case .console, .display, .locker: true
    case .changesUser, .other, nil: false
    }
  }

  /// Whether the remote host is a loopback address, or sshd says that its connection is not IP.
  private borrowing func isFromLoopback(service: Span<UInt8>) -> Bool {
    let remoteHost = bytes(.remoteHost)
    if !remoteHost.isEmpty, OriginRule.looksLikeAddress(remoteHost) { return remoteHost.isLoopback }
    guard OriginRule.isSSH(service) else { return false }
    let address = bytes(.sshConnection).firstWord
    return address.isLoopback || address.hasSameBytes(as: "UNKNOWN")
  }
}
