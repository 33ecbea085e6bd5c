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

  /// What becomes of a login without a remote host.
  public enum LocalLogin: Sendable {
    /// It goes on, and nobody is asked.
    case ignore
    /// The daemon is asked.
    case ask
    /// It is refused, and nobody is asked.
    case deny
  }

  /// The daemon's socket.
  public private(set) var socket = SocketPath.standard
  /// Milliseconds for everything together, 50 to 30000.
  public private(set) var timeout: UInt32 = 2000
  /// What becomes of a login without a usable answer.
  public private(set) var onError = OnError.fail
  /// The service to judge as; empty where it is PAM_SERVICE.
  public private(set) var service = BoundedBytes<255>()
  /// What becomes of a login without a remote host.
  public private(set) var local = LocalLogin.ignore
  /// Say nothing to the user.
  public private(set) var quiet = false
  /// Log each step.
  public private(set) var debug = false

  private var given: UInt32 = 0

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
    switch name {
    case .socket:
      guard let path = SocketPath(value) else { throw .socket }
      socket = path
    case .timeout: timeout = try ModuleOptions.milliseconds(value)
    case .onError: onError = try ModuleOptions.onError(value)
    case .service:
      guard !value.isEmpty, let name = BoundedBytes<255>(value) else { throw .service }
      service = name
    case .local: local = try ModuleOptions.local(value)
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
}
