public import GatehouseSystem
public import GatehouseWire

/// The options of a pam_gatehouse line, as pam_gatehouse(8) describes them.
///
/// Strict: what is not understood is a problem, never a default.
public struct ModuleOptions: Sendable {
  /// What becomes of a login without a usable answer.
  public enum OnError: Sendable {
    /// It is refused.
    case fail
    /// It goes on, with a logged warning.
    case succeed
  }

  /// What becomes of a local login.
  public enum LocalLogin: Sendable {
    /// It goes on, and nobody is asked.
    case ignore
    /// The daemon is asked.
    case ask
    /// It is refused, and nobody is asked.
    case deny
  }

  /// Where the origin of a login comes from.
  public enum OriginSource: Sendable {
    /// PAM_RHOST.
    case remoteHost
    /// PAM_RHOST if it is an address, else the login session of the process that asks.
    case session
  }

  /// The daemon's socket.
  public private(set) var socket = SocketPath.standard
  /// Milliseconds for everything together, 50 to 30000.
  public private(set) var timeout: UInt32 = 2000
  /// What becomes of a login without a usable answer.
  public private(set) var onError = OnError.fail
  /// The service to judge as; empty for PAM_SERVICE.
  public private(set) var service = BoundedBytes<255>()
  /// Where the origin comes from.
  public private(set) var origin = OriginSource.remoteHost
  /// The role that must be available; empty if none is asked for.
  public private(set) var role = BoundedBytes<64>()
  /// The networks that are asked about instead of the policy, joined by commas; empty if the policy is
  /// asked.
  public private(set) var network = BoundedBytes<512>()
  /// Whether it is asked if a second factor is needed, instead of the policy's lists.
  public private(set) var factor = false
  /// Whether the user is asked for a code that authorises the place, if one is open.
  public private(set) var authorize = false
  /// Say nothing to the user.
  public private(set) var quiet = false
  /// Log each step.
  public private(set) var debug = false

  /// What becomes of a local login.
  ///
  /// If a role is asked for, it is by default asked for on the console too.
  public var local: LocalLogin { givenLocal ?? (isGiven(.role) ? .ask : .ignore) }

  /// Whether the line has `network=`, `factor` or `authorize`, even a malformed one: it then judges no
  /// login.
  public var judgesNoLogin: Bool { isGiven(.network) || isGiven(.factor) || isGiven(.authorize) }

  private var givenLocal: LocalLogin?
  private var given: UInt32 = 0

  private func isGiven(_ name: Name) -> Bool { given & name.rawValue != 0 }

  /// The options of a line that has none.
  public init() {}

  /// Takes one option of the line.
  ///
  /// After a problem the others still count, so that `quiet` is honoured in any place.
  public mutating func take(_ option: Span<UInt8>) throws(OptionProblem) {
    var length = 0
    while let byte = option.byte(at: length), byte != 0x3D { length &+= 1 }
    let hasValue = length < option.count
    let value = option.bytes(from: length &+ 1, count: option.count)
    guard let name = Name(option.bytes(from: 0, count: length)) else { throw .unknown }
    guard given & name.rawValue == 0 else { throw .twice }
    given |= name.rawValue
    let isForLogins = isGiven(.role) || isGiven(.local) || isGiven(.onError)
    if isGiven(.authorize), isForLogins || isGiven(.network) || isGiven(.factor) {
      throw .authorizeAlone
    }
    if isGiven(.factor), isForLogins || isGiven(.network) { throw .factorAlone }
    if isGiven(.network), isForLogins { throw .networkAlone }
    switch name {
    case .socket:
      guard let path = SocketPath(value) else { throw .socket }
      socket = path
    case .timeout: timeout = try ModuleOptions.milliseconds(value)
    case .onError: onError = try ModuleOptions.onError(value)
    case .service:
      guard !value.isEmpty, let name = BoundedBytes<255>(value) else { throw .service }
      service = name
    case .local: givenLocal = try ModuleOptions.local(value)
    case .origin: origin = try ModuleOptions.origin(value)
    case .role:
      guard let name = ModuleOptions.name(value) else { throw .role }
      role = name
    case .network:
      guard let names = ModuleOptions.names(value) else { throw .network }
      network = names
    case .factor:
      guard !hasValue else { throw .takesNoValue }
      factor = true
    case .authorize:
      guard !hasValue else { throw .takesNoValue }
      authorize = true
    case .quiet:
      guard !hasValue else { throw .takesNoValue }
      quiet = true
    case .debug:
      guard !hasValue else { throw .takesNoValue }
      debug = true
    }
  }

