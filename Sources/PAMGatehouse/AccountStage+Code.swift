internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

// A line with authorize, which judges no login: the grant that the right code makes counts in the account
// stage.
extension AccountStage where Host: ~Copyable {
  /// Asks for a code, if one is open for this user and place, and gives it to the daemon.
  ///
  /// - Returns: `allow` for the right code, `deny` for a wrong one or none; `ignore` if there is nothing
  ///   to ask for, or the daemon cannot be asked.
  borrowing func authorize() -> AccountOutcome {
    if options.origin == .remoteHost, isLocal(service: service) {
      debug("the login is local: no code is asked for")
      return .ignore
    }
    guard outcome(of: Span()) == .allow else { return .ignore }
    // What the user takes is the program's time: the second question has its own.
    var code = Secret()
    host.ask(("Code that was sent to you: " as StaticString).bytes, into: &code)
    let outcome = code.count > 0 ? outcome(of: code.bytes) : .deny
    host.wipe(&code)
    return outcome
  }

  /// What the daemon says to a code; with none, whether one is open.
  private borrowing func outcome(of code: Span<UInt8>) -> AccountOutcome {
    switch decision(
      .code, code, ("; no code counts, and the account stage decides" as StaticString).bytes)
    {
    case .allow: .allow
    case .deny: .deny
    case .ignore, .noPolicy, .local, nil: .ignore
    }
  }
}
