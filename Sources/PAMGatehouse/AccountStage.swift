internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

/// The outcome of the account stage.
enum AccountOutcome {
  /// The daemon allows it.
  case allow
  /// The login is refused.
  case deny
  /// There is nothing to say.
  case ignore
  /// There is no usable answer, and so it is refused.
  case unavailable
}

/// Whether the user may be shown anything.
enum Silence {
  /// Messages are shown.
  case none
  /// The program passed PAM_SILENT.
  case requested
  /// The stage never shows anything.
  case always
}

/// One login in the account stage, or one question about a network in whichever stage.
///
/// Everything except PAM itself, which is behind a protocol.
struct AccountStage<Host: LoginHost & ~Copyable>: ~Copyable {
  private typealias Line = BoundedBytes<1024>

  private let host: Host
  private let options: ModuleOptions
  private let silence: Silence

  /// A login with the options of its PAM line.
  ///
  /// - Parameters:
  ///   - host: PAM and the world.
  ///   - options: The options that were understood.
  ///   - silence: Whether anything may be shown.
  init(host: consuming Host, options: ModuleOptions, silence: Silence) {
    self.host = host
    self.options = options
    self.silence = silence
  }

  /// Logs an option that was not understood.
  borrowing func report(_ problem: OptionProblem, in option: Span<UInt8>) {
    var line = Line()
    line.append("option \"")
    line.append(escaping: option.bytes(from: 0, count: 128))
    line.append("\": ")
    line.append(problem.phrase)
    line.append(isRootOnConsole ? "; root may log in on the console all the same" : "; denied")
    line.append(", until the pam_gatehouse line of this service is corrected")
    host.log(.error, line.bytes)
  }

  /// The outcome of a login whose PAM line has an option that was not understood.
  borrowing func judgeMisconfigured() -> AccountOutcome {
    if isRootOnConsole { return .ignore }
    show("Access denied: pam_gatehouse is not configured correctly. Please tell the administrator.")
    return .deny
  }

  /// The outcome of a login.
  borrowing func judge() -> AccountOutcome {
    let service = service
    let user = bytes(.user)
    guard isAskable(service: service, user: user) else { return .deny }

    // Whether a session is local, only the daemon can tell.
    if options.origin == .remoteHost, isLocal(service: service) {
      switch options.local {
      case .ignore:
        debug("no remote host: nothing to ask")
        return .ignore
      case .ask: break
      case .deny: return denyLocal(user: user)
      }
    }

    var question = Frame(.question)
    describe(service: service, user: user, in: &question)
    if options.role.count > 0 { question.append(.role, options.role.bytes) }
    return ask(&question, user: user)
  }

  /// Whether the origin is an address in the network that the line names.
  ///
  /// False is everything except a yes, also if the daemon could not be asked. Nothing is shown.
  borrowing func isInNetwork() -> Bool {
    let service = service
    let user = bytes(.user)
    // First: before authentication, a console may not even know the user.
    if options.origin == .remoteHost, isLocal(service: service) {
      debug("no remote host: in no network")
      return false
    }
    guard isAskable(service: service, user: user) else { return false }
    var question = Frame(.question)
    describe(service: service, user: user, in: &question)
    question.append(.network, options.network.bytes)
    debugQuestion(user: user)
    var storage = FrameStorage(repeating: 0)
    do throws(NoAnswer) {
      let answer = try host.ask(
        &question, at: options.socket, timeout: options.timeout, into: &storage)
      debug(answer, in: storage.span)
      return answer.decision == .allow
    } catch {
      var line = cannotBeAsked(error)
      line.append("; the answer is no, as from outside the network")
      host.log(.warning, line.bytes)
      return false
    }
  }

  /// Adds the facts of the login to a question.
  private borrowing func describe(
    service: Span<UInt8>, user: Span<UInt8>, in question: inout Frame
  ) {
    question.append(.service, service)
    question.append(.user, user)
    if let given = host.text(.remoteHost) {
      question.append(.remoteHost, given, cutAt: WireLimit.remoteHost)
    }
    if OriginRule.isSSH(service) {
      append(.sshConnection, as: .sshConnectionAddress, WireLimit.sshConnectionAddress, &question)
      append(.sshAuthInfo, as: .sshAuthInfo, WireLimit.sshAuthInfo, &question)
    }
    append(.remoteUser, as: .remoteUser, WireLimit.remoteUser, &question)
    append(.terminal, as: .terminal, WireLimit.terminal, &question)
    var flags = LoginFlags()
    flags.isOwnHostName = isOwnHostName(service: service)
    if options.origin == .session {
      flags.asksSession = true
      flags.leavesLocal = leavesLocal
      question.append(.caller, word: host.callingUser())
    }
    if flags != LoginFlags() { question.append(.flags, word: flags.word) }
  }

  /// Whether the daemon may answer that a login is local; `local=` then decides.
  private var leavesLocal: Bool {
    options.origin == .session && options.local != .ask && !options.asksNetwork
  }

