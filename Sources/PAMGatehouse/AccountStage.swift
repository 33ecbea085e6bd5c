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

/// One login in the account stage, or one question about a network, the second factor or a code in
/// whichever stage.
///
/// Everything except PAM itself, which is behind a protocol.
struct AccountStage<Host: LoginHost & ~Copyable>: ~Copyable {
  typealias Line = BoundedBytes<1024>

  let host: Host
  let options: ModuleOptions
  let silence: Silence

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

    switch options.origin {
    case .remoteHost:
      guard isLocal(service: service) else { break }
      switch options.local {
      case .ignore:
        debug("the login is local: nothing to ask")
        return .ignore
      case .ask: break
      case .deny: return denyLocal(user: user)
      }
    // Whether a session is local, only the daemon can tell.
    case .session:
      guard isOwnUseOfRoot(service: service) else { break }
      debug("root itself changes the user: nothing to ask")
      return .ignore
    }

    var question = Frame(.question)
    describe(service: service, user: user, in: &question)
    if options.role.count > 0 { question.append(.role, options.role.bytes) }
    return ask(&question, user: user)
  }

  /// Adds the facts of the login to a question.
  borrowing func describe(service: Span<UInt8>, user: Span<UInt8>, in question: inout Frame) {
    question.append(.service, service)
    question.append(.user, user)
    if let given = host.text(.remoteHost) {
      question.append(.remoteHost, given, cutAt: WireLimit.remoteHost)
    }
    if OriginRule.isSSH(service) {
      let connection = bytes(.sshConnection)
      let limit = WireLimit.sshConnectionAddress
      append(connection.firstWord, as: .sshConnectionAddress, limit, &question)
      append(connection.afterWord.afterWord.firstWord, as: .sshServerAddress, limit, &question)
      append(bytes(.sshAuthInfo), as: .sshAuthInfo, WireLimit.sshAuthInfo, &question)
    }
    append(bytes(.remoteUser), as: .remoteUser, WireLimit.remoteUser, &question)
    append(bytes(.terminal), as: .terminal, WireLimit.terminal, &question)
    var flags = LoginFlags()
    flags.isOwnHostName = isOwnHostName(service: service)
    flags.leavesLocal = leavesLocal(service: service)
    flags.asksFactor = options.factor
    flags.asksCode = options.authorize
    if options.origin == .session {
      flags.asksSession = true
      question.append(.caller, word: tellsCaller ? host.callingUser() : .max)
    }
    if flags != LoginFlags() { question.append(.flags, word: flags.word) }
  }

  /// Whether the daemon may answer that a login is local; `local=` then decides.
  ///
  /// It may if a session is to tell, or if a policy can say that this service is local without an
  /// address.
  private borrowing func leavesLocal(service: Span<UInt8>) -> Bool {
    guard options.local != .ask, !options.judgesNoLogin else { return false }
    return options.origin == .session
      || (bytes(.remoteHost).isEmpty && !OriginRule.isSSH(service))
  }

  /// The service to judge as.
  var service: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { options.service.count > 0 ? options.service.bytes : bytes(.service) }
  }

  /// Whether the login is local by what PAM knows.
  borrowing func isLocal(service: Span<UInt8>) -> Bool {
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

  /// Whether root itself uses a program that changes the user.
  ///
  /// Both the real uid and PAM_RUSER must say so: a program that made itself root keeps the one, and
  /// names its caller in the other.
  private borrowing func isOwnUseOfRoot(service: Span<UInt8>) -> Bool {
    guard LocalService.of(service) == .changesUser, tellsCaller, host.callingUser() == 0 else {
      return false
    }
    return !namesAnotherCaller
      && (bytes(.remoteHost).isEmpty || isOwnHostName(service: service))
  }

  /// Whether the program's real uid says who uses it.
  ///
  /// With `service=` it may be one of another kind, such as polkit's helper, which is root's whoever
  /// asks.
  private var tellsCaller: Bool {
    options.service.count == 0 || LocalService.of(bytes(.service)) == .changesUser
  }

  /// Whether PAM_RUSER names somebody else than root.
  private var namesAnotherCaller: Bool {
    let caller = bytes(.remoteUser)
    return !caller.isEmpty && !caller.hasSameBytes(as: "root")
  }

  private borrowing func ask(_ question: inout Frame, user: Span<UInt8>) -> AccountOutcome {
    debugQuestion(user: user)
    var storage = FrameStorage(repeating: 0)
    do throws(NoAnswer) {
      let answer = try host.ask(
        &question, at: options.socket, timeout: options.timeout, into: &storage)
      return act(on: answer, in: storage.span, user: user)
    } catch { return withoutAnswer(error, user: user) }
  }

  /// The beginning of a line that says why there is no answer.
  @inline(never)
  borrowing func cannotBeAsked(_ error: NoAnswer) -> Line {
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
      logDenial(answer, of: user, in: frame)
      showDenial(answer, in: frame)
      return .deny
    case .ignore: return .ignore
    case .noPolicy:
      var line = Line()
      line.append("gatehoused has no policy; `gatehouse status` says why")
      return withoutAnswer(&line, goesOn: options.onError == .succeed, user: user)
    case .local:
      guard leavesLocal(service: service) else {
        return withoutAnswer(.senseless(.badValue), user: user)
      }
      return options.local == .deny ? denyLocal(user: user) : .ignore
    }
  }

  /// What becomes of a login about which the daemon could not be asked.
  private borrowing func withoutAnswer(_ error: NoAnswer, user: Span<UInt8>) -> AccountOutcome {
    var line = cannotBeAsked(error)
    guard options.onError == .succeed else {
      return withoutAnswer(&line, goesOn: false, user: user)
    }
    let goesOn = error.isNobodyListening || !mayBeCallersDoing
    if !goesOn {
      line.append("; onerr=succeed does not cover this, as the caller may have caused it")
    }
    return withoutAnswer(&line, goesOn: goesOn, user: user)
  }

  /// Whether a user of this machine started this process and so could starve it of time or descriptors.
  private var mayBeCallersDoing: Bool {
    host.callingUser() != 0 || namesAnotherCaller || options.origin == .session
      || LocalService.of(service) == .changesUser
      || LocalService.of(bytes(.service)) == .changesUser
  }

  /// Ends a line that says why there is no usable answer with what becomes of the login.
  private borrowing func withoutAnswer(
    _ line: inout Line, goesOn: Bool, user: Span<UInt8>
  ) -> AccountOutcome {
    // `gatehouse report` finds the first by its words (GatehouseJournal/UncheckedLogins.swift).
    line.append(
      goesOn ? "; unchecked, as onerr=succeed says, goes on user \"" : "; denied user \"")
    line.append(escaping: user.bytes(from: 0, count: 255))
    line.append("\"")
    host.log(goesOn ? .warning : .error, line.bytes)
    if goesOn { return .ignore }
    show(
      """
      Access cannot be checked at the moment. Please try again; if it stays so, tell the \
      administrator.
      """)
    return .unavailable
  }

  private borrowing func denyLocal(user: Span<UInt8>) -> AccountOutcome {
    var line = Line()
    line.append("denied user \"")
    line.append(escaping: user.bytes(from: 0, count: 255))
    line.append("\": the login is local, and the line says local=deny")
    host.log(.warning, line.bytes)
    show("Access denied: this service may be used from a remote host only.")
    return .deny
  }

  /// Whether a question can hold the service and the user; if not, it is logged.
  borrowing func isAskable(service: Span<UInt8>, user: Span<UInt8>) -> Bool {
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
    let service = bytes(.service)
    return LocalService.of(service) == .console && bytes(.user).hasSameBytes(as: "root")
      && isLocal(service: service)
  }

  /// The bytes of a fact; none if it is not set.
  @_lifetime(borrow self)
  borrowing func bytes(_ item: LoginItem) -> Span<UInt8> {
    if let text = host.text(item) { return text }
    return Span()
  }

  /// Adds a fact to a question, if it is set.
  private borrowing func append(
    _ text: Span<UInt8>, as tag: Tag, _ limit: Int, _ question: inout Frame
  ) {
    if !text.isEmpty { question.append(tag, text, cutAt: limit) }
  }
}