  /// The options there are, each with its bit in `given`.
  private enum Name: UInt32 {
    case socket = 1
    case timeout = 2
    case onError = 4
    case service = 8
    case local = 16
    case quiet = 32
    case debug = 64
    case origin = 128
    case role = 256
    case network = 512
    case factor = 1024
    case authorize = 2048

    init?(_ text: Span<UInt8>) {
      if text.hasSameBytes(as: "socket") {
        self = .socket
      } else if text.hasSameBytes(as: "timeout") {
        self = .timeout
      } else if text.hasSameBytes(as: "onerr") {
        self = .onError
      } else if text.hasSameBytes(as: "service") {
        self = .service
      } else if text.hasSameBytes(as: "local") {
        self = .local
      } else if text.hasSameBytes(as: "quiet") {
        self = .quiet
      } else if text.hasSameBytes(as: "debug") {
        self = .debug
      } else if text.hasSameBytes(as: "origin") {
        self = .origin
      } else if text.hasSameBytes(as: "role") {
        self = .role
      } else if text.hasSameBytes(as: "network") {
        self = .network
      } else if text.hasSameBytes(as: "factor") {
        self = .factor
      } else if text.hasSameBytes(as: "authorize") {
        self = .authorize
      } else {
        return nil
      }
    }
  }

  /// Decimal digits without a sign or a leading zero.
  private static func milliseconds(_ text: Span<UInt8>) throws(OptionProblem) -> UInt32 {
    guard text.count <= 5, text.byte(at: 0) != 0x30 else { throw .timeout }
    var number: UInt32 = 0
    var position = 0
    while let byte = text.byte(at: position) {
      guard 0x30...0x39 ~= byte else { throw .timeout }
      number = number &* 10 &+ UInt32(byte &- 0x30)
      position &+= 1
    }
    guard 50...30000 ~= number else { throw .timeout }
    return number
  }

  private static func onError(_ word: Span<UInt8>) throws(OptionProblem) -> OnError {
    if word.hasSameBytes(as: "fail") { return .fail }
    if word.hasSameBytes(as: "succeed") { return .succeed }
    throw .onError
  }

  private static func local(_ word: Span<UInt8>) throws(OptionProblem) -> LocalLogin {
    if word.hasSameBytes(as: "ignore") { return .ignore }
    if word.hasSameBytes(as: "ask") { return .ask }
    if word.hasSameBytes(as: "deny") { return .deny }
    throw .local
  }

  private static func origin(_ word: Span<UInt8>) throws(OptionProblem) -> OriginSource {
    if word.hasSameBytes(as: "rhost") { return .remoteHost }
    if word.hasSameBytes(as: "session") { return .session }
    throw .origin
  }

  /// Names with a comma between them.
  private static func names(_ text: Span<UInt8>) -> BoundedBytes<512>? {
    var start = 0
    while true {
      var end = start
      while let byte = text.byte(at: end), byte != 0x2C { end &+= 1 }
      guard name(text.bytes(from: start, count: end &- start)) != nil else { return nil }
      guard end < text.count else { return BoundedBytes(text) }
      start = end &+ 1
    }
  }

  /// A name as a policy gives one to a role or a network (gatehouse-policy(5)).
  private static func name(_ text: Span<UInt8>) -> BoundedBytes<64>? {
    var position = 0
    while let byte = text.byte(at: position) {
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x5F: break
      case 0x30...0x39, 0x2D: guard position > 0 else { return nil }
      default: return nil
      }
      position &+= 1
    }
    return text.isEmpty ? nil : BoundedBytes(text)
  }
}