  /// The service to judge as.
  private var service: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { options.service.count > 0 ? options.service.bytes : bytes(.service) }
  }

  /// Whether the login has no remote host.
  private borrowing func isLocal(service: Span<UInt8>) -> Bool {
    OriginRule.isLocal(
      service: service, remoteHost: bytes(.remoteHost), terminal: bytes(.terminal),
      isOwnHostName: isOwnHostName(service: service))
  }

  /// Whether sudo was told to put the machine's own name into PAM_RHOST, and did.
  private borrowing func isOwnHostName(service: Span<UInt8>) -> Bool {
    let remoteHost = bytes(.remoteHost)
    return OriginRule.isSudo(service) && !OriginRule.looksLikeAddress(remoteHost)
      && host.isOwnHostName(remoteHost)
  }

  private borrowing func ask(_ question: inout Frame, user: Span<UInt8>) -> AccountOutcome {
    debugQuestion(user: user)
    var storage = FrameStorage(repeating: 0)
    do throws(NoAnswer) {
      let answer = try host.ask(
        &question, at: options.socket, timeout: options.timeout, into: &storage)
      return act(on: answer, in: storage.span, user: user)
    } catch {
      var line = cannotBeAsked(error)
      return withoutAnswer(&line, user: user)
    }
  }

  /// The beginning of a line that says why there is no answer.
  private borrowing func cannotBeAsked(_ error: NoAnswer) -> Line {
    var line = Line()
    line.append("gatehoused cannot be asked at ")
    line.append(escaping: options.socket.bytes)
    line.append(": ")
    error.describe(in: &line)
    return line
  }

  private borrowing func act(
    on answer: Answer, in frame: Span<UInt8>, user: Span<UInt8>
  ) -> AccountOutcome {
    debug(answer, in: frame)
    switch answer.decision {
    case .allow:
      if !host.setRoles(frame.bytes(of: answer.roles)) {
        log(.warning, "GATEHOUSE_ROLES could not be set; the login goes on without it")
      }
      return .allow
    case .deny:
      var line = Line()
      line.append("denied user \"")
      line.append(escaping: user.bytes(from: 0, count: 255))
      line.append("\": ")
      line.append(frame.bytes(of: answer.reason))
      if let id = answer.id {
        line.append(", id ")
        line.append(frame.bytes(of: id))
      }
      host.log(.warning, line.bytes)
      show(frame.bytes(of: answer.message))
      return .deny
    case .ignore: return .ignore
    case .noPolicy:
      var line = Line()
      line.append("gatehoused has no policy; `gatehouse status` says why")
      return withoutAnswer(&line, user: user)
    case .local:
      guard leavesLocal else {
        var line = cannotBeAsked(.senseless(.badValue))
        return withoutAnswer(&line, user: user)
      }
      return options.local == .deny ? denyLocal(user: user) : .ignore
    }
  }

  /// Ends a line that says why there is no usable answer with what `onerr` makes of it.
  private borrowing func withoutAnswer(_ line: inout Line, user: Span<UInt8>) -> AccountOutcome {
    let succeeds = options.onError == .succeed
    line.append(
      succeeds ? "; unchecked, as onerr=succeed says, goes on user \"" : "; denied user \"")
    line.append(escaping: user.bytes(from: 0, count: 255))
    line.append("\"")
    host.log(succeeds ? .warning : .error, line.bytes)
    return succeeds ? .ignore : .unavailable
  }

  private borrowing func denyLocal(user: Span<UInt8>) -> AccountOutcome {
    var line = Line()
    line.append("denied user \"")
    line.append(escaping: user.bytes(from: 0, count: 255))
    line.append("\": no remote host, and the line says local=deny")
    host.log(.warning, line.bytes)
    show("Access denied: this service may be used from a remote host only.")
    return .deny
  }

  /// Whether a question can hold the service and the user; if not, it is logged.
  private borrowing func isAskable(service: Span<UInt8>, user: Span<UInt8>) -> Bool {
    let fits =
      1...WireLimit.service ~= service.count && 1...WireLimit.user ~= user.count
    guard fits else {
      log(.error, "denied: the name of the user or of the service is empty or too long")
      return false
    }
    return true
  }

  /// The one login that a wrong option must not lock out.
  private var isRootOnConsole: Bool {
    bytes(.service).hasSameBytes(as: "login") && bytes(.user).hasSameBytes(as: "root")
      && bytes(.remoteHost).isEmpty
  }

  /// The bytes of a fact; none if it is not set.
  @_lifetime(borrow self)
  private borrowing func bytes(_ item: LoginItem) -> Span<UInt8> {
    if let text = host.text(item) { return text }
    return Span()
  }

  /// Adds a fact to a question, if it is set.
  private borrowing func append(
    _ item: LoginItem, as tag: Tag, _ limit: Int, _ question: inout Frame
  ) {
    let text = item == .sshConnection ? bytes(item).firstWord : bytes(item)
    if !text.isEmpty { question.append(tag, text, cutAt: limit) }
  }
}

// What is shown and logged.
extension AccountStage where Host: ~Copyable {
  @inline(__always)
  private borrowing func log(_ severity: Severity, _ text: StaticString) {
    host.log(severity, text.bytes)
  }

  @inline(__always)
  private borrowing func show(_ text: StaticString) { show(text.bytes) }

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

  @inline(__always)
  private borrowing func debug(_ text: StaticString) {
    if options.debug { host.log(.debug, text.bytes) }
  }

  private borrowing func debugQuestion(user: Span<UInt8>) {
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

  private borrowing func debug(_ answer: Answer, in frame: Span<UInt8>) {
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
