/// What is wrong with an option of the PAM line.
public enum OptionProblem: Error, Hashable, Sendable {
  /// There is no such option.
  case unknown
  /// It stands twice.
  case twice
  /// It stands with a value, and takes none.
  case takesNoValue
  /// `socket=` without a path that a socket can have.
  case socket
  /// `timeout=` without a number that it can be.
  case timeout
  /// `onerr=` with another word.
  case onError
  /// `service=` without a name that a service can have.
  case service
  /// `local=` with another word.
  case local
  /// `origin=` with another word.
  case origin
  /// `role=` without a name that a role can have.
  case role
  /// `network=` without names that networks can have.
  case network
  /// `network=` beside an option that has no meaning there.
  case networkAlone
  /// `factor` beside an option that has no meaning there.
  case factorAlone
  /// `authorize` beside an option that has no meaning there.
  case authorizeAlone
  /// `authorize` in another stage than `auth`.
  case authorizeStage

  /// What is wrong, and what would be right, as a clause that follows the option.
  ///
  /// Always inlined, as what makes bytes of a text has checks that only a literal leaves out.
  @inlinable
  public var phrase: StaticString {
    @inline(__always)
    get {
      switch self {
      case .unknown: "there is no such option"
      case .twice: "this option stands twice"
      case .takesNoValue: "this option takes no value"
      case .socket: "write socket= and an absolute path of at most 107 bytes"
      case .timeout: "write timeout= and a number of milliseconds from 50 to 30000"
      case .onError: "write onerr=fail or onerr=succeed"
      case .service: "write service= and a name of 1 to 255 bytes"
      case .local: "write local=ignore, local=ask or local=deny"
      case .origin: "write origin=rhost or origin=session"
      case .role: "write role= and a name: a letter or _, then up to 63 letters, digits, _ and -"
      case .network:
        "write network= and names, as in network=office,local, of at most 512 bytes together"
      case .networkAlone:
        "network= has one answer: role=, local= and onerr= have no place beside it"
      case .factorAlone:
        "factor has one answer: role=, local=, onerr= and network= have no place beside it"
      case .authorizeAlone:
        "authorize asks for a code: role=, local=, onerr=, network= and factor have no place beside it"
      case .authorizeStage: "authorize has its place in an auth line only"
      }
    }
  }
}
